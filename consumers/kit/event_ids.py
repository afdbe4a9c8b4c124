"""Event ids: UUIDs of version 7, which sort by when they were made (RFC 9562 5.7)."""

import os
import time
import uuid

from broker.domain.identifiers import EventId


def new_event_id() -> EventId:
    """48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (2**48 - 1)) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return EventId(str(uuid.UUID(int=value)))
