"""The book of one lane: its rows as values while we hold it. One owner, one batch at a time."""

import hashlib
import hmac
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from broker.errors import IntegrityError
from broker.lanes.block import Entry, pack, unpack
from broker.lanes.state import Position, Taken
from broker.release.kept_row import KeptRow
from broker.release.referral import Referral, Referrals
from broker.release.streams import Stream
from broker.release.subject import NOTHING_KNOWN, SubjectState

_SUBJECT, _SEEN, _WAITING, _REFERRAL, _STREAM, _KEPT = b"s", b"d", b"w", b"t", b"q", b"k"
_PLACE = struct.Struct(">QI")
_SEEN_FIXED = struct.Struct(">16s8s12sB")
_WAITING_FIXED = struct.Struct(">??II")
_TOLD_OF, _REFUSED = "|", "!"
_MOST_SEEN = 255
"""Bytes of what a copy's reply says"""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands in its lane."""

    offset: int
    """of its block in `lane-log`"""
    index: int
    """in the block"""

    def pack(self) -> bytes:
        """12 bytes that sort as places do."""
        return _PLACE.pack(self.offset, self.index)

    @classmethod
    def unpack(cls, data: bytes) -> "Place":
        """The place of these 12 bytes."""
        return cls(*_PLACE.unpack(data))


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that was handled before: enough to tell a copy from a conflict, and to repeat its reply."""

    digest: bytes
    """first 8 bytes of SHA-256 of its payload"""
    place: Place
    code: str
    """code of its reply, empty where there was nothing to say"""
    acting: tuple[str, ...] | None = None
    """agencies that its reply named; None where there was nothing to tell"""
    refused: bool = False

    @property
    def said(self) -> str:
        """What its row keeps of its reply; names beyond the room there is are left out."""
        if self.refused:
            return _REFUSED + self.code
        if self.acting is None:
            return self.code
        named = list(self.acting)
        while len(said := f"{self.code}{_TOLD_OF}{','.join(named)}") > _MOST_SEEN:
            named.pop()
        return said

    @classmethod
    def saying(cls, digest: bytes, place: Place, said: str) -> "Seen":
        """The entry of a row."""
        if said.startswith(_REFUSED):
            return cls(digest, place, said.removeprefix(_REFUSED), refused=True)
        code, told, named = said.partition(_TOLD_OF)
        return cls(digest, place, code, tuple(named.split(",") if named else ()) if told else None)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits for an answer, with the facts of its place."""

    place: Place
    entry: Entry
    state: SubjectState = field(repr=False)
    asked: int
    """subscriptions it met; counted as asked and waiting until it is decided"""
    urgent: bool = False
    """somebody must act, so that its publisher is told where it waits too long"""
    told: bool = False
    """its publisher has been told"""

    def pack(self) -> bytes:
        """The value of its row."""
        state, entry = self.state.pack(), pack(self.entry)
        return _WAITING_FIXED.pack(self.urgent, self.told, self.asked, len(state)) + state + entry

    @classmethod
    def unpack(cls, place: Place, data: bytes) -> "Waiting":
        """The waiting entry of a row."""
        urgent, told, asked, length = _WAITING_FIXED.unpack_from(data)
        middle = _WAITING_FIXED.size + length
        state = SubjectState.unpack(data[_WAITING_FIXED.size : middle])
        return cls(place, unpack(data[middle:]), state, asked, urgent, told)


class Book:
    """Rows of one lane. What changes is kept as changed rows until the plan takes them."""

    def __init__(self, taken: Taken, row_secret: bytes) -> None:
        self.position: Position = taken.position
        self._secret = row_secret
        self._subjects: dict[bytes, bytes] = {}
        self._touched: dict[bytes, SubjectState] = {}
        self._seen: dict[bytes, Seen] = {}
        self._fresh: list[bytes] = []
        self._waiting: dict[Place, Waiting] = {}
        self._behind: dict[str, list[Place]] = {}
        self._streams: dict[bytes, Stream] = {}
        self.referrals = Referrals()
        self._kept: dict[Place, KeptRow] = {}
        self.kept_payloads = 0
        """in quarantine, and nothing has become of them"""
        self._changes: dict[bytes, bytes | None] = {}
        for key, value in sorted(taken.rows.items()):
            self._open(key, value)

    def _open(self, key: bytes, value: bytes) -> None:
        if key[:1] == _SUBJECT:
            self._subjects[key] = value
        elif key[:1] == _SEEN:
            self._seen.update(_unpack_seen(value))
        elif key[:1] == _WAITING:
            place = Place.unpack(key[1:])
            self._remember(Waiting.unpack(place, value))
        elif key[:1] == _REFERRAL:
            self.referrals.add(Referral.unpack(value))
        elif key[:1] == _STREAM:
            self._streams[key] = Stream.unpack(value)
        elif key[:1] == _KEPT:
            row = self._kept[Place.unpack(key[1:])] = KeptRow.unpack(value)
            self.kept_payloads += row.is_kept
        else:
            raise IntegrityError("a row of lane-state has a key of no known kind")

    def subject(self, subject: str) -> SubjectState:
        """What is known of a subject."""
        key = self._subject_key(subject)
        known = self._touched.get(key)
        if known is None:
            packed = self._subjects.get(key)
            known = NOTHING_KNOWN if packed is None else SubjectState.unpack(packed)
            self._touched[key] = known
        return known

    def know(self, subject: str, state: SubjectState) -> None:
        """Keep what is now known of a subject."""
        key = self._subject_key(subject)
        self._touched[key] = state
        self._subjects[key] = self._changes[key] = state.pack()

    def seen(self, publisher: str, event_id: str) -> Seen | None:
        """The earlier entry of this publisher and event id, if any."""
        return self._seen.get(_seen_key(publisher, event_id))

    def remember(self, publisher: str, event_id: str, seen: Seen) -> None:
        """From now on an entry of this publisher and event id is a copy, or a conflict."""
        key = _seen_key(publisher, event_id)
        self._seen[key] = seen
        self._fresh.append(key)

    def answer(self, publisher: str, event_id: str, seen: Seen) -> None:
        """What the reply to an entry of this batch says, for its copies to say the same."""
        key = _seen_key(publisher, event_id)
        if key not in self._fresh:
            raise IntegrityError("an earlier batch's entry was answered anew")
        self._seen[key] = seen

    def stream(self, publisher: str, stream: bytes) -> Stream | None:
        """What is known of a publisher's stream of envelopes, if it was met."""
        return self._streams.get(self._stream_key(publisher, stream))

    def follow(self, publisher: str, stream: bytes, after: Stream) -> None:
        """Keep what is now known of a stream."""
        key = self._stream_key(publisher, stream)
        self._streams[key] = after
        self._changes[key] = after.pack()

    def is_behind(self, subject: str, place: Place) -> bool:
        """Whether an entry of this subject waits at an earlier place, so that this one must wait too."""
        ahead = self._behind.get(subject)
        return ahead is not None and ahead[0] < place

    def wait(self, waiting: Waiting) -> None:
        """Keep an entry until its answers are there."""
        self._remember(waiting)
        self._changes[_WAITING + waiting.place.pack()] = waiting.pack()

    def waiting(self) -> Iterator[Waiting]:
        """Every waiting entry, in the order of their places."""
        for place in sorted(self._waiting):
            yield self._waiting[place]

    @property
    def waiting_entries(self) -> int:
        """How many entries wait."""
        return len(self._waiting)

    def oldest_waiting_us(self) -> int | None:
        """When the log took in the entry that waits longest; None where none waits."""
        return min((one.entry.logged_at_us for one in self._waiting.values()), default=None)

    def release(self, waiting: Waiting) -> None:
        """An entry waits no more."""
        del self._waiting[waiting.place]
        ahead = self._behind[waiting.entry.subject]
        ahead.remove(waiting.place)
        if not ahead:
            del self._behind[waiting.entry.subject]
        self._changes[_WAITING + waiting.place.pack()] = None

    def overdue(self, before_us: int) -> Iterator[Waiting]:
        """Urgent entries in the log since this instant or longer, whose publisher has not been told."""
        for one in self.waiting():
            if one.urgent and not one.told and one.entry.logged_at_us <= before_us:
                yield one

    def oldest_untold_us(self) -> int | None:
        """When the log took in the oldest entry that may become overdue; None where there is none."""
        untold = (one for one in self._waiting.values() if one.urgent and not one.told)
        return min((one.entry.logged_at_us for one in untold), default=None)

    def told(self, waiting: Waiting) -> None:
        """The publisher of a waiting entry has been told; never again, whoever has the lane."""
        self._waiting[waiting.place] = one = replace(waiting, told=True)
        self._changes[_WAITING + one.place.pack()] = one.pack()

    def open_referral(self, referral: Referral) -> None:
        """A clock starts."""
        self.referrals.add(referral)
        self._changes[_REFERRAL + referral.row_key(self._secret)] = referral.pack()

    def close_referral(self, referral: Referral) -> None:
        """A clock stops."""
        self.referrals.remove(referral)
        self._changes[_REFERRAL + referral.row_key(self._secret)] = None

    def kept(self, place: Place) -> KeptRow | None:
        """The payload in quarantine whose entry stood at this place."""
        return self._kept.get(place)

    def keep(self, place: Place, row: KeptRow) -> None:
        """Remember a payload in quarantine, or what has become of it."""
        before = self._kept.get(place)
        self.kept_payloads += row.is_kept - (before is not None and before.is_kept)
        self._kept[place] = row
        self._changes[_KEPT + place.pack()] = row.pack()

    def expire_kept(self, now_us: int) -> int:
        """Forget rows whose thirty days are over. Returns of how many nothing had become until then."""
        before = self.kept_payloads
        # The oldest stand first: what comes later in a lane was taken in later.
        while self._kept and (first := next(iter(self._kept.items())))[1].is_over(now_us):
            place, row = first
            del self._kept[place]
            self.kept_payloads -= row.is_kept
            self._changes[_KEPT + place.pack()] = None
        return before - self.kept_payloads

    def turn(self, position: Position) -> Mapping[bytes, bytes | None]:
        """End a batch at `position`: the rows that changed in it. The book is then ready for the next."""
        changes, self._changes = self._changes, {}
        if self._fresh:
            row = b"".join(_pack_seen(key, self._seen[key]) for key in self._fresh)
            changes[_SEEN + struct.pack(">Q", position.offset)] = row
            self._fresh = []
        self._touched = {}
        self.position = position
        return changes

    def _remember(self, waiting: Waiting) -> None:
        self._waiting[waiting.place] = waiting
        # Places only grow, so each list is in order.
        self._behind.setdefault(waiting.entry.subject, []).append(waiting.place)

    def _subject_key(self, subject: str) -> bytes:
        # Keys of lane-state are in clear: they must not tell who has a row.
        digest = hmac.digest(self._secret, b"candour/subject-row/v1|" + subject.encode(), "sha256")
        return _SUBJECT + digest[:16]

    def _stream_key(self, publisher: str, stream: bytes) -> bytes:
        name = f"candour/stream-row/v1|{publisher}|".encode() + stream
        return _STREAM + hmac.digest(self._secret, name, "sha256")[:16]


def payload_digest(body: bytes) -> bytes:
    """Tells a copy from a conflict; 8 bytes."""
    return hashlib.sha256(body).digest()[:8]


def _seen_key(publisher: str, event_id: str) -> bytes:
    return hashlib.sha256(f"{publisher}|{event_id}".encode()).digest()[:16]


def _pack_seen(key: bytes, seen: Seen) -> bytes:
    code = seen.said.encode("ascii")
    return _SEEN_FIXED.pack(key, seen.digest, seen.place.pack(), len(code)) + code


def _unpack_seen(data: bytes) -> Iterator[tuple[bytes, Seen]]:
    at = 0
    while at < len(data):
        key, digest, place, length = _SEEN_FIXED.unpack_from(data, at)
        at += _SEEN_FIXED.size
        yield key, Seen.saying(digest, Place.unpack(place), data[at : at + length].decode("ascii"))
        at += length
