"""What the kit must remember over a restart: the outbox's stream and unsent envelopes, the inbox's ids."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from broker.errors import UsageError

IDS_KEPT_DAYS: Final = 45
"""longer than a `to.` topic keeps its messages (30 days, design 2.1)"""

_OUTBOX: Final = """
CREATE TABLE IF NOT EXISTS stream (id BLOB NOT NULL, next_sequence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS unsent (sequence INTEGER PRIMARY KEY, envelope BLOB NOT NULL);
"""
_INBOX: Final = """
CREATE TABLE IF NOT EXISTS seen (delivery_id TEXT PRIMARY KEY, at_s INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (
    topic TEXT, partition INTEGER, at_offset INTEGER, code TEXT,
    PRIMARY KEY (topic, partition, at_offset, code)
) WITHOUT ROWID;
"""


def _connect(path: Path, schema: str, *pragmas: str, wait_s: float) -> sqlite3.Connection:
    path.touch(mode=0o600, exist_ok=True)
    connection = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
    for pragma in (*pragmas, "journal_mode=WAL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(schema)
    return connection


class OutboxStore:
    """Sequence numbers and unsent envelopes of one agency, which are sealed: the folder holds no plaintext.

    An envelope is written here before it is sent and leaves when Kafka has confirmed it, so a crash
    neither skips a sequence nor gives one to two different envelopes.
    """

    def __init__(self, path: Path, stream: bytes, *, wait_s: float = 5.0) -> None:
        """Open, and lock against every other writer.

        Args:
            stream: id for a stream that begins now; an outbox that was used before keeps its own.

        Raises:
            UsageError: another program is publishing for this agency.
        """
        try:
            pragmas = ("locking_mode=EXCLUSIVE", "synchronous=FULL")
            self._db = _connect(path, _OUTBOX, *pragmas, wait_s=wait_s)
            self._db.execute("BEGIN IMMEDIATE")
            if self._db.execute("SELECT count(*) FROM stream").fetchone()[0] == 0:
                self._db.execute("INSERT INTO stream VALUES (?, 0)", (stream,))
            self._db.execute("COMMIT")
        except sqlite3.OperationalError:
            raise UsageError(
                f"{path} is in use or cannot be written. Another program publishes for this agency: "
                "stop it, or wait until it has done."
            ) from None
        self.stream, self.next_sequence = self._db.execute("SELECT id, next_sequence FROM stream").fetchone()

    def unsent(self) -> list[tuple[int, bytes]]:
        """Envelopes that Kafka has not confirmed, oldest first."""
        return self._db.execute("SELECT sequence, envelope FROM unsent ORDER BY sequence").fetchall()

    def add(self, envelopes: Sequence[bytes]) -> None:
        """Keep envelopes under the next sequence numbers, all or none, on disk when this returns."""
        first = self.next_sequence
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("INSERT INTO unsent VALUES (?, ?)", enumerate(envelopes, first))
        self._db.execute("UPDATE stream SET next_sequence = ?", (first + len(envelopes),))
        self._db.execute("COMMIT")
        self.next_sequence = first + len(envelopes)

    def sent(self, sequences: Iterable[int]) -> None:
        """Kafka has these."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM unsent WHERE sequence = ?", ((number,) for number in sequences))
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Give the lock back."""
        self._db.close()


class InboxStore:
    """Which deliveries a desk has taken: ids only, no content."""

    def __init__(self, path: Path) -> None:
        self._db = _connect(path, _INBOX, "synchronous=NORMAL", wait_s=10.0)
        self._db.execute("DELETE FROM seen WHERE at_s < ?", (int(time.time()) - IDS_KEPT_DAYS * 86_400,))

    def has(self, delivery_id: str) -> bool:
        """Whether the application has taken it."""
        row = self._db.execute("SELECT 1 FROM seen WHERE delivery_id = ?", (delivery_id,)).fetchone()
        return row is not None

    def take(self, delivery_ids: Iterable[str]) -> None:
        """The application has taken these."""
        now_s = int(time.time())
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?)", ((known, now_s) for known in delivery_ids)
        )
        self._db.execute("COMMIT")

    def refuse(self, topic: str, partition: int, offset: int, code: str) -> None:
        """Keep where something stands that was not delivered, so that it can be looked into."""
        self._db.execute(
            "INSERT OR IGNORE INTO refused VALUES (?, ?, ?, ?)", (topic, partition, offset, code)
        )

    def refused(self, code: str) -> list[tuple[str, int, int]]:
        """Places (topic, partition, offset) of what was refused for this reason, in order."""
        return self._db.execute(
            "SELECT topic, partition, at_offset FROM refused WHERE code = ? ORDER BY 1, 2, 3", (code,)
        ).fetchall()

    def accept(self, topic: str, partition: int, offset: int, code: str) -> None:
        """What was refused there for this reason can be read by now."""
        self._db.execute(
            "DELETE FROM refused WHERE topic = ? AND partition = ? AND at_offset = ? AND code = ?",
            (topic, partition, offset, code),
        )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
