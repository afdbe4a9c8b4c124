"""Quarantine: what was not taken in, sealed for any two holders; its publisher gets its own bytes back."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from broker.domain.decision import QUARANTINE_DECISION_FORMAT, canonical
from broker.domain.delivery import Delivery, PayloadName
from broker.domain.identifiers import AgencyId
from broker.domain.quarantine import QUARANTINE_ACT_FORMAT, KeptState, pack_record
from broker.domain.vocabulary import Outcome
from broker.lanes.block import Entry, EntryKind
from broker.registry.catalogue import RETURNED
from broker.registry.quarantine_ids import KeptPlace, quarantine_id
from broker.registry.topics import BROKER
from broker.release.act import Done
from broker.release.book import Book, Place
from broker.release.kept_row import KeptRow
from broker.release.means import Means
from broker.release.naming import delivery_id
from broker.release.settle import Moment
from broker.wire.kept import Kept, KeptKind, kept_taken, pack_kept, unpack_kept
from broker.wire.two_keys import FEWEST_HOLDERS, seal_for_two

PART_BYTES = 60 * 1024
"""Of a payload that goes back to its publisher; the longest takes two parts"""

# A payload that its publisher has proven to be its own: it may have it back.
_ITS_OWN = frozenset({KeptKind.PAYLOAD, KeptKind.TAKEN})


@dataclass(frozen=True, slots=True)
class InQuarantine:
    """What a batch puts into quarantine of one entry."""

    leaf: bytes
    """for `decisions`"""
    name: PayloadName
    returned: tuple[Delivery, ...]


class Quarantine:
    """Collects what one batch puts into quarantine, and what is done there."""

    def __init__(self, means: Means, book: Book, moment: Moment) -> None:
        self._means, self._book, self._moment = means, book, moment
        self.records: list[bytes] = []
        """for the topic `quarantine`"""
        self.counts: Counter[KeptState] = Counter()
        """how many came into each state; `KEPT`: how many came in"""

    def keep(
        self, place: Place, entry: Entry, code: str, fields: Sequence[str], desks: Sequence[str] = ()
    ) -> InQuarantine:
        """Keep what an entry holds.

        Args:
            desks: those for which an event that was taken in is in quarantine; empty: it was not taken in.
        """
        kept = _kept(entry)
        content = b"" if kept is None else pack_kept(kept)
        name = self.name(place, entry)
        digest = hashlib.sha256(content).hexdigest() if content else ""
        leaf = {
            "format": QUARANTINE_DECISION_FORMAT,
            "event_id": entry.event_id or None,
            "publisher": entry.publisher,
            "code": code,
            "fields": list(fields),
            "topic": entry.topic,
            "offset": entry.offset,
            "index": entry.index,
            "payload_sha256": name.sha256,
            "size": entry.size,
            "outcome": Outcome.QUARANTINED,
            "decided_at_us": self._moment.now_us,
            "policy_revision": self._moment.revision,
            "quarantine_id": name.quarantine_id,
            "resubmits": entry.origin or None,
        }
        again = kept is not None and kept.is_whole and not desks
        told = {
            "kept": None if kept is None else kept.kind.name.lower(),
            "kept_at_us": entry.logged_at_us,
            "kept_sha256": digest,
            "can_come_again": again,
            "desks": list(desks),
        }
        self.records.append(pack_record(canonical({**leaf, **told}), self._sealed(content, name)))
        self.counts[KeptState.KEPT] += 1
        row = KeptRow(
            entry.publisher,
            entry.topic,
            entry.offset,
            entry.index,
            entry.logged_at_us,
            code,
            entry.event_id,
            digest,
            again,
        )
        self._book.keep(place, row)
        own = kept is not None and kept.kind in _ITS_OWN and entry.publisher != BROKER and not desks
        returned = tuple(self._returned(entry, kept, name)) if own and kept is not None else ()
        return InQuarantine(canonical(leaf), name, returned)

    def name(self, place: Place, entry: Entry) -> PayloadName:
        """What a payload is called in replies: where it stood, its hash, its id in quarantine."""
        known = KeptPlace(self._moment.lane, place.offset, place.index)
        return PayloadName(
            entry.offset, entry.index, _payload_hash(entry), quarantine_id(self._means.keyring, known)
        )

    def act(self, one: Done, by: str) -> bytes:
        """Put on record what two holders did. Returns the leaf for `decisions`.

        Args:
            by: the agency that published the act.
        """
        request, row = one.request, one.row
        leaf = canonical(
            {
                "format": QUARANTINE_ACT_FORMAT,
                "event_id": row.event_id or None,
                "publisher": row.publisher,
                "act": request.act,
                "act_id": request.event_id,
                "by": by,
                "quarantine_id": request.quarantine_id,
                "code": row.code,
                "reason": request.reason,
                "holders": [request.first, one.second],
                "brings": len(one.brings),
                "acted_at_us": self._moment.now_us,
                "policy_revision": self._moment.revision,
            }
        )
        self.records.append(pack_record(leaf, b""))
        if not row.is_kept:
            self.counts[row.state] += 1
        return leaf

    def expire(self) -> None:
        """Rows whose thirty days are over end."""
        self.counts[KeptState.EXPIRED] += self._book.expire_kept(self._moment.now_us)

    def _sealed(self, content: bytes, name: PayloadName) -> bytes:
        holders = self._means.registry.holders
        if not content or len(holders) < FEWEST_HOLDERS:
            return b""
        keys = {role: holder.sealing_key for role, holder in holders.items()}
        return seal_for_two(content, keys, name.quarantine_id.encode("ascii"))

    def _returned(self, entry: Entry, kept: Kept, name: PayloadName) -> Iterator[Delivery]:
        (payload,) = kept.payloads
        desk = self._means.registry.reply_desk(AgencyId(entry.publisher))
        parts = range(0, len(payload.body), PART_BYTES)
        for part, start in enumerate(parts):
            key = self._means.keyring.delivery_id
            one = delivery_id(key, "returned", entry.publisher, name.quarantine_id, str(part))
            record = {
                "delivery_id": one,
                "quarantine_id": name.quarantine_id,
                "event_id": entry.event_id or None,
                "fingerprint": payload.fingerprint.hex(),
                "part": part,
                "parts": len(parts),
                "bytes": payload.body[start : start + PART_BYTES],
            }
            fingerprint, body = self._means.catalogue.write_delivery(RETURNED, record)
            yield Delivery(desk, one, entry.subject, fingerprint, body)


def _kept(entry: Entry) -> Kept | None:
    if entry.kind is EntryKind.REJECTION:
        return unpack_kept(entry.body) if entry.body else None
    return kept_taken(entry.fingerprint, entry.body) if entry.body else None


def _payload_hash(entry: Entry) -> str:
    if entry.kind is EntryKind.REJECTION:
        return entry.fingerprint.hex()
    return hashlib.sha256(entry.body).hexdigest()
