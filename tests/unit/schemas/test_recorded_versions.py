"""Every version ever recorded is still there, and its recorded bytes still say what they said."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from broker.errors import PayloadError
from broker.registry.catalogue import load_catalogue
from broker.wire.avro import Codec
from broker.wire.versions import VERSIONS, Recorded, kept, read_versions
from consumers.kit.reading import to_json
from tests.builders import SCHEMAS

BYTES = Path(__file__).parents[2] / "vectors" / "events"
RECORDED = read_versions(SCHEMAS / VERSIONS)
EVERY = [(name, one) for name, versions in RECORDED.items() for one in versions]
IDS = [f"{name} {one.version}" for name, one in EVERY]
CATALOGUE = load_catalogue(SCHEMAS)


def told(event_type: str, recorded: Recorded) -> tuple[bytes, dict[str, Any]]:
    place = BYTES / event_type
    said = json.loads((place / f"{recorded.version}.json").read_text(encoding="utf-8"))
    return (place / f"{recorded.version}.avro").read_bytes(), said


def says(given: Any, expected: Any) -> bool:
    """Whether a value of today's says all that was said, and nothing that was not."""
    if isinstance(expected, dict):
        more = [given[key] for key in given.keys() - expected.keys()]
        return all(says(given[key], value) for key, value in expected.items()) and not any(map(is_told, more))
    if isinstance(expected, list):
        return len(given) == len(expected) and all(map(says, given, expected))
    return bool(given == expected)


def is_told(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(is_told, value.values()))
    return value not in (None, [], "", "unknown", "not_asked")


def test_versions_and_recorded_bytes_are_the_same_list() -> None:
    bytes_of = {f"{path.parent.name} {path.stem}" for path in BYTES.glob("*/*.avro")}
    assert bytes_of == set(IDS), "python tests/vectors/make_event_vectors.py"


@pytest.mark.parametrize(("event_type", "recorded"), EVERY, ids=IDS)
def test_a_recorded_schema_is_the_text_of_its_fingerprint(event_type: str, recorded: Recorded) -> None:
    file = SCHEMAS / VERSIONS / event_type / f"{recorded.version}.json"
    fingerprint = hashlib.sha256(file.read_bytes()).digest()
    assert fingerprint == recorded.fingerprint
    assert fingerprint.hex() == told(event_type, recorded)[1]["fingerprint"]


@pytest.mark.parametrize(("event_type", "recorded"), EVERY, ids=IDS)
def test_recorded_bytes_say_what_they_said(event_type: str, recorded: Recorded) -> None:
    codec = Codec(recorded.schema)
    body, said = told(event_type, recorded)
    record = codec.decode(body)
    assert to_json(codec.shape, record) == said["record"]
    assert codec.encode(record) == body


@pytest.mark.parametrize(("event_type", "recorded"), EVERY, ids=IDS)
def test_recorded_bytes_are_read_as_an_event_of_today(event_type: str, recorded: Recorded) -> None:
    body, said = told(event_type, recorded)
    today = CATALOGUE.codecs[event_type]  # type: ignore[index]
    writer = CATALOGUE.writers[recorded.fingerprint]
    assert writer.event_type == event_type
    record = writer.record_again(body)
    today.decode(today.encode(record))
    assert says(to_json(today.shape, record), said["record"])
    if recorded in kept(RECORDED[event_type], today.fingerprint):
        assert writer.record(body) == record
    else:
        with pytest.raises(PayloadError, match="schema_retired"):
            writer.record(body)
