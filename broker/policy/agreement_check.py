"""What must hold of an agreement before it may become policy; each problem names the file and what to do."""

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from broker.domain.answer import BASES
from broker.domain.codes import MARKINGS
from broker.domain.event import FieldSpec
from broker.domain.fields import is_consumed
from broker.domain.identifiers import DeskId, EventType, agency_of
from broker.domain.vocabulary import HEALTH_AND_CARE, AgencyKind, FieldClass, Purpose, Trait
from broker.policy.class_table import BY_PERMISSION, column_of, may_ever_go
from broker.policy.sources import AGREEMENTS, PublishedType

CONFIDENTIALITY = frozenset({"implied", "explicit", "public_interest", "statute"})
POLICE_PURPOSES = frozenset({Purpose.P5, Purpose.P6, Purpose.P7})
"""Purposes of police work; every other is care (R1)"""

GATEWAYS = frozenset(
    {
        "care_act_2014_s42",
        "cda_1998_s115",
        "common_law_protect_life",
        "dpa_2018_s36_4",
        "hsca_2012_s251b",
        "mha_1983_s13",
        "mha_1983_s135",
        "mha_1983_s136",
        "pcsc_2022_s16",
    }
)
"""Gateways that an agreement can quote. That one is quoted does not make it one (R12, R13)"""

_POLICE_NEVER = frozenset({FieldClass.CL, FieldClass.CX, FieldClass.AU, FieldClass.TP, FieldClass.SC})
_SHAPES: Mapping[str, type | tuple[type, ...]] = {
    "agreement": str,
    "title": str,
    "publishers": list,
    "desks": list,
    "purposes": list,
    "places": list,
    "starts": str,
    "ends": str,
    "signed": list,
    "basis": str,
    "confidentiality": str,
    "gateway": (str, type(None)),
    "incident_scoped": bool,
    "event_types": dict,
    "expires_after_hours": (int, type(None)),
    "marking": str,
    "nhs_number_in_clear": bool,
    "duty_contact": dict,
}
_OPTIONAL: Mapping[str, type] = {"gateways": list}
_ID = re.compile(r"[a-z][a-z0-9-]{2,60}")


@dataclass(frozen=True, slots=True)
class Known:
    """What an agreement may refer to."""

    kinds: Mapping[str, AgencyKind]
    """agency -> kind"""
    served: Mapping[str, frozenset[str]]
    """agency -> places whose events its desks may ask for"""
    desks: frozenset[str]
    places: frozenset[str]
    types: Mapping[EventType, PublishedType]
    table: Mapping[str, Any]

    def kind_of(self, desk: str) -> AgencyKind:
        """Kind of the desk's agency."""
        return self.kinds[agency_of(DeskId(desk))]

    def served_by(self, desk: str) -> frozenset[str]:
        """Places that the desk's agency serves."""
        return self.served[agency_of(DeskId(desk))]

    def asked_of(self, row: Mapping[str, Any]) -> frozenset[str]:
        """Places whose events a row of subscriptions asks for."""
        return frozenset(row.get("places") or self.served_by(row["desk"]))

    def asked_anywhere(self, row: Mapping[str, Any]) -> bool:
        """Whether it also asks for events of a place that nobody knows."""
        return bool(row.get("anywhere", "places" not in row))


def agreement_problems(name: str, terms: Mapping[str, Any], known: Known) -> Iterator[str]:
    """Everything that is wrong with the agreement in file `name`, one sentence each."""
    where = f"{AGREEMENTS}/{name}"
    shape = list(_shape_problems(terms))
    problems = shape or [
        *_word_problems(name, terms, known),
        *_date_problems(terms),
    ]
    if not problems:
        problems = [*_party_problems(terms, known), *_police_problems(terms, known)]
        problems += _type_problems(terms, known)
    yield from (f"{where}: {problem}" for problem in problems)


def _shape_problems(terms: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(map(str, set(terms) - set(_SHAPES) - set(_OPTIONAL))):
        yield f"{key} is no part of an agreement; take it out"
    for key, shape in _SHAPES.items():
        if key not in terms:
            yield f"{key} is missing; write it, if need be as null"
        elif not isinstance(terms[key], shape) or (shape is not bool and isinstance(terms[key], bool)):
            yield f"{key} has the wrong shape"
        elif shape in (list, dict) and not terms[key]:
            yield f"{key} is empty"
    for key, shape in _OPTIONAL.items():
        if key in terms and (not isinstance(terms[key], shape) or not terms[key]):
            yield f"{key} has the wrong shape, or is empty; leave it out"


def _word_problems(name: str, terms: Mapping[str, Any], known: Known) -> Iterator[str]:
    if not _ID.fullmatch(terms["agreement"]) or name != f"{terms['agreement']}.yaml":
        yield "agreement must be the file's own name, in lower case with hyphens"
    yield from _unknown("publishers", terms["publishers"], set(known.kinds), "an agency of area.yaml")
    yield from _unknown("desks", terms["desks"], known.desks, "a desk of area.yaml")
    yield from _unknown("places", terms["places"], known.places, "a place of area.yaml")
    yield from _unknown(
        "purposes", terms["purposes"], set(known.table["tables"]), "a purpose that may be agreed (4.3, R4)"
    )
    yield from _unknown("event_types", list(terms["event_types"]), set(known.types), "a published event type")
    yield from _unknown("basis", [terms["basis"]], BASES, "a bundle of 3.3")
    yield from _unknown("confidentiality", [terms["confidentiality"]], CONFIDENTIALITY, "a ground of 3.1")
    yield from _unknown("gateways", terms.get("gateways", []), GATEWAYS, "a gateway we know")
    yield from _unknown("marking", [terms["marking"]], set(MARKINGS), "a marking (candour codes)")
    hours = terms["expires_after_hours"]
    if hours is not None and hours <= 0:
        yield "expires_after_hours is a number above 0, or null"
    if terms["gateway"] == "":
        yield "gateway quotes the law, or is null"


def _unknown(key: str, words: list[Any], allowed: Any, what: str) -> Iterator[str]:
    for word in words:
        if not isinstance(word, str) or word not in allowed:
            yield f"{key}: {word} is not {what}"
    if len({str(word) for word in words}) < len(words):
        yield f"{key}: something stands twice; take one out"


def _date_problems(terms: Mapping[str, Any]) -> Iterator[str]:
    for key in ("starts", "ends"):
        try:
            datetime.date.fromisoformat(terms[key])
        except ValueError:
            yield f"{key} is no date; write it as 2026-04-01"
    if not terms["starts"] < terms["ends"]:
        yield "ends is the first day no longer in force, so it comes after starts"


def _party_problems(terms: Mapping[str, Any], known: Known) -> Iterator[str]:
    parties = {*terms["publishers"], *(agency_of(DeskId(desk)) for desk in terms["desks"])}
    signed = {one.get("agency") for one in terms["signed"] if isinstance(one, dict)}
    for party in sorted(parties - signed):
        yield f"signed: {party} has not signed; an agreement binds only who signed it"
    if set(terms["duty_contact"]) != set(terms["places"]):
        yield "duty_contact: give one number for each place"
    kinds = {known.kind_of(desk) for desk in terms["desks"]}
    if terms["nhs_number_in_clear"] and not kinds <= HEALTH_AND_CARE:
        yield "nhs_number_in_clear: only health and care may have the number (R36); write false"
    columns = {column_of(known.table, DeskId(desk), known.kind_of(desk)) for desk in terms["desks"]}
    if columns & BY_PERMISSION and terms["confidentiality"] != "explicit":
        yield "confidentiality: desks outside the statutory services need explicit (R28, B9)"


def _police_problems(terms: Mapping[str, Any], known: Known) -> Iterator[str]:
    if all(known.kind_of(desk) is not AgencyKind.POLICE for desk in terms["desks"]):
        return
    if not set(terms["purposes"]) <= POLICE_PURPOSES:
        yield f"purposes: police may ask for {', '.join(sorted(POLICE_PURPOSES))} only (R1)"
    if not terms["incident_scoped"]:
        yield "incident_scoped: must be true where a desk is police (R3)"
    if terms["expires_after_hours"] is None or terms["marking"] != "incident_only":
        yield "expires_after_hours and marking incident_only are needed where a desk is police (R8)"


def _type_problems(terms: Mapping[str, Any], known: Known) -> Iterator[str]:
    for event_type, names in terms["event_types"].items():
        published = known.types[event_type]
        if not published.publishers & {known.kinds[agency] for agency in terms["publishers"]}:
            yield f"event_types: none of the publishers may publish {event_type}"
        if not isinstance(names, list) or not names:
            yield f"event_types: {event_type} needs a list of fields"
            continue
        yield from _unknown(event_type, names, set(published.fields), f"a field of {event_type}")
        for name in names:
            if name in published.fields:
                yield from _field_problems(event_type, terms, published.fields[name], known)


def _field_problems(
    event_type: EventType, terms: Mapping[str, Any], spec: FieldSpec, known: Known
) -> Iterator[str]:
    if is_consumed(event_type, spec.name):
        yield f"{spec.name} is for the exchange itself and goes to nobody; take it out"
        return
    for desk in terms["desks"]:
        kind = known.kind_of(desk)
        if kind is AgencyKind.POLICE and _never_to_police(spec):
            yield f"{spec.name} (class {spec.field_class}) never goes to police (R10, R36); take it out"
        elif spec.field_class is not FieldClass.CORE and _never(terms, spec, desk, kind, known):
            yield f"{spec.name} (class {spec.field_class}) never goes to {desk} (4.5, 4.5b); take it out"


def _never_to_police(spec: FieldSpec) -> bool:
    # Of their own words police get what the person marked for them (4.5).
    marked = spec.field_class is FieldClass.AU and Trait.FOR_POLICE in spec.traits
    return spec.nhs_number or (spec.field_class in _POLICE_NEVER and not marked)


def _never(terms: Mapping[str, Any], spec: FieldSpec, desk: str, kind: AgencyKind, known: Known) -> bool:
    column = column_of(known.table, DeskId(desk), kind)
    return not any(may_ever_go(known.table, column, purpose, spec) for purpose in terms["purposes"])
