"""One payload in quarantine as its lane remembers it: never its bytes, only whose they are and their hash."""

import json
from dataclasses import astuple, dataclass, replace

from broker.domain.quarantine import KEPT_US, KeptState
from broker.errors import IntegrityError


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row of `lane-state`, under the place of the entry that was not taken in."""

    publisher: str
    topic: str
    """where it came in, with its offset and index there"""
    offset: int
    index: int
    kept_at_us: int
    """when the log took it in, microseconds since 1970-01-01T00:00Z"""
    code: str
    event_id: str
    kept_sha256: str
    """of what is kept, 64 hexadecimal digits; empty where nothing is"""
    can_come_again: bool
    """false: it holds no payload, or its event was decided and only a desk's part is in quarantine"""
    state: KeptState = KeptState.KEPT

    @property
    def is_kept(self) -> bool:
        """Whether nothing has become of it yet."""
        return self.state is KeptState.KEPT

    def is_over(self, at_us: int) -> bool:
        """Whether its thirty days are over at this instant."""
        return self.kept_at_us + KEPT_US <= at_us

    def pack(self) -> bytes:
        """The value of its row."""
        return json.dumps(astuple(self), separators=(",", ":")).encode("ascii")

    @classmethod
    def unpack(cls, data: bytes) -> "KeptRow":
        """The row of these bytes.

        Raises:
            IntegrityError: they are no such row.
        """
        try:
            *parts, said = json.loads(data)
            row, state = cls(*parts), KeptState(said)
        except (TypeError, ValueError):
            raise IntegrityError("a row of quarantine cannot be read") from None
        return replace(row, state=state)
