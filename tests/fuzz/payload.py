"""Fuzz target: a payload's bytes. Both of fastavro's readers agree on them, and no stage fails on any."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, Self
from unittest import mock

import fastavro
import fastavro._read_py as pure

from broker.domain.codes import NOTICES, REJECTIONS
from broker.domain.identifiers import AgencyId, EventType
from broker.errors import PayloadError
from broker.intake.take_in import Received
from broker.lanes.block import Entry, EntryKind, pack, unpack
from broker.registry.history import Writer
from broker.registry.topics import from_topic
from broker.release.admit import Refused, admit
from broker.release.book import Place
from broker.wire import avro
from broker.wire.avro import Codec
from broker.wire.envelope import Payload
from broker.wire.shape import Shape
from tests import builders
from tests.property.stages import Stages

NOW_US: Final = 1_795_219_200_000_000
RECORDED: Final = Path(__file__).parents[1] / "vectors" / "events"
ODD: Final = "every kind of Avro"
ODD_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "record",
    "name": "odd",
    "fields": [
        {"name": "whole", "type": ["null", {"type": "int", "minimum": 0, "maximum": 9}]},
        {"name": "single", "type": "float"},
        {"name": "double", "type": ["null", "double"]},
        {"name": "raw", "type": {"type": "bytes", "maxLength": 9}},
        {"name": "fixed", "type": {"type": "fixed", "name": "Four", "size": 4}},
        {"name": "map", "type": {"type": "map", "values": ["null", "string"]}, "maxItems": 3},
        {"name": "lists", "type": {"type": "array", "items": {"type": "array", "items": "long"}}},
        {
            "name": "records",
            "type": {
                "type": "array",
                "items": {
                    "type": "record",
                    "name": "One",
                    "fields": [
                        {"name": "yes", "type": "boolean"},
                        {"name": "text", "type": ["null", "string"]},
                    ],
                },
            },
        },
    ],
}
"""What the linter keeps out of the language, and the codec reads all the same"""


@dataclass(frozen=True)
class _Kind:
    """One version of one event type; or what is no event."""

    event_type: str
    codec: Codec
    names: frozenset[str]
    today: bool


class PayloadTarget:
    """First two bytes: which schema, of which version. The rest: what stands where the record should be."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        catalogue = stages.means.catalogue
        self._kinds = [_kind(ODD, Codec(ODD_SCHEMA), today=True)]
        for writer in sorted(catalogue.writers.values(), key=_order):
            today = catalogue.codecs[writer.event_type].fingerprint == writer.codec.fingerprint
            self._kinds.append(_kind(str(writer.event_type), writer.codec, today=today))
        self._interval = stages.means.interval_for(stages.today)
        self.accepted = 0

    @classmethod
    def made(cls, folder: Path) -> Self:
        """With keys of its own; `folder` is for them."""
        return cls(Stages.of_shipped(folder, "2026-11-20"))

    def input(self, number: int, body: bytes) -> bytes:
        """What makes the target read `body` under this schema; 0 is the one of no event."""
        return number.to_bytes(2, "big") + body

    def seeds(self) -> Iterator[bytes]:
        """What is no event; an event of each type, planned and urgent; the recorded ones of old versions."""
        items = {"lists": [[1, -1], []], "records": [{"yes": True, "text": "t"}]}
        odd = {"whole": 3, "single": 0.5, "double": 2.5, "raw": b"raw", "fixed": b"four", "map": {"a": "b"}}
        yield self.input(0, self._kinds[0].codec.encode({**odd, **items}))
        for number, kind in enumerate(self._kinds[1:], 1):
            if not kind.today:
                yield from (self.input(number, body) for body in _recorded(kind))
                continue
            for setting in ("planned", "emergency_live"):
                record = builders.BUILDERS[kind.event_type](changes={"setting": setting})
                yield self.input(number, kind.codec.encode(record))

    def __call__(self, data: bytes) -> None:
        """Raises AssertionError, or whatever a reader raises that it must not."""
        kind = self._kinds[int.from_bytes(data[:2], "big") % len(self._kinds)]
        codec, body = kind.codec, data[2:]
        record = _read_by_both(codec, body)
        if record is not None:
            assert codec.encode(record) == body, "a record has two spellings"
            assert set(codec.limits(record)) <= kind.names
        if kind.event_type != ODD:
            self._through_the_stages(kind, body)

    def _through_the_stages(self, of: _Kind, body: bytes) -> None:
        agency = AgencyId(builders.PUBLISHERS.get(EventType(of.event_type), "moor-governance"))
        received = Received(from_topic(agency), agency, 7, NOW_US, None)
        kind = self._stages.means.reader.registry.kind(agency)
        made = self._stages.take_in._entry(received, kind, 0, Payload(of.codec.fingerprint, body))
        entry = unpack(pack(made))
        today = _names(self._stages.means.catalogue.codecs[EventType(of.event_type)].shape)
        assert set(entry.fields) <= {"event_id", "subject", *today}
        if entry.kind is EntryKind.REJECTION:
            assert entry.code in REJECTIONS
            return
        assert entry.code in {"", *NOTICES}
        self._admitted(entry)

    def _admitted(self, entry: Entry) -> None:
        stages = self._stages
        stages.forget()
        self.accepted += 1
        found = admit(stages.means, stages.books[0], Place(1, 0), entry, self._interval)
        assert not (isinstance(found, Refused) and found.cause), f"a stage failed: {found}"


def _kind(event_type: str, codec: Codec, *, today: bool) -> _Kind:
    return _Kind(event_type, codec, frozenset(_names(codec.shape)), today)


def _order(writer: Writer) -> tuple[str, bytes]:
    return str(writer.event_type), writer.codec.fingerprint


def _recorded(kind: _Kind) -> Iterator[bytes]:
    """The recorded bytes of this older version, which are among those of its type."""
    for path in sorted((RECORDED / kind.event_type).glob("*.avro")):
        body = path.read_bytes()
        try:
            kind.codec.decode(body)
        except PayloadError:
            continue
        yield body


def _read_by_both(codec: Codec, body: bytes) -> dict[str, Any] | None:
    """The record as the codec reads it, by the compiled reader and by the one in Python; None: refused."""
    with mock.patch.object(avro, "fastavro", SimpleNamespace(schemaless_reader=pure.schemaless_reader)):
        by_python = _read(codec, body)
    compiled = _read(codec, body)
    assert compiled == by_python, "the compiled reader and the one in Python disagree"
    return compiled


def _read(codec: Codec, body: bytes) -> dict[str, Any] | None:
    try:
        return codec.decode(body)
    except PayloadError as error:
        refused = error
    assert refused.code in {"bytes_do_not_round_trip", "payload_too_large"}
    # fastavro's words quote values, so that nothing of its errors may hang on ours.
    assert refused.fields == ()
    assert refused.__context__ is None or refused.__suppress_context__
    return None


def _names(shape: Shape) -> Iterator[str]:
    for part in shape.fields.values():
        yield part.name
        yield from _names(part)


assert fastavro.schemaless_reader is not pure.schemaless_reader, "fastavro came without its compiled reader"
