"""What the stages of release need besides the event: registers, schemas and keys, all read-only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from broker.domain.agreement import Agreement, ReferralClock, Subscription
from broker.domain.identifiers import AgencyId, AgreementId, DeskId, LaneNumber, agency_of
from broker.domain.vocabulary import AgencyKind, Purpose
from broker.lanes.placement import lane_of
from broker.registry.catalogue import CORE, Catalogue
from broker.registry.event_reader import EventReader
from broker.registry.keyring import KeyRing
from broker.registry.registry import Registry
from broker.release.match import Matcher
from broker.release.naming import NamedEvent, Naming
from broker.wire.avro import Codec

CORE_SCHEMA = CORE
Route = tuple[DeskId, AgencyKind, Purpose]


@dataclass(frozen=True)
class Means:
    """Everything a stage may look things up in."""

    catalogue: Catalogue
    registry: Registry
    agreements: Mapping[AgreementId, Agreement]
    interval_for: Callable[[str], str]
    """ISO date -> first day of the interval of effective dates it falls in"""
    keyring: KeyRing = field(repr=False)
    reader: EventReader
    matcher: Matcher
    lanes: int
    naming: Naming = field(repr=False)
    responders: Mapping[DeskId, frozenset[str]]
    """desks that must act -> the places they serve"""
    clocks: Mapping[str, ReferralClock]
    """place -> how soon a referral must be taken on there"""
    routes: Mapping[AgencyId, tuple[Route, ...]]
    """agency -> the ways on which its desks get events"""
    blanks: Mapping[str, Mapping[str, Any]] = field(repr=False)
    """delivery schema -> its record with every field null"""

    def clinician_line(self, place: str) -> str:
        """The number to ring for an event of this place; for a place that is not ours, the first we know."""
        line = self.registry.clinician_line(place)
        return line if line is not None else next(iter(self.registry.places.values())).clinician_line

    def clock(self, place: str) -> ReferralClock | None:
        """How soon a referral of this place must be taken on; for a place that is not ours, the shortest."""
        shortest = min(self.clocks.values(), key=lambda one: one.minutes, default=None)
        return self.clocks.get(place, shortest)

    def cited(self, agency: AgencyId, name: str) -> NamedEvent | None:
        """The event that an agency cites by the name under which one of its desks received it."""
        for route in self.routes.get(agency, ()):
            event = self.naming.event_behind(*route, name)
            if event is not None:
                return event if event.lane < self.lanes else None
        return None

    def must_act(self, desk: DeskId, place: str) -> bool:
        """Whether this desk must act for an event of this place; for a place that is not ours, all must."""
        served = self.responders.get(desk)
        return served is not None and (place in served or place not in self.registry.places)

    @cached_property
    def forces(self) -> frozenset[AgencyId]:
        """Agencies that are police."""
        entries = self.registry.agencies.items()
        return frozenset(name for name, entry in entries if entry.kind is AgencyKind.POLICE)

    def lane_of(self, subject: str) -> LaneNumber:
        """The lane a subject stands in."""
        return lane_of(self.keyring.placement, subject, self.lanes)

    def desk_kind(self, desk: DeskId) -> AgencyKind:
        """Kind of a desk."""
        return self.registry.kind(AgencyId(desk.partition("/")[0]))


def make_means(
    catalogue: Catalogue,
    registry: Registry,
    keyring: KeyRing,
    agreements: Mapping[AgreementId, Agreement],
    subscriptions: tuple[Subscription, ...],
    interval_for: Callable[[str], str],
    responders: Mapping[DeskId, frozenset[str]],
    clocks: Mapping[str, ReferralClock],
    lanes: int,
) -> Means:
    """Everything the stages need, from what was read at start."""
    kinds = {one.desk: registry.desk_kind(one.desk) for one in subscriptions}
    codecs: dict[str, Codec] = {str(name): codec for name, codec in catalogue.deliveries.items()}
    codecs[CORE_SCHEMA] = catalogue.core
    return Means(
        catalogue=catalogue,
        registry=registry,
        agreements=agreements,
        interval_for=interval_for,
        keyring=keyring,
        reader=EventReader(catalogue, registry),
        matcher=Matcher(
            subscriptions,
            kinds,
            frozenset(responders),
            {name: agreement.publishers for name, agreement in agreements.items()},
            frozenset(registry.places),
        ),
        lanes=lanes,
        responders=responders,
        clocks=clocks,
        routes=_routes(subscriptions, kinds),
        naming=Naming(keyring.pseudonym_key),
        blanks={name: blank_record(codec.schema) for name, codec in codecs.items()},
    )


def _routes(
    subscriptions: tuple[Subscription, ...], kinds: Mapping[DeskId, AgencyKind]
) -> Mapping[AgencyId, tuple[Route, ...]]:
    found: dict[AgencyId, dict[Route, None]] = {}
    for one in subscriptions:
        found.setdefault(agency_of(one.desk), {})[one.desk, kinds[one.desk], one.purpose] = None
    return {agency: tuple(routes) for agency, routes in found.items()}


def blank_record(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A delivery record in which every field is null and every part is there, with null fields."""
    (fields,) = [one for one in schema["fields"] if one["name"] == "fields"]
    return {"fields": {one["name"]: _blank(one["type"]) for one in fields["type"]["fields"]}}


def _blank(type_: Any) -> dict[str, None] | None:
    # The parts are the only fields of a delivery that are not a union with null.
    return None if isinstance(type_, list) else {inner["name"]: None for inner in type_["fields"]}
