"""Admit: copies are dropped, wishes and incidents folded, subscriptions matched and questions raised."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from broker.domain.event import Event, EventTypeSpec
from broker.domain.identifiers import AgencyId, FieldName
from broker.domain.vocabulary import MarkerAct, WishKind
from broker.errors import PayloadError
from broker.lanes.block import Entry, EntryKind, unpack_act
from broker.registry.event_reader import without
from broker.registry.quarantine_ids import place_behind
from broker.release.act import Done, done
from broker.release.book import Book, Place, Seen, Waiting, payload_digest
from broker.release.fold import fold
from broker.release.forward import carried, carry, ended, incident_over, linked, told_by
from broker.release.identity import differs
from broker.release.match import Match
from broker.release.means import Means
from broker.release.nhs_numbers import NHS_NUMBER_IN_TEXT, tainted_fields
from broker.release.streams import heard, mark_of
from broker.release.subject import NOTHING_KNOWN, SubjectState
from broker.wire.header import Header, header_of

REJECTION_ID = "rejection"
IDENTITY_DIFFERS = "identity_differs"
_EVENTS = frozenset({EntryKind.EVENT, EntryKind.WAITED})


@dataclass(frozen=True, slots=True)
class Matter:
    """An event at its place with the subscriptions it meets: ready to be decided, or to wait."""

    place: Place
    entry: Entry
    event: Event
    state: SubjectState = field(repr=False)
    """of its subject, at its place"""
    matches: tuple[Match, ...]
    tainted: Mapping[FieldName, str]
    commitment: str
    """ties its decisions to the very bytes of its payload, without telling what they are; 32 hex digits"""
    waited: Waiting | None = None
    """set when it has been waiting"""
    applied: bool = False
    """it is a wish or a marker, and this transaction applies it"""
    sends: tuple[Entry, ...] = ()
    """what other lanes must know of it, each under its own subject"""

    @property
    def answered(self) -> bool:
        """Whether its publisher has its answer: it has been waiting, here or in another lane."""
        return self.waited is not None or self.entry.kind is EntryKind.WAITED


@dataclass(frozen=True, slots=True)
class Repeated:
    """A copy of an entry that was handled before: dropped, and its reply sent again."""

    entry: Entry
    seen: Seen


@dataclass(frozen=True, slots=True)
class Refused:
    """A payload that cannot be accepted: it goes to quarantine and its publisher is told."""

    place: Place
    entry: Entry
    code: str
    fields: tuple[str, ...] = ()
    cause: str = ""
    """class of the exception where a stage failed; its text may hold a value"""
    waited: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """An entry that is decided elsewhere, or that another lane sent: nothing is decided on it here."""

    place: Place
    entry: Entry
    sends: tuple[Entry, ...] = ()
    """what goes on to other lanes, each under its own subject"""
    hands_over: bool = False
    """what waits here of its subject goes on as well; what that is shows when its turn comes in the batch"""
    cause: str = ""
    """class of the exception where a stage failed on it; operations are paged"""


@dataclass(frozen=True, slots=True)
class Noticed:
    """An envelope that is out of place in its publisher's stream; its payloads are decided all the same."""

    place: Place
    entry: Entry
    header: Header
    before: int | None
    """highest number of the stream before it; None where the stream was never met"""
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Acted:
    """What two holders did with a payload in quarantine."""

    place: Place
    entry: Entry
    """the act as governance published it"""
    done: Done


Admitted = Matter | Repeated | Refused | Passed | Noticed | Acted


def admit(means: Means, book: Book, place: Place, entry: Entry, interval: str) -> Admitted | None:
    """What becomes of one entry, in order of the lane. None: there is nothing to do (a header in its place).

    Duplicates go before anything else (design 2.2). An exception in a stage is the entry's own: it
    becomes a refusal, and the lane goes on (design 2.2.5).
    """
    if entry.kind is EntryKind.HEADER:
        return _follow(book, place, entry)
    if entry.kind is EntryKind.REJECTION:
        return _admit_rejection(book, place, entry)
    if entry.kind is EntryKind.ACT:
        return _admit_act(means, book, place, entry)
    if entry.kind not in _EVENTS:
        return _from_another_lane(book, place, entry)
    # What waited comes once, in the transaction that handed it over; where the reference stands in the
    # person's own lane, this very book has seen it there.
    seen = None if entry.kind is EntryKind.WAITED else book.seen(entry.publisher, entry.event_id)
    digest = payload_digest(entry.body)
    if seen is not None and not (seen.digest == digest and _comes_again(means, entry, seen)):
        return Repeated(entry, seen) if seen.digest == digest else _conflict(book, place, entry, digest)
    person = book.subject(entry.subject).forward_to
    if person:
        # The person's lane drops later copies; those of before the link were dropped above.
        return Passed(place, entry, (replace(entry, subject=person),))
    try:
        matter = _matter(means, book, place, entry, interval)
    except PayloadError as error:
        matter = Refused(place, entry, error.code, error.fields)
    except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
        matter = Refused(place, entry, "stage_failed", cause=type(error).__name__)
    code = matter.code if isinstance(matter, Refused) else matter.entry.code
    book.remember(entry.publisher, entry.event_id, Seen(digest, place, code))
    return matter


def admit_again(means: Means, book: Book, waiting: Waiting, interval: str) -> Admitted:
    """A waiting entry, to be decided by the facts of its place and the wishes of then and now."""
    try:
        event = _event(means, waiting.entry)
        now = book.subject(waiting.entry.subject) if event.wishes_known else NOTHING_KNOWN
        return Matter(
            waiting.place,
            waiting.entry,
            event,
            waiting.state,
            means.matcher.matches(event, waiting.entry.logged_at_us, waiting.state, now, interval),
            _tainted(event),
            _commitment(means, waiting.entry),
            waited=waiting,
        )
    except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
        return Refused(
            waiting.place, waiting.entry, "stage_failed", cause=type(error).__name__, waited=waiting
        )


def _follow(book: Book, place: Place, entry: Entry) -> Admitted | None:
    try:
        header = header_of(entry.body)
        known = book.stream(entry.publisher, header.stream)
        after, codes = heard(known, header, mark_of(entry.body), entry.offset, entry.logged_at_us)
    except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
        return Passed(place, entry, cause=type(error).__name__)
    if after is not known:
        book.follow(entry.publisher, header.stream, after)
    return Noticed(place, entry, header, None if known is None else known.highest, codes) if codes else None


def came(entry: Entry) -> str:
    """Names a payload by its place in its publisher's topic; what comes again is another."""
    name = f"{entry.topic}|{entry.offset}|{entry.index}"
    return f"{name}|{entry.origin}" if entry.origin else name


def _comes_again(means: Means, entry: Entry, seen: Seen) -> bool:
    """Whether two holders bring in again what was refused here: then it is no copy."""
    kept = place_behind(means.keyring, entry.origin) if entry.origin else None
    if kept is None:
        return False
    # A place is one of its lane: what stood there in another is something else.
    here = kept.lane == means.lane_of(entry.subject)
    return seen.refused or (here and seen.place == Place(kept.offset, kept.number))


def _admit_rejection(book: Book, place: Place, entry: Entry) -> Admitted:
    # Intake is at least once: the same bad payload may come twice, and is one quarantined payload.
    seen = book.seen(REJECTION_ID, came(entry))
    if seen is not None:
        return Repeated(entry, seen)
    book.remember(REJECTION_ID, came(entry), Seen(payload_digest(b""), place, entry.code, refused=True))
    return Refused(place, entry, entry.code, entry.fields)


def _conflict(book: Book, place: Place, entry: Entry, digest: bytes) -> Admitted:
    """Another event under a known id; a copy of that one is no further conflict."""
    code = "event_id_conflict"
    seen = book.seen(REJECTION_ID, came(entry))
    if seen is not None:
        return Repeated(replace(entry, fields=("event_id",)), seen)
    book.remember(REJECTION_ID, came(entry), Seen(digest, place, code, refused=True))
    return Refused(place, entry, code, ("event_id",))


def _admit_act(means: Means, book: Book, place: Place, entry: Entry) -> Admitted:
    act, brings = unpack_act(entry.body)
    own = replace(entry, kind=EntryKind.EVENT, body=act)
    digest = payload_digest(act)
    seen = book.seen(own.publisher, own.event_id)
    if seen is not None:
        return Repeated(own, seen) if seen.digest == digest else _conflict(book, place, own, digest)
    admitted: Admitted
    try:
        one = done(means, book, act, brings, own.logged_at_us)
        book.keep(one.row_place, one.row)
        admitted = Acted(place, own, one)
    except PayloadError as error:
        admitted = Refused(place, own, error.code, error.fields)
    except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
        admitted = Refused(place, own, "stage_failed", cause=type(error).__name__)
    code = admitted.code if isinstance(admitted, Refused) else ""
    book.remember(own.publisher, own.event_id, Seen(digest, place, code))
    return admitted


def _from_another_lane(book: Book, place: Place, entry: Entry) -> Passed:
    try:
        before = book.subject(entry.subject)
        state, passed = _told(before, place, entry)
    except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
        return Passed(place, entry, cause=type(error).__name__)
    if state is not before:
        book.know(entry.subject, state)
    return passed


def _told(before: SubjectState, place: Place, entry: Entry) -> tuple[SubjectState, Passed]:
    """The state after what another lane says, and what goes on from here."""
    match entry.kind:
        case EntryKind.LINK:
            state = linked(before, entry)
            if state.linked != before.linked and state.closed_at_us is not None:
                over = ended(place, entry, state.linked[-1], state.closed_at_us)
                return state, Passed(place, entry, (over,))
            if state.forward_to and not before.forward_to:
                held = carry(place, entry, before)
                return state, Passed(place, entry, () if held is None else (held,), hands_over=True)
            return state, Passed(place, entry)
        case EntryKind.CARRY:
            return carried(before, entry), Passed(place, entry)
        case EntryKind.ENDED:
            return incident_over(before, entry), Passed(place, entry)
    return before, Passed(place, entry)


def _matter(means: Means, book: Book, place: Place, entry: Entry, interval: str) -> Matter | Refused:
    event = _event(means, entry)
    before = book.subject(event.subject)
    if differs(before.identity, event):
        if _opens(event.spec):
            # It would open what another person never opened.
            return Refused(place, entry, IDENTITY_DIFFERS, ("subject.family_name", "subject.date_of_birth"))
        if not _narrows(event.spec):
            entry = replace(entry, sound=False, code=IDENTITY_DIFFERS)
            event = replace(event, wishes_known=False)
    state = fold(before, event, entry.logged_at_us, means.forces)
    if not event.wishes_known:
        # Whose event it is nobody knows, so nobody's incident is met by it (R3, R36).
        state = NOTHING_KNOWN
    matches = means.matcher.matches(event, entry.logged_at_us, state, state, interval)
    tainted = _tainted(event)
    if event.wishes_known and state is not before:
        book.know(event.subject, state)
    return Matter(
        place,
        entry,
        event,
        state,
        matches,
        tainted,
        _commitment(means, entry),
        applied=event.spec.applies is not None,
        sends=tuple(told_by(place, entry, before, state)) if event.wishes_known else (),
    )


def _opens(spec: EventTypeSpec) -> bool:
    """Whether such an event may widen what is released about its person."""
    return spec.wish_kind is WishKind.PERMISSION or spec.marks is MarkerAct.LIFTED


def _narrows(spec: EventTypeSpec) -> bool:
    """Whether such an event can only narrow it: that counts from whoever was told (R54)."""
    return spec.wish_kind in {WishKind.OBJECTION, WishKind.WITHDRAWAL} or spec.marks is MarkerAct.SET


def _event(means: Means, entry: Entry) -> Event:
    spec = means.reader.spec_of(entry.fingerprint)
    record = means.reader.record_again(entry.fingerprint, entry.body)
    if entry.fields:
        record = without(record, entry.fields)
    return means.reader.event(spec, AgencyId(entry.publisher), entry.subject, record, sound=entry.sound)


def _tainted(event: Event) -> Mapping[FieldName, str]:
    return dict.fromkeys(tainted_fields(event), NHS_NUMBER_IN_TEXT)


def _commitment(means: Means, entry: Entry) -> str:
    digest = hmac.digest(means.keyring.commitment, b"candour/commitment/v1|" + entry.body, "sha256")
    return digest[:16].hex()
