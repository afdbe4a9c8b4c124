"""Instants: text with an offset outside, whole microseconds since 1970 in UTC inside."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(text: str) -> int | None:
    """Microseconds since 1970-01-01T00:00Z; None when `text` is no date and time with its offset.

    A time without an offset is refused: it means another instant in summer, and nobody could tell.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    if "T" not in text or instant.tzinfo is None:
        return None
    return (instant - _EPOCH) // _MICROSECOND


def to_text(micros: int) -> str:
    """ISO 8601 in UTC with its offset, such as `2026-11-20T23:41:00+00:00`."""
    return (_EPOCH + timedelta(microseconds=micros)).isoformat()
