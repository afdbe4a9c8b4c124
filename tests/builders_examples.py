"""Builds events of the types that have no builder of their own, from the examples that agencies are shown."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from broker.wire.avro import Codec
from consumers.kit.reading import read_record
from tests.builders_frame import OCCURRED_AT_US, PEOPLE, Person, Record, changed, event_id

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "schemas"
EXAMPLES = SCHEMAS / "examples"
"""`<event type>.json`: one line to publish, laid out, with a value in every field"""


@cache
def codec(event_type: str) -> Codec:
    """The codec of a shipped event schema."""
    return Codec(json.loads((SCHEMAS / f"{event_type}.avsc").read_text(encoding="utf-8")))


def example_types() -> list[str]:
    """Every event type that has an example."""
    return sorted(path.stem for path in EXAMPLES.glob("*.json"))


def example_publisher(event_type: str) -> str:
    """The first agency of the model area of the first kind that may publish it."""
    kind = codec(event_type).schema["publishers"][0]
    area = yaml.safe_load((ROOT / "policies/area.yaml").read_text(encoding="utf-8"))["agencies"]
    return next((name for name, agency in area.items() if agency["kind"] == kind), "candour")


def example_builder(event_type: str) -> Callable[..., Record]:
    """A builder that tells the example of another person, at another time, under another id."""

    def build(
        person: Person = PEOPLE[0],
        *,
        number: int = 1,
        at_us: int = OCCURRED_AT_US,
        changes: Mapping[str, Any] | None = None,
    ) -> Record:
        record = deepcopy(_example(event_type))
        moved = at_us - record["occurred_at"]
        record = _later(record, moved)
        record["event_id"] = event_id(number)
        told = {name: value for name, value in _identity(person).items() if record["subject"].get(name)}
        record["subject"] |= told
        return changed(record, changes)

    return build


@cache
def _example(event_type: str) -> Record:
    given = json.loads((EXAMPLES / f"{event_type}.json").read_text(encoding="utf-8"))
    if given.pop("event_type") != event_type:
        raise ValueError(event_type)
    record, faults = read_record(codec(event_type).shape, {"event_id": event_id(1), **given})
    if faults:
        raise ValueError(f"{event_type}: {faults}")
    return record


def _identity(person: Person) -> dict[str, str]:
    return {
        "nhs_number": person.nhs_number,
        "local_ref": person.police_ref,
        "family_name": person.family_name,
        "given_name": person.given_name,
        "date_of_birth": person.date_of_birth,
    }


def _later(value: Any, moved_us: int) -> Any:
    # Instants are the only numbers of this size.
    if isinstance(value, dict):
        return {key: _later(inner, moved_us) for key, inner in value.items()}
    if isinstance(value, int) and not isinstance(value, bool) and value > 10**14:
        return value + moved_us
    return value
