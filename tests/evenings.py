"""Invented evenings: some people, some hours, every agency, both places; anything that can happen may.

    for told in evening(seed, begins_us):
        publish(told.event_type, told.record, told.publisher)

The same seed gives the same evening. An evening is no story: what follows what is partly by chance, because
the exchange must be right about what it was never meant for, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from tests.property.canaries import (
    BY_NUMBER,
    CLASSES,
    DESKS,
    HOUR_US,
    MARKERS,
    MINUTE_US,
    NEEDS_A_YES,
    PUBLISHERS,
    SCHEMAS,
    WISHES,
    Canaries,
    Record,
    Somebody,
    end_after_it_began,
    make_event,
)

# What tends to follow what; each step is left out now and then.
ARCS: tuple[tuple[str, ...], ...] = (
    (
        *("police.mh_call.triaged", "police.s136.detained", "police.s136.conveyance", "pos.s136.arrived"),
        *("sc.amhp.assessment_requested", "pos.s136.handover", "police.s136.handover_replied"),
        *(
            "sc.safeguarding.concern_raised",
            "pos.s136.ended",
            "crisis.triage.completed",
            "police.incident.closed",
        ),
    ),
    (
        *("crisis.triage.completed", "ed.mh.arrived", "amb.mh_response.outcome", "police.incident.closed"),
        *("amb.mh_response.outcome", "sc.safeguarding.concern_raised", "pos.s136.ended"),
    ),
    (
        "police.mh_call.triaged",
        "crisis.referral.accepted",
        "amb.mh_response.outcome",
        "crisis.triage.completed",
    ),
    (
        *("crisis.self_referral.received", "crisis.triage.completed", "crisis.home_treatment.started"),
        *(
            "cmht.coordinator.allocated",
            "vcs.referral.sent",
            "vcs.referral.accepted",
            "cmht.crisis_plan.updated",
        ),
    ),
    (
        *("person.permission.given",) * 5,
        *("crisis.home_treatment.started", "vcs.referral.sent", "crisis.triage.completed"),
        *("cmht.coordinator.allocated", "person.permission.withdrawn", "vcs.referral.sent"),
    ),
    (
        *("person.objection.raised", "police.s136.detained", "pos.s136.arrived"),
        *("amb.mh_response.outcome", "person.objection.raised", "crisis.triage.completed"),
        *("amb.mh_response.outcome",) * 2,
        *("police.mh_call.triaged", "ed.mh.arrived", "sc.safeguarding.concern_raised"),
    ),
    # The force closes its incident before the detention ends (R3, R21).
    ("pos.s136.arrived", "pos.s136.extended", "police.incident.closed", "pos.s136.ended"),
    (
        "person.restriction.set",
        "police.s136.detained",
        "crisis.triage.completed",
        "person.restriction.lifted",
    ),
    (
        *("sc.safeguarding.concern_raised", "sc.safeguarding.s42.opened", "sc.amhp.assessment_completed"),
        *(
            "vcs.concern.raised",
            "person.permission.given",
            "person.permission.given",
            "person.adjustment.set",
        ),
        *("sc.housing_risk.identified", "vcs.engagement.status", "sc.safeguarding.s42.closed"),
    ),
    (
        *("carer.information.given", "carer.registered", "person.permission.given", "carer.support.offered"),
        *("person.deceased", "person.complaint", "person.capacity.recorded", "cmht.coordinator.allocated"),
        *("pos.s136.arrived", "person.adjustment.set", "person.advance.registered", "person.complaint"),
        *("person.objection.raised", "vcs.concern.raised", "carer.information.given"),
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event as its agency publishes it."""

    event_type: str
    publisher: str
    record: Record = field(repr=False)
    logged_at_us: int
    again: bool = False
    """a copy of one that was published before"""


def evening(seed: int, begins_us: int, hours: int | None = None, first: int = 0) -> list[Told]:
    """8 to 20 events of 1 to 4 people who do not exist, in the order in which the exchange hears them."""
    return _Evening(Canaries(seed, begins_us, first)).told(hours)


class _Evening:
    def __init__(self, canaries: Canaries) -> None:
        self.canaries = canaries
        self.chance: Random = canaries.chance
        self.people = [canaries.somebody() for _ in range(self.chance.randint(1, 4))]
        # Now and then an evening is in a place that nobody has signed anything for.
        self.place = self.chance.choice((*("northmoor",) * 4, *("southmoor",) * 2, None, None, "overmoor"))

    def told(self, hours: int | None) -> list[Told]:
        found: list[Told] = []
        steps = self._steps()
        # Some evenings reach into the next night, so that every window of R3 is left.
        hours = self.chance.choice((3, 6, 10, 14, 30, 56)) if hours is None else hours
        at_us = self.canaries.now_us
        for event_type, who in steps:
            at_us += self.chance.randrange(2 * hours * HOUR_US // len(steps) + 1) + (
                MINUTE_US if hours else 0
            )
            self.canaries.now_us = at_us
            publisher = self.chance.choice(PUBLISHERS[event_type])
            record = self._record(event_type, publisher, who)
            found.append(Told(event_type, publisher, record, at_us))
            if self.chance.random() < 0.06:
                found.append(self._copy(found, at_us + 1))
        return found

    def _copy(self, found: list[Told], at_us: int) -> Told:
        one = self.chance.choice(found)
        return Told(one.event_type, one.publisher, one.record, at_us, again=True)

    def _steps(self) -> list[tuple[str, Somebody]]:
        steps: list[tuple[str, Somebody]] = []
        while len(steps) < self.chance.randint(8, 18):
            who = self.chance.choice(self.people)
            arc = self.chance.choice(ARCS)
            steps += [(one, who) for one in arc if self.chance.random() < 0.8]
            for _ in range(self.chance.randint(0, 4)):
                kind = self.chance.choice((tuple(PUBLISHERS), WISHES, MARKERS))
                at = self.chance.randint(0, len(steps))
                steps.insert(at, (self.chance.choice(kind), self.chance.choice(self.people)))
        return steps[:20]

    def _record(self, event_type: str, publisher: str, who: Somebody) -> Record:
        record = make_event(self.canaries, event_type, publisher, who)
        for change in (self._when, self._where, self._who, self._how, self._link, self._scope):
            change(record, event_type, publisher, who)
        end_after_it_began(record)
        return record

    def _when(self, record: Record, event_type: str, publisher: str, who: Somebody) -> None:
        """Mostly just now; sometimes hours ago, or by a clock that is ahead."""
        back_us = self.chance.choice((0, 0, 0, 0, 0, 2, 13, 25, -1)) * HOUR_US
        record["occurred_at"] = self.canaries.instant(self.canaries.now_us - back_us)
        for name in ("ended_at", "closed_at", "released_at", "accepted_at", "arrived_at"):
            if record["person"].get(name) is not None and self.chance.random() < 0.7:
                record["person"][name] = self.canaries.instant(self.canaries.now_us)

    def _where(self, record: Record, event_type: str, publisher: str, who: Somebody) -> None:
        place = "southmoor" if publisher.startswith("southmoor") else self.place
        if place is not None and self.chance.random() < 0.8:
            record["core"]["area"] = place

    def _who(self, record: Record, event_type: str, publisher: str, who: Somebody) -> None:
        """Mostly as they are known; sometimes nobody's name, a mistyped number, or another person's."""
        subject, chance = record["subject"], self.chance.random()
        if "about" in SCHEMAS[event_type] or publisher not in BY_NUMBER:
            return
        if event_type in WISHES or event_type in MARKERS:
            subject["nhs_number"] = who.nhs_number
        elif chance < 0.03:
            subject["nhs_number"], subject["local_ref"] = None, None
        elif chance < 0.06:
            digit = str((int(who.nhs_number[9]) + 1) % 10)
            subject["nhs_number"] = who.nhs_number[:9] + digit
        elif chance < 0.09:
            subject["nhs_number"] = self.chance.choice(self.people).nhs_number

    def _how(self, record: Record, event_type: str, publisher: str, who: Somebody) -> None:
        record["capacity"] = self.chance.choice(("unknown", "has", "lacks"))
        person = record["person"]
        for name in ("threshold", "threshold_confirmed"):
            if name in person:
                person[name] = self.chance.choice(("life_risk", "life_risk", "serious_harm", "none", "crime"))
        if event_type == "person.restriction.set" and self.chance.random() < 0.5:
            person["marker"] = "location_withheld"
        if event_type == "person.restriction.lifted" and self.chance.random() < 0.5:
            person["marker"] = "location_withheld"

    def _link(self, record: Record, event_type: str, publisher: str, who: Somebody) -> None:
        at_the_door = event_type == "pos.s136.arrived" or self.chance.random() < 0.3
        if at_the_door and "police_link" in record["person"]:
            names = {"incident_ref": who.incident_ref, "local_ref": who.references["moor-police"]}
            record["person"]["police_link"] = {"force": "moor-police", **names}

    def _scope(self, record: Record, event_type: str, publisher: str, who: Somebody) -> None:
        """Often a wish is about those it matters to most: who needs a yes, or who must come."""
        if event_type not in WISHES or self.chance.random() < 0.4:
            return
        person = record["person"]
        if event_type == "person.objection.raised":
            desk, asks = self.chance.choice(DESKS), self.chance.choice((["P1"], [], ["P1", "P4"], ["P3"]))
            person["scope_purposes"] = asks
            person["scope_recipients"] = self.chance.choice(([desk], [desk.partition("/")[0]], [], []))
            person["scope_classes"] = self.chance.choice(([], [], ["SF", "LP"], ["ID", "OP"], ["CL", "AU"]))
        else:
            desk = self.chance.choice(tuple(NEEDS_A_YES))
            person["scope_purposes"], person["scope_recipients"] = [NEEDS_A_YES[desk]], [desk]
            person["scope_classes"] = self.chance.sample(CLASSES, self.chance.randint(6, len(CLASSES)))
            person["valid_until"] = None


def evenings(count: int, seed: int, begins_us: int) -> Iterator[list[Told]]:
    """Many evenings, each by a seed of its own."""
    for number in range(count):
        yield evening(seed + number, begins_us)
