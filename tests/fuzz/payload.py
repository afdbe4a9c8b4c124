"""Fuzz target: a payload's bytes. Both of fastavro's readers agree on them, and no stage fails on any."""

from collections.abc import Iterator, Mapping
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


class PayloadTarget:
    """First byte: which schema. The rest: what its publisher put where the record should be."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        codecs = stages.means.catalogue.codecs
        self._types: tuple[str, ...] = (ODD, *sorted(map(str, codecs)))
        self._odd = Codec(ODD_SCHEMA)
        self._names = {name: frozenset(_names(self.codec(name).shape)) for name in self._types}
        self._interval = stages.means.interval_for(stages.today)
        self.accepted = 0

    @classmethod
    def made(cls, folder: Path) -> Self:
        """With keys of its own; `folder` is for them."""
        return cls(Stages.of_shipped(folder, "2026-11-20"))

    def codec(self, name: str) -> Codec:
        """The codec of one schema."""
        return self._odd if name == ODD else self._stages.means.catalogue.codecs[EventType(name)]

    def input(self, name: str, body: bytes) -> bytes:
        """What makes the target read `body` under this schema."""
        return bytes((self._types.index(name),)) + body

    def seeds(self) -> Iterator[bytes]:
        """An event of each type, planned and urgent; and one of everything else."""
        for name in self._types[1:]:
            for setting in ("planned", "emergency_live"):
                record = builders.BUILDERS[name](changes={"setting": setting})
                yield self.input(name, self.codec(name).encode(record))
        odd = {"whole": 3, "single": 0.5, "double": 2.5, "raw": b"raw", "fixed": b"four", "map": {"a": "b"}}
        items = {"lists": [[1, -1], []], "records": [{"yes": True, "text": "t"}]}
        yield self.input(ODD, self._odd.encode({**odd, **items}))

    def __call__(self, data: bytes) -> None:
        """Raises AssertionError, or whatever a reader raises that it must not."""
        if not data:
            return
        name = self._types[data[0] % len(self._types)]
        codec, body = self.codec(name), data[1:]
        record = _read_by_both(codec, body)
        if record is not None:
            assert codec.encode(record) == body, "a record has two spellings"
            assert set(codec.limits(record)) <= self._names[name]
        if name != ODD:
            self._through_the_stages(name, codec, body)

    def _through_the_stages(self, name: str, codec: Codec, body: bytes) -> None:
        agency = AgencyId(builders.PUBLISHERS.get(EventType(name), "moor-governance"))
        received = Received(from_topic(agency), agency, 7, NOW_US, None)
        kind = self._stages.means.reader.registry.kind(agency)
        _, packed = self._stages.take_in._entry(received, kind, 0, Payload(codec.fingerprint, body))
        entry = unpack(pack(packed))
        assert set(entry.fields) <= self._names[name] | {"event_id", "subject"}
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
