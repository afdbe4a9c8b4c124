"""NHS numbers inside texts: in clear, in digits of any script, in base64, or cut over two texts (R36).

This finds what people and programs write by mistake. Whoever means to hide a number can: no search of
texts stops an author (hazard H12).
"""

import binascii
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from broker.domain.event import Event, Value
from broker.domain.fields import CONSUMED, IDENTIFIERS
from broker.domain.identifiers import FieldName, is_nhs_number

NHS_NUMBER_IN_TEXT: Final = "nhs_number_in_text"

# Three, three and four, as people write it, with whatever they put between: 999 000 0018, 999.000.0018.
_TEN_DIGITS: Final = re.compile(
    r"(?<![0-9])([0-9]{3})[^0-9A-Za-z]{0,3}([0-9]{3})[^0-9A-Za-z]{0,3}([0-9]{4})(?![0-9])"
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{14,}")
"""Ten digits in base64, in either alphabet, take fourteen characters"""
_MAYBE_TEN: Final = re.compile(r"[0-9]{3}[^0-9A-Za-z]{0,3}[0-9]{3}[^0-9A-Za-z]{0,3}[0-9]{4}")
"""The same without a look at what stands around: three times as fast where there is nothing"""
_THREE_IN_BASE64: Final = re.compile(r"[MNO][DTjz][AEIMQUYcgk][w-z0-5]")
"""What three digits become; wherever a number begins, and however it is grouped, three of it stand so"""
_BETWEEN: Final = " x "
_PARTS: Final = ("subject", "core", "person")
_PREFIXES: Final = (("", None), ("subject.", "subject"), ("person.", "person"))
_URL_SAFE: Final = str.maketrans("-_", "+/")
_AT_A_CUT: Final = 24
"""Characters on one side of a cut that can belong to a number, with room to see that no digit goes before"""
# A reference goes out under the desk's own name for it, what the exchange reads goes to nobody, and a date
# is no text: none is half a number.
_NO_HALF: Final = IDENTIFIERS | CONSUMED | {"subject.date_of_birth"}


def tainted_fields(event: Event) -> frozenset[FieldName]:
    """Fields with a text that holds an NHS number; they stay where the number may not go.

    The field that is the number, and the neutral core, are the policies' business.
    """
    told = list(_told(event))
    found: set[FieldName] = set()
    if _may_hold_one(_BETWEEN.join([text for _, text in told])):
        found = {name for name, text in told if holds_nhs_number(text)}
    return frozenset(found | _cut_over_two([one for one in told if one[0] not in _NO_HALF]))


def holds_nhs_number(text: str) -> bool:
    """Whether there is a sound number in `text`, in clear, in digits of another script or in base64."""
    if _in_clear(text):
        return True
    if not text.isascii() and _in_clear(_in_ascii_digits(text)):
        return True
    return any(_in_clear(decoded) for token in _BASE64.findall(text) for decoded in _decoded(token))


def _told(event: Event) -> Iterator[tuple[FieldName, str]]:
    """Every text of the event, with the name of the field that is released, or not, with it."""
    # An event id goes to nobody, and one in a thousand spells a number by chance.
    skipped = {"event_id", *_PARTS, *(one.name for one in event.spec.fields if one.nhs_number)}
    for prefix, part in _PREFIXES:
        held = event.record if part is None else event.record.get(part)
        for key, value in (held or {}).items():
            if not value or (name := prefix + key) in skipped:
                continue
            if type(value) is str:
                yield FieldName(name), value
            else:
                for text in _texts(value):
                    yield FieldName(name), text


def _may_hold_one(texts: str) -> bool:
    """A quick look at all texts at once: most events have nothing that could be a number."""
    quick = _MAYBE_TEN.search(texts) or _THREE_IN_BASE64.search(texts)
    return quick is not None or not texts.isascii()


def _texts(value: Value) -> Iterator[str]:
    if type(value) is str:
        yield value
    elif type(value) is dict:
        for one in value.values():
            yield from _texts(one)
    elif type(value) is list:
        for one in value:
            yield from _texts(one)


def _in_clear(text: str) -> bool:
    return any(is_nhs_number("".join(found)) for found in _TEN_DIGITS.findall(text))


def _in_ascii_digits(text: str) -> str:
    return "".join(one if one.isascii() else str(unicodedata.decimal(one, one)) for one in text)


def _decoded(token: str) -> Iterator[str]:
    """What `token` spells, wherever in it the base64 begins."""
    plain = token.translate(_URL_SAFE)
    for begin in range(4):
        part = plain[begin:]
        part = part[:-1] if len(part) % 4 == 1 else part
        yield binascii.a2b_base64(part + "=" * (-len(part) % 4)).decode("latin-1")


def _cut_over_two(halves: list[tuple[FieldName, str]]) -> set[FieldName]:
    """Fields whose texts, read one after the other, show a number that neither shows alone."""
    # An end and a beginning of one and the same text are no cut: that text was searched whole.
    ends = [one for one in enumerate(halves) if _is_digit(one[1][1].rstrip()[-1:])]
    begins = [one for one in enumerate(halves) if _is_digit(one[1][1].lstrip()[:1])]
    found: set[FieldName] = set()
    for at, (name, text) in ends:
        first = text.rstrip()[-_AT_A_CUT:]
        for other_at, (other, rest) in begins:
            if other_at != at and _spans(first + rest.lstrip()[:_AT_A_CUT], len(first)):
                found |= {name, other}
    return found


def _spans(joined: str, cut: int) -> bool:
    return any(
        one.start() < cut < one.end() and is_nhs_number("".join(one.groups()))
        for one in _TEN_DIGITS.finditer(joined)
    )


def _is_digit(one: str) -> bool:
    return "0" <= one <= "9"
