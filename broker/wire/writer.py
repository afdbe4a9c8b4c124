"""Writes records of one shape as Avro bytes, checking types as it goes; compiled once a schema.

fastavro reads for us and proves this writer in tests. It does not write for us: it tries every branch
of each union on every value, and a delivery has some fifty fields of null or one type
(docs/decisions/0020).
"""

import math
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from broker.wire.shape import Shape

Writer = Callable[[Any], bytes]
"""a value -> its bytes"""


class UnfitError(Exception):
    """A value is not of its shape's type. Says nothing: `type_faults` names the field."""


WRITER_RAISES: Final = (
    UnfitError,
    AttributeError,
    KeyError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)
"""What a writer raises on a record that is not of its shape"""

_SHORT: Final = 2_048


def _varint(number: int) -> bytes:
    zigzag = (number << 1) ^ (number >> 63)
    out = bytearray()
    while zigzag > 0x7F:
        out.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    out.append(zigzag)
    return bytes(out)


_LENGTHS: Final = tuple(_varint(number) for number in range(_SHORT))


def _length(number: int) -> bytes:
    return _LENGTHS[number] if number < _SHORT else _varint(number)


def compile_writer(shape: Shape) -> Writer:
    """A writer for values of `shape`. Where the shape is nullable, null is the first branch."""
    write = _COMPILE[shape.kind](shape)
    return _nullable(write) if shape.nullable else write


def _nullable(write: Writer) -> Writer:
    def nullable(value: Any) -> bytes:
        return b"\x00" if value is None else b"\x02" + write(value)

    return nullable


def _record(shape: Shape) -> Writer:
    fields = tuple((key, compile_writer(part)) for key, part in shape.fields.items())
    count = len(fields)

    def record(value: Any) -> bytes:
        if len(value) != count:
            raise UnfitError
        return b"".join([write(value[key]) for key, write in fields])

    return record


def _array(shape: Shape) -> Writer:
    assert shape.item is not None
    item = compile_writer(shape.item)

    def array(value: Any) -> bytes:
        if type(value) is not list:
            raise UnfitError
        return _length(len(value)) + b"".join(map(item, value)) + b"\x00" if value else b"\x00"

    return array


def _map(shape: Shape) -> Writer:
    assert shape.item is not None
    item = compile_writer(shape.item)

    def mapping(value: Any) -> bytes:
        if type(value) is not dict:
            raise UnfitError
        pairs = b"".join([_text(key) + item(part) for key, part in value.items()])
        return _length(len(value)) + pairs + b"\x00" if value else b"\x00"

    return mapping


def _text(value: Any) -> bytes:
    if not isinstance(value, str):
        raise UnfitError
    raw = value.encode()
    return _length(len(raw)) + raw


def _bytes(value: Any) -> bytes:
    if type(value) is not bytes:
        raise UnfitError
    return _length(len(value)) + value


def _whole(bits: int) -> Writer:
    least, end = -(2 ** (bits - 1)), 2 ** (bits - 1)

    def whole(value: Any) -> bytes:
        if type(value) is not int or not least <= value < end:
            raise UnfitError
        return _LENGTHS[value] if 0 <= value < _SHORT else _varint(value)

    return whole


def _real(form: struct.Struct) -> Writer:
    def real(value: Any) -> bytes:
        if type(value) is not float or not math.isfinite(value):
            raise UnfitError
        return form.pack(value)

    return real


def _boolean(value: Any) -> bytes:
    if type(value) is not bool:
        raise UnfitError
    return b"\x01" if value else b"\x00"


def _fixed(shape: Shape) -> Writer:
    def fixed(value: Any) -> bytes:
        if type(value) is not bytes or len(value) != shape.size:
            raise UnfitError
        return value

    return fixed


def _enum(shape: Shape) -> Writer:
    # A look-up refuses whatever is no symbol; a dict cannot be one.
    return {symbol: _varint(index) for index, symbol in enumerate(shape.symbols)}.__getitem__


_COMPILE: Final[Mapping[str, Callable[[Shape], Writer]]] = {
    "record": _record,
    "array": _array,
    "map": _map,
    "string": lambda _: _text,
    "bytes": lambda _: _bytes,
    "int": lambda _: _whole(32),
    "long": lambda _: _whole(64),
    "float": lambda _: _real(struct.Struct("<f")),
    "double": lambda _: _real(struct.Struct("<d")),
    "boolean": lambda _: _boolean,
    "fixed": _fixed,
    "enum": _enum,
}
