"""Compares what became of an event with what the oracle says of it, decision by decision, field by field."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from broker.release.settle import Settled
from tests.evenings import Told
from tests.oracle.clerk import Facts
from tests.oracle.rules import Verdict
from tests.oracle.sources import holds_number, present_fields
from tests.property.canaries import neutral
from tests.property.stages import Stages, given_fields

PSEUDONYMOUS = {
    "incident_ref",
    "episode_ref",
    "subject.local_ref",
    "person.transfer_of",
    "person.about_event",
    "person.referral",
}
"""References: each desk has names of its own for them"""
HIDDEN = ["location_withheld"]


@dataclass(frozen=True, slots=True)
class Expected:
    """One event, and what the oracle says of it at its place."""

    told: Told
    facts: Facts
    verdicts: Mapping[str, Verdict]


@dataclass
class Comparison:
    """What was compared, what differs, and what there was to compare."""

    differences: list[str] = field(default_factory=list)
    examples: dict[str, str] = field(default_factory=dict)
    extents: Counter[tuple[str, str]] = field(default_factory=Counter)
    branches: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    events: int = 0
    deliveries: int = 0
    fields: int = 0

    def decisions(self, expected: Expected, decided: Mapping[str, Any]) -> None:
        """Whether an event had exactly the decisions that it must have."""
        self.events += 1
        if set(decided) != set(expected.verdicts):
            odd = sorted(set(decided) ^ set(expected.verdicts))
            self.differences.append(f"{expected.told.event_type}: decisions {odd}")

    def decision(self, expected: Expected, name: str, decision: Mapping[str, Any]) -> None:
        """Whether a decision is the oracle's, in outcome, extent and names of fields."""
        verdict = expected.verdicts[name]
        self._count(expected, name, verdict)
        found = (str(decision["outcome"]), str(decision["extent"]), frozenset(decision["fields"]))
        if found != (verdict.outcome, verdict.extent, verdict.may):
            more, less = sorted(found[2] - verdict.may), sorted(verdict.may - found[2])
            self._differs(
                expected, name, f"{found[:2]}, not {verdict[:2]}; beyond {more}; lacks {less}", decision
            )

    def delivery(
        self, expected: Expected, name: str, record: Mapping[str, Any], given: Mapping[str, Any]
    ) -> None:
        """Whether a delivery holds the values of those fields as told, and tells nothing beside them."""
        verdict, told = expected.verdicts[name], expected.told
        # A field whose presence alone is told counts as gone, too.
        self.holds(expected, name, set(given) | set(record["present"]))
        agency = name.partition("/")[0]
        for one, value in given.items():
            as_told = value == _published(told.record, one)
            if as_told == (one in PSEUDONYMOUS) and agency != told.publisher:
                self._differs(expected, name, f"{one} as told: {as_told}", {})
        if (record["effects"] == HIDDEN) != verdict.location_withheld:
            self._differs(expected, name, f"effects {record['effects']}", {})
        if agency == "moor-police":
            self._to_police(expected, name, record)

    def holds(self, expected: Expected, name: str, given: set[str]) -> None:
        """Whether a delivery holds those fields and no other."""
        self.deliveries += 1
        self.fields += len(given)
        if given != expected.verdicts[name].may:
            self._differs(expected, name, f"holds {sorted(given ^ expected.verdicts[name].may)}", {})

    def settled(self, stages: Stages, expected: Expected, settled: Iterable[Settled]) -> None:
        """Hold every decision on one event, and every delivery, against the oracle."""
        by_name = {str(each.decision.subscription): each for each in settled}
        self.decisions(expected, by_name)
        for name in sorted(set(by_name) & set(expected.verdicts)):
            each = by_name[name]
            self.decision(expected, name, each.decision.record())
            if each.delivery is not None:
                record = stages.opened(each)
                self.delivery(expected, name, record, given_fields(record))

    def _to_police(self, expected: Expected, name: str, record: Mapping[str, Any]) -> None:
        """R8: incident, threshold, purpose, expiry and the marking; and always the clinician line (4.7)."""
        whole = record["extent"] == "core" or (
            record["incident_ref"] is not None
            and record["expires_at"] is not None
            and record["marking"] == "incident_only"
            and (record["threshold"] is not None or "ended" in name or "handover" in name)
        )
        if record["clinician_line"] is None or not whole:
            self._differs(expected, name, "lacks what R8 asks for", {})

    def _differs(self, expected: Expected, name: str, what: str, decision: Mapping[str, Any]) -> None:
        told, facts = expected.told.record, expected.facts
        why = (told["setting"], told["purpose"], told["regime"], told["capacity"], told["core"]["area"][:10])
        known = (facts.sound, sorted(facts.markers), len(facts.incidents), len(facts.wishes))
        reasons = list(decision.get("reasons", ()))
        self.differences.append(f"{name}: {what}")
        self.examples.setdefault(f"{name}: {what}", f"reasons {reasons}; event {why}; known {known}")

    def _count(self, expected: Expected, name: str, verdict: Verdict) -> None:
        self.extents[verdict.outcome, verdict.extent] += 1
        self.rows[f"{name}  {verdict.extent}"] += 1
        for branch in branches(expected, name, verdict):
            self.branches[branch] += 1

    def show(self) -> None:
        """Print what was compared."""
        print(
            f"\n{self.events} events, {self.extents.total()} decisions, {self.deliveries} deliveries,"
            f" {self.fields} fields compared; {len(self.rows)} pairs of subscription and extent"
        )
        print(
            *(f"{n:7}  {outcome:9} {extent}" for (outcome, extent), n in sorted(self.extents.items())),
            sep="\n",
        )
        print(*(f"{n:7}  {branch}" for branch, n in sorted(self.branches.items())), sep="\n")

    def summary(self) -> str:
        """Each kind of difference, the most frequent first, with one example."""
        kinds = Counter(self.differences).most_common(40)
        said = [f"{count:6}  {kind}\n        {self.examples.get(kind, '')}" for kind, count in kinds]
        return "\n".join([f"{len(self.differences)} differences", *said])


def branches(expected: Expected, name: str, verdict: Verdict) -> set[str]:
    """The branches of the law that bear on a decision; one that is never taken is not shown to hold."""
    told, facts = expected.told, expected.facts
    desk, event_type, purpose = name.split("|")
    gone = verdict.extent in {"minimised", "full"}
    tests = {
        "objection without an agreement": any(one.endswith(" in an emergency") for one in verdict.why),
        "unsound identity": not facts.sound,
        "location withheld": verdict.location_withheld,
        "volunteer": desk == "harbour-vcs/volunteer" and gone,
        "carer": desk == "moor-carer/self" and gone,
        "housing": desk == "moor-housing/options" and gone,
        "peer supporter": desk == "northmoor-crisis/peer" and gone,
        "police minimum": purpose == "P5" and gone,
        "P6 held": purpose == "P6" and verdict.outcome == "held",
        "custody ended": purpose == "P5" and event_type == "pos.s136.ended" and gone,
        "handover": event_type == "pos.s136.handover" and purpose == "P5" and gone,
        "expired agreement": (desk, event_type) == ("moor-gp/practice", "amb.mh_response.outcome"),
        "southmoor, no voluntary agreement": desk.startswith("harbour-vcs/") and _in_southmoor(told),
        "place not known": told.record["core"]["area"] not in {"northmoor", "southmoor"},
        "refused purpose": told.record["purpose"].startswith("PX"),
        "incident ended": purpose == "P5"
        and bool(facts.incidents)
        and verdict.extent == "minimised"
        and verdict.may == {"person.ended_at"},
        "gateway that is none": (desk, purpose)
        in {
            ("moor-police/street-triage", "P6"),
            ("moor-police/missing-persons", "P7"),
        },
        "number in the text": _number_in_text(told),
    }
    return set(verdict.why) | {one for one, holds in tests.items() if holds}


def _in_southmoor(told: Told) -> bool:
    return bool(told.record["core"]["area"] == "southmoor")


def _number_in_text(told: Told) -> bool:
    present = present_fields(told.event_type, told.record).items()
    return any(holds_number({}, value) for name, (_, value) in present if name != "subject.nhs_number")


def _published(record: Mapping[str, Any], name: str) -> Any:
    part, _, key = name.rpartition(".")
    return neutral(name, (record[part] if part else record)[key])
