"""Events of every type in which each text is a canary: found anywhere else, it says where it came from."""

import json
import random
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

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

_POLICIES = Path(__file__).parents[2] / "policies"
AREA: Schema = yaml.safe_load((_POLICIES / "area.yaml").read_text(encoding="utf-8"))["agencies"]
AGENCIES: tuple[str, ...] = tuple(AREA)
PUBLISHERS: Mapping[str, tuple[str, ...]] = {
    name: found
    for name, schema in SCHEMAS.items()
    if (found := tuple(one for one in AGENCIES if AREA[one]["kind"] in schema["publishers"]))
}
"""Who of the model area may publish what (4.6, R54); what the exchange itself tells, nobody here may"""
WISHES = tuple(name for name in PUBLISHERS if "wish_kind" in SCHEMAS[name])
MARKERS = tuple(name for name in PUBLISHERS if "marks" in SCHEMAS[name])
_ASKED = yaml.safe_load((_POLICIES / "subscriptions.yaml").read_text(encoding="utf-8"))
DESKS: tuple[str, ...] = tuple(sorted({row["desk"] for row in _ASKED}))
"""Desks that ask for something"""
WITHOUT_NUMBERS = {"police", "vcse", "housing", "carer", "commissioner", "governance"}
BY_NUMBER = frozenset(one for one in AGENCIES if AREA[one]["kind"] not in WITHOUT_NUMBERS)
"""Agencies that have NHS numbers"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Somebody who does not exist, as each agency knows them."""

    nhs_number: str = field(repr=False)
    references: Mapping[str, str] = field(repr=False)
    """agency -> its own reference of the person"""
    incident_ref: str = field(repr=False)
    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    date_of_birth: str = field(repr=False)


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

    def __init__(self, seed: int, now_us: int, first: int = 0) -> None:
        """Begin with the canary after number `first`: two that share an exchange must not share a canary."""
        self.chance = random.Random(seed)
        self.now_us = now_us
        self.told: set[str] = set()
        self._made = first

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
        references = {agency: self.text(20) for agency in AGENCIES}
        return Somebody(
            number, references, self.text(24), self.text(40), self.text(30), self._keep(self.birthday())
        )

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
        "purpose": chance.choice(("P1",) * 14 + ("P2", "P9", "PX1")),
        "regime": chance.choice(("ukgdpr",) * 8 + ("part3",)),
        "restrictions": canaries.chosen(_MARKERS, at_most=1) if chance.random() < 0.2 else [],
        "age_band": chance.choice(("adult",) * 7 + ("unknown", "age_16_17", "under_16")),
    }
    record["core"]["area"] = chance.choice(("northmoor",) * 6 + ("southmoor",) * 3 + (canaries.text(30),))
    if schema.get("about") != "service":
        record["subject"] |= _subject(canaries, publisher, who)
    if publisher == "moor-police" and record["incident_ref"] is not None:
        record["incident_ref"] = who.incident_ref
    _about_an_incident(record, schema, who)
    if "police_link" in record["person"]:
        record["person"]["police_link"] = linked(who) if chance.random() < 0.5 else None
    if event_type in WISHES:
        record["person"] |= _scope(canaries, event_type)
    if event_type in MARKERS:
        record["person"]["valid_until"] = chance.choice((None, None, canaries.now_us + 3 * HOUR_US))
    end_after_it_began(record)
    _write_number_into_text(canaries, record, who)
    return record


def end_after_it_began(record: Record) -> None:
    """What ends before it begins is refused; what lasted a minute is not, and counts no more."""
    until_us = record["person"].get("valid_until")
    if until_us is not None and until_us <= record["occurred_at"]:
        record["person"]["valid_until"] = record["occurred_at"] + MINUTE_US


def _about_an_incident(record: Record, schema: Schema, who: Somebody) -> None:
    if schema.get("about") == "incident":
        record["incident_ref"] = who.incident_ref
        record["subject"] = dict.fromkeys(record["subject"])


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
_PURPOSES = ("P1", "P2", "P5", "P9", "P10")
CLASSES = ("ID", "CT", "LP", "LA", "OP", "SF", "LG", "CL", "AU", "SG", "SC", "ST")
NEEDS_A_YES: Mapping[str, str] = {
    PEER: "P1",
    "harbour-vcs/coordinator": "P9",
    "harbour-vcs/volunteer": "P9",
    "moor-carer/self": "P10",
    "moor-housing/options": "P8",
}
"""Desks that hold what they get by the person's permission, and for what they ask"""


def _subject(canaries: Canaries, publisher: str, who: Somebody) -> Record:
    chance = canaries.chance
    by_number = publisher in BY_NUMBER and chance.random() < 0.9
    return {
        "nhs_number": who.nhs_number if by_number else None,
        "local_ref": who.references[publisher],
        "family_name": who.family_name if chance.random() < 0.9 else None,
        "given_name": who.given_name if chance.random() < 0.9 else None,
        "date_of_birth": who.date_of_birth if chance.random() < 0.9 else None,
    }


def linked(who: Somebody) -> Record:
    """What health writes of the police incident that somebody is in."""
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
    recipients = [*DESKS, *AGENCIES]
    scope: Record = {
        "scope_purposes": chance.sample(_PURPOSES, chance.randint(least, 3)),
        "scope_recipients": chance.sample(recipients, chance.randint(least, 3)),
        "scope_classes": chance.sample(CLASSES, chance.randint(least, len(CLASSES))),
        "capacity_ok": "yes",
        "valid_until": None,
    }
    if permission:
        # Mostly for those who need one.
        desk = chance.choice((*NEEDS_A_YES, *NEEDS_A_YES, *DESKS))
        scope["scope_recipients"] = [desk]
        if desk in NEEDS_A_YES and chance.random() < 0.8:
            scope["scope_purposes"] = [NEEDS_A_YES[desk]]
            scope["scope_classes"] = chance.sample(CLASSES, chance.randint(4, len(CLASSES)))
        ends_us = (canaries.now_us - HOUR_US, canaries.now_us + 40 * HOUR_US)
        scope["valid_until"] = chance.choice((None, None, *ends_us))
    return scope


def neutral(name: str, told: Any) -> Any:
    """What a desk is told where a value may be anything somebody wrote: no place but ours is named."""
    return "elsewhere" if name == "core.area" and told not in {"northmoor", "southmoor"} else told
