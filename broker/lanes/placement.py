"""Placement: in which lane does a subject stand? Workers of both stages must say the same."""

import hashlib
import hmac

from broker.domain.identifiers import LaneNumber


def lane_of(placement_key: bytes, subject: str, lanes: int) -> LaneNumber:
    """First 8 bytes of HMAC-SHA256(placement key, subject), modulo lanes (design 2.3)."""
    digest = hmac.digest(placement_key, b"candour/placement/v1|" + subject.encode(), hashlib.sha256)
    return LaneNumber(int.from_bytes(digest[:8], "big") % lanes)
