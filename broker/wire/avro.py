"""Strict Avro: one schema, bytes that have exactly one reading, and values that have exactly one spelling."""

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any, cast

import fastavro

from broker.errors import ConfigurationError, PayloadError
from broker.wire.checks import Walk, limit_rule, type_faults
from broker.wire.envelope import MAX_BODY_BYTES
from broker.wire.shape import Shape, read_shape, without_logical_types
from broker.wire.writer import WRITER_RAISES, compile_writer


def schema_text(schema: Mapping[str, Any]) -> str:
    """The whole schema as sorted compact JSON: what its fingerprint is taken over, and what is recorded."""
    return json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(schema: Mapping[str, Any]) -> bytes:
    """SHA-256 of `schema_text`, 32 bytes.

    Avro's own canonical form would drop our classes and limits (design 2.1).
    """
    return hashlib.sha256(schema_text(schema).encode("utf-8")).digest()


class Codec:
    """Reads and writes records of one schema. Instants are integers: microseconds since 1970-01-01T00:00Z."""

    __slots__ = ("_limits", "_parsed", "_write", "fingerprint", "schema", "shape")

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """Raises ConfigurationError when the schema is not sound (see `read_shape`)."""
        self.schema: Mapping[str, Any] = schema
        self.fingerprint: bytes = fingerprint(schema)
        self.shape: Shape = read_shape(schema)
        try:
            self._parsed = fastavro.parse_schema(without_logical_types(schema))
        except (ValueError, KeyError, fastavro.schema.SchemaParseException) as error:
            raise ConfigurationError(f"A schema does not parse: {type(error).__name__}") from error
        self._write = compile_writer(self.shape)
        self._limits = Walk(self.shape, limit_rule)

    def encode(self, record: Mapping[str, Any]) -> bytes:
        """The one spelling of `record`, which must have every field of the schema and no other.

        Raises:
            PayloadError: `field_invalid` with the names of what is missing, unknown or of another type;
                `payload_too_large`.
        """
        try:
            body = self._write(record)
        except WRITER_RAISES:
            raise PayloadError("field_invalid", type_faults(self.shape, record)) from None
        if len(body) > MAX_BODY_BYTES:
            raise PayloadError("payload_too_large")
        return body

    def decode(self, body: bytes) -> dict[str, Any]:
        """The record that `body` spells. Size first; then only bytes that `encode` would have written.

        Limits are another matter (`limits`): a field beyond its limit may be dropped and the rest go.

        Raises:
            PayloadError: `payload_too_large`; `bytes_do_not_round_trip`, also for what fastavro reads and
                no writer of ours would write: ints beyond 32 bits, NaN, infinity.
        """
        if len(body) > MAX_BODY_BYTES:
            raise PayloadError("payload_too_large")
        record = self.read_again(body)
        try:
            same = self._write(record) == body
        except WRITER_RAISES:
            raise PayloadError("bytes_do_not_round_trip") from None
        if not same:
            raise PayloadError("bytes_do_not_round_trip")
        return record

    def read_again(self, body: bytes) -> dict[str, Any]:
        """The record of bytes that `decode` has accepted before and nobody could change since.

        Raises:
            PayloadError: `bytes_do_not_round_trip`, when they never were.
        """
        try:
            return cast("dict[str, Any]", fastavro.schemaless_reader(io.BytesIO(body), self._parsed, None))
        except Exception:  # noqa: BLE001 - whatever it raises on bytes of strangers, its text quotes values
            raise PayloadError("bytes_do_not_round_trip") from None

    def limits(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Dotted names of the leaves beyond their schema's limits, or outside the years 1900 to 2199.

        Limits are `maxLength` (code points), `maxItems`, `minimum` and `maximum`.

        A leaf inside a sub-record is named in full (`person.found_at.place`); items have their array's name.

        Args:
            record: as `decode` gives it.
        """
        return self._limits.faults(record)
