"""What the oracle reads: the area, who asks, what was signed, and what each field of the language is."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
NUMBER = re.compile(r"(?<!\d)\d{3}[^0-9A-Za-z]{0,3}\d{3}[^0-9A-Za-z]{0,3}\d{4}(?!\d)")
# Read by the exchange itself. A citation is in the words of one desk, hence for no other.
CONSUMED = {"event_id", "setting", "purpose", "regime", "person.police_link"}
CITATIONS = dict.fromkeys(
    (
        "crisis.referral.accepted",
        "vcs.referral.accepted",
        "vcs.referral.received",
        "vcs.referral.declined",
    ),
    "person.referral",
) | dict.fromkeys(
    (
        "broker.hold.decided",
        "broker.match.confirmed",
        "broker.match.split",
        "broker.override.reviewed",
        "broker.recall.confirmed",
    ),
    "person.about_event",
)


def _read(pattern: str) -> dict[str, Any]:
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(ROOT.glob(pattern))}


POLICIES, SCHEMAS = _read("policies/*.yaml"), _read("schemas/*.avsc")
AGREEMENTS = {terms["agreement"]: terms for terms in _read("policies/agreements/*.yaml").values()}
AGENCIES: Mapping[str, Any] = POLICIES["area"]["agencies"]
PLACES = frozenset(POLICIES["area"]["places"])


def kind_of(agency: str) -> str:
    """What an agency is; the exchange's own word is of kind broker."""
    return "broker" if agency == "candour" else str(AGENCIES[agency]["kind"])


def fields_of(event_type: str) -> dict[str, Mapping[str, Any]]:
    """Every field that goes or stays as one: dotted name -> schema."""
    units: dict[str, Mapping[str, Any]] = {}
    for field in SCHEMAS[event_type]["fields"]:
        inner = field["type"]["fields"] if field["class"] == "part" else ()
        units |= {f"{field['name']}.{one['name']}": one for one in inner} or {field["name"]: field}
    mine = CONSUMED | {CITATIONS.get(event_type, "")}
    return {name: one for name, one in units.items() if name not in mine and one["class"] != "RP"}


def present_fields(event_type: str, event: Mapping[str, Any]) -> dict[str, tuple[Mapping[str, Any], Any]]:
    """Of those, the ones that have a value: dotted name -> schema, value."""
    found = {}
    for name, field in fields_of(event_type).items():
        part, _, key = name.rpartition(".")
        value = (event[part] if part else event)[key]
        if value is not None:
            found[name] = (field, value)
    return found


def holds_number(field: Mapping[str, Any], value: Any) -> bool:
    """Whether this field is an NHS number, or holds one in its text (R36)."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return bool(field.get("nhs_number")) or any(map(is_number, NUMBER.findall(text)))


def is_number(text: str) -> bool:
    """Whether the ten digits in it are a sound NHS number."""
    digits = [int(one) for one in text if one.isdigit()]
    if len(digits) != 10:
        return False
    return (11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11) % 11 == digits[9]
