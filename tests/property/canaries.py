"""Events of every type in which each text is a canary: found anywhere else, it says where it came from."""

import json
import random
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Record = dict[str, Any]
Schema = Any

MARK = "Zq7xK"
"""Every canary begins with it, and nothing else does"""
_LETTERS = string.ascii_letters + string.digits
_SCHEMAS = Path(__file__).parents[2] / "schemas"
SCHEMAS: Mapping[str, Schema] = {
    path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(_SCHEMAS.glob("*.avsc"))
}
MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US

AGENCIES = ("moor-police", "moor-pos", "northmoor-crisis", "moor-person")
PUBLISHERS: Mapping[str, tuple[str, ...]] = {
    "police.s136.detained": ("moor-police",),
    "pos.s136.arrived": ("moor-pos",),
    "crisis.triage.completed": ("northmoor-crisis",),
    "person.permission.given": ("moor-person", "moor-person", "moor-pos", "northmoor-crisis"),
    "person.permission.withdrawn": AGENCIES,
    "person.objection.raised": AGENCIES,
}
"""Who of the model area may publish what (4.6, R54)"""
WISHES = tuple(name for name in PUBLISHERS if name.startswith("person."))
DESKS = (
    "moor-pos/s136-suite",
    "northmoor-crisis/crisis-line",
    "northmoor-crisis/home-treatment",
    "northmoor-crisis/peer",
    "moor-police/control-room",
)


@dataclass(frozen=True, slots=True)
class Somebody:
    """Somebody who does not exist, as each agency knows them."""

    nhs_number: str = field(repr=False)
    references: Mapping[str, str] = field(repr=False)
    """agency -> its own reference of the person"""
    incident_ref: str = field(repr=False)


def nhs_number(number: int) -> str:
    """A sound number of the range that is never issued; another for each even `number` below 100,000."""
    while True:
        first = f"9990{number:05d}"
        total = sum(int(digit) * weight for digit, weight in zip(first, range(10, 1, -1), strict=True))
        if (check := (11 - total % 11) % 11) != 10:
            return f"{first}{check}"
        number += 1


class Canaries:
    """Makes distinct values and remembers every one that is told nowhere but in an event."""

    def __init__(self, seed: int, now_us: int) -> None:
        self.chance = random.Random(seed)
        self.now_us = now_us
        self.told: set[str] = set()
        self._made = 0

    def text(self, most: int) -> str:
        """A canary of at most `most` characters, 7 at least."""
        self._made += 1
        mark = MARK + self._number()
        size = min(most, self.chance.choice((12, 24, 60)))
        return self._keep(mark.ljust(min(size, most), "z") if most > len(mark) else mark)

    def instant(self, around_us: int) -> int:
        """A microsecond that no other value has."""
        self._made += 1
        return around_us - self.chance.randrange(30) * MINUTE_US + 1_000 + self._made

    def somebody(self) -> Somebody:
        """A new person."""
        self._made += 2
        number = self._keep(nhs_number(self.chance.randrange(0, 99_000) // 2 * 2))
        return Somebody(number, {agency: self.text(20) for agency in AGENCIES}, self.text(24))

    def birthday(self) -> str:
        """A date of birth."""
        self._made += 1
        return (date(1931, 1, 2) + timedelta(days=self._made * 5 % 27_000)).isoformat()

    def chosen(self, options: Sequence[Any], *, at_most: int) -> list[Any]:
        """Some of `options`, in any order."""
        return self.chance.sample(list(options), self.chance.randint(0, min(at_most, len(options))))

    def event_id(self) -> str:
        """A UUID in its canonical spelling."""
        raw = f"019aa3f2{self.chance.getrandbits(96):024x}"
        return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"

    def value(self, type_: Schema, field_: Schema) -> Any:
        """Any value of this type."""
        if isinstance(type_, list):
            rest = [one for one in type_ if one != "null"]
            return None if self.chance.random() < 0.15 else self.value(rest[0], field_)
        if isinstance(type_, str):
            return self._plain(type_, {})
        return (
            self._compound(type_, field_) if type_["type"] in _COMPOUND else self._plain(type_["type"], type_)
        )

    def _compound(self, type_: Schema, field_: Schema) -> Any:
        if type_["type"] == "record":
            return {one["name"]: self.value(one["type"], one) for one in type_["fields"]}
        if type_["type"] == "enum":
            return self.chance.choice(type_["symbols"])
        most = min(3, type_["maxItems"])
        return [self.value(type_["items"], field_) for _ in range(self.chance.randint(0, most))]

    def _plain(self, kind: str, limits: Schema) -> Any:
        make: Mapping[str, Callable[[], Any]] = {
            "string": lambda: self.text(limits["maxLength"]),
            "long": lambda: self.instant(self.now_us),
            "int": lambda: self.chance.randint(limits.get("minimum", 0), limits.get("maximum", 2**31 - 1)),
            "boolean": lambda: self.chance.random() < 0.5,
        }
        return make[kind]()

    def _number(self) -> str:
        made, text = self._made, ""
        while made:
            made, digit = divmod(made, len(_LETTERS))
            text = _LETTERS[digit] + text
        return text.rjust(3, "a")

    def _keep(self, text: str) -> str:
        self.told.add(text)
        return text


_COMPOUND = frozenset({"record", "enum", "array"})


def make_event(canaries: Canaries, event_type: str, publisher: str, who: Somebody) -> Record:
    """One valid event with a canary in every text and a value of its own in every number."""
    chance, schema = canaries.chance, SCHEMAS[event_type]
    record: Record = {one["name"]: canaries.value(one["type"], one) for one in schema["fields"]}
    record |= {
        "event_id": canaries.event_id(),
        "occurred_at": canaries.instant(canaries.now_us),
        "setting": chance.choice(("emergency_live", "emergency_live", "urgent", "planned")),
        "purpose": chance.choice(("P1",) * 6 + ("P2", "P5", "PX1", "PX3")),
        "regime": chance.choice(("ukgdpr",) * 4 + ("part3",)),
        "restrictions": canaries.chosen(_MARKERS, at_most=1) if chance.random() < 0.3 else [],
        "age_band": chance.choice(("adult",) * 5 + ("unknown", "age_16_17", "under_16")),
    }
    record["core"]["area"] = chance.choice(("northmoor",) * 6 + ("southmoor", canaries.text(30)))
    record["subject"] |= _subject(canaries, publisher, who)
    if record["incident_ref"] is not None and publisher == "moor-police":
        record["incident_ref"] = who.incident_ref
    if "police_link" in record["person"]:
        linked = chance.random() < 0.5
        record["person"]["police_link"] = _link(who) if linked else None
    if event_type in WISHES:
        record["person"] |= _scope(canaries, event_type)
    _write_number_into_text(canaries, record, who)
    return record


def _write_number_into_text(canaries: Canaries, record: Record, who: Somebody) -> None:
    """Now and then somebody writes the NHS number where it does not belong (R36)."""
    number = canaries.chance.choice(
        (who.nhs_number, f"{who.nhs_number[:3]} {who.nhs_number[3:6]} {who.nhs_number[6:]}")
    )
    for held, name in ((record, "shareable_summary"), (record["person"], "what_helps_now")):
        if held.get(name) is not None and canaries.chance.random() < 0.1:
            held[name] = f"{held[name]} {number}"


PEER = "northmoor-crisis/peer"
_MARKERS = ("location_withheld", "domestic_abuse", "alias", "staff_or_vip", "child", "legal_hold")
_PURPOSES = ("P1", "P2", "P5")
_CLASSES = ("ID", "CT", "LP", "OP", "SF", "LG", "CL", "AU", "SG", "ST")


def _subject(canaries: Canaries, publisher: str, who: Somebody) -> Record:
    by_number = publisher != "moor-police" and canaries.chance.random() < 0.9
    return {
        "nhs_number": who.nhs_number if by_number else None,
        "local_ref": who.references[publisher],
        "date_of_birth": canaries.birthday() if canaries.chance.random() < 0.9 else None,
    }


def _link(who: Somebody) -> Record:
    return {
        "force": "moor-police",
        "incident_ref": who.incident_ref,
        "local_ref": who.references["moor-police"],
    }


def _scope(canaries: Canaries, event_type: str) -> Record:
    chance = canaries.chance
    permission = event_type == "person.permission.given"
    # An objection or a withdrawal may leave a part open: then it covers everything of that part.
    least = 0 if not permission and chance.random() < 0.3 else 1
    recipients = [*DESKS, *AGENCIES, canaries.text(40)]
    scope: Record = {
        "scope_purposes": chance.sample(_PURPOSES, chance.randint(least, 3)),
        "scope_recipients": chance.sample(recipients, chance.randint(least, 3)),
        "scope_classes": chance.sample(_CLASSES, chance.randint(least, len(_CLASSES))),
        "capacity_ok": "yes",
        "valid_until": None,
    }
    if permission:
        # Mostly for those who need one.
        scope["scope_recipients"] = [
            chance.choice(("northmoor-crisis/peer", "northmoor-crisis/peer", *DESKS))
        ]
        ends_us = (canaries.now_us - HOUR_US, canaries.now_us + 40 * HOUR_US)
        scope["valid_until"] = chance.choice((None, None, *ends_us))
    return scope


def neutral(name: str, told: Any) -> Any:
    """What a desk is told where a value may be anything somebody wrote: no place but ours is named."""
    return "elsewhere" if name == "core.area" and told not in {"northmoor", "southmoor"} else told
