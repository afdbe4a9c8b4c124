"""Writes the bytes of each recorded version of each event type that has none yet; what is there stays.

    python tests/vectors/make_event_vectors.py

From `schemas/examples`, without the fields that the version does not have.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from broker.wire.avro import Codec  # noqa: E402
from broker.wire.shape import Shape  # noqa: E402
from broker.wire.versions import VERSIONS, Recorded, read_versions  # noqa: E402
from consumers.kit.reading import read_record, to_json  # noqa: E402

EVENTS = Path(__file__).parent / "events"
EVENT_ID = "019aa3f2-7c00-7000-8000-000000000001"


def make(event_type: str, recorded: Recorded, folder: Path = EVENTS) -> None:
    """`<event type>/<version>.avro`, and beside it what it says, as JSON, with its schema's fingerprint."""
    codec = Codec(recorded.schema)
    example = json.loads((ROOT / f"schemas/examples/{event_type}.json").read_text(encoding="utf-8"))
    example = {"event_id": EVENT_ID, **example}
    record, faults = read_record(codec.shape, known(codec.shape, example))
    assert not faults, faults
    place = folder / event_type
    place.mkdir(parents=True, exist_ok=True)
    told = {"fingerprint": codec.fingerprint.hex(), "record": to_json(codec.shape, record)}
    (place / f"{recorded.version}.avro").write_bytes(codec.encode(record))
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False)
    (place / f"{recorded.version}.json").write_text(text + "\n", encoding="utf-8")


def known(shape: Shape, value: Any) -> Any:
    """What of a JSON value a version has fields for."""
    if shape.kind == "record" and isinstance(value, dict):
        return {key: known(shape.fields[key], inner) for key, inner in value.items() if key in shape.fields}
    if shape.item is not None and isinstance(value, list):
        return [known(shape.item, inner) for inner in value]
    return value


if __name__ == "__main__":
    for name, versions in read_versions(ROOT / "schemas" / VERSIONS).items():
        for one in versions:
            if not (EVENTS / name / f"{one.version}.avro").exists():
                make(name, one)
                print(f"{name} {one.version}")
