"""Reply: what a publisher is told of its own event, and whom to ring. Nothing in it depends on the person."""

import hmac
import struct
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

from broker.ask.warming import RESPONSE_PURPOSES
from broker.domain.codes import NOTICES, REJECTIONS
from broker.domain.delivery import Delivery, PayloadName, Reply
from broker.domain.event import Event
from broker.domain.identifiers import AgencyId, agency_of
from broker.domain.vocabulary import URGENT, Extent, ReplyStatus, Setting
from broker.lanes.block import Entry
from broker.registry.catalogue import REPLY
from broker.registry.topics import BROKER
from broker.release.book import Place
from broker.release.means import Means
from broker.release.naming import delivery_id
from broker.release.settle import Settled

NOBODY_REACHED = "nobody_reached"
WAITING = "waiting"
TAKEN = "referral_taken"
NOT_TAKEN = "referral_not_taken"

_NO_PAYLOAD = {one.name: None for one in fields(PayloadName)}
_ANSWERS = frozenset({ReplyStatus.ACCEPTED, ReplyStatus.APPLIED})

Reached = tuple[str, ...] | None
"""Agencies that must act and were reached, sorted; None where there is nothing to tell (yet)"""


@dataclass(frozen=True, slots=True)
class Need:
    """Where an event belongs, and whether somebody must act on it now: all that a phone number hangs on."""

    place: str
    urgent: bool


NO_NEED = Need("", urgent=False)
"""Of an act of governance: nobody has to be rung"""
UNKNOWN_NEED = Need("", urgent=True)
"""Of a payload that cannot be read: it may have been urgent, so that its publisher gets a number"""


def need_of(event: Event) -> Need:
    """The need that an event tells of itself."""
    return Need(event.place, urgent=event.setting in URGENT)


def reached(means: Means, place: str, settled: Iterable[Settled]) -> tuple[str, ...]:
    """The agencies that must act for this place and have been told something; sorted.

    Telling must not disclose: only desks count to which the core goes whatever the person's wishes
    (R42), so that no wish, marker or incident shows here.
    """
    desks = (
        one.decision.desk
        for one in settled
        if one.decision.extent is not Extent.NONE and one.decision.purpose in RESPONSE_PURPOSES
    )
    return tuple(sorted({agency_of(desk) for desk in desks if means.must_act(desk, place)}))


class Replies:
    """Composes the replies of one lane."""

    def __init__(self, means: Means, lane: int) -> None:
        self._means = means
        self._lane = lane

    def need_again(self, entry: Entry) -> Need:
        """The need of an entry of which only the bytes are at hand; unknown where they cannot be read."""
        reader = self._means.reader
        try:
            record = reader.record_again(entry.fingerprint, entry.body)
            return Need(str(record["core"]["area"]), urgent=Setting(record["setting"]) in URGENT)
        except Exception:  # noqa: BLE001 - a payload that was refused may hold anything
            return UNKNOWN_NEED

    def accepted(self, entry: Entry, need: Need, notice: str, acting: Reached) -> Reply:
        """The one answer to an event: who acts, as far as that is told."""
        codes = [NOBODY_REACHED] if acting == () else []
        codes += [notice] if notice else []
        return Reply(
            entry.event_id,
            ReplyStatus.ACCEPTED,
            codes[0] if codes else None,
            " ".join(NOTICES[code] for code in codes),
            entry.fields,
            handled_by=acting or (),
            phone=self.phone(entry.publisher, need),
        )

    def applied(self, entry: Entry, place: Place, need: Need, notice: str) -> Reply:
        """The one answer to a wish or a marker: where it took effect; in an emergency whom to ring too."""
        accepted = self.accepted(entry, need, notice, None)
        return replace(accepted, status=ReplyStatus.APPLIED, applied_point=self._applied_point(entry, place))

    def rejected(
        self, entry: Entry, code: str, fields: tuple[str, ...], need: Need, payload: PayloadName
    ) -> Reply:
        """The one answer to a payload that is not taken in."""
        return Reply(
            entry.event_id or None,
            ReplyStatus.REJECTED,
            code,
            REJECTIONS[code],
            fields,
            phone=self.phone(entry.publisher, need),
            payload=payload,
        )

    def noticed(self, code: str) -> Reply:
        """An envelope was taken in; something is wrong with its place in the publisher's stream."""
        return Reply(None, ReplyStatus.ACCEPTED, code, NOTICES[code])

    def overdue(self, entry: Entry, need: Need) -> Reply:
        """An urgent event still waits for its decision."""
        return self._later(entry.publisher, entry.event_id, ReplyStatus.NOT_DELIVERED, WAITING, need)

    def decided(self, entry: Entry, need: Need, acting: tuple[str, ...]) -> Reply:
        """An urgent event that waited has been decided."""
        status = ReplyStatus.DELIVERED if acting else ReplyStatus.NOT_DELIVERED
        code = "" if acting else NOBODY_REACHED
        return self._later(entry.publisher, entry.event_id, status, code, need, acting)

    def handled(self, publisher: str, event_id: str, need: Need, by: str) -> Reply:
        """An agency has taken the referral on."""
        return self._later(publisher, event_id, ReplyStatus.HANDLED, TAKEN, need, (by,))

    def not_handled(self, publisher: str, event_id: str, need: Need, duty_contact: str | None) -> Reply:
        """Nobody took the referral on in the agreed time."""
        reply = self._later(publisher, event_id, ReplyStatus.NOT_HANDLED, NOT_TAKEN, need)
        return reply if duty_contact is None else replace(reply, phone=duty_contact)

    def delivery(self, publisher: str, subject: str, reply: Reply, what: str) -> Delivery | None:
        """The reply on its way; None for what the exchange itself published.

        Args:
            what: names the payload: its event id; where it was rejected, its place.
        """
        if publisher == BROKER:
            return None
        desk = self._means.registry.reply_desk(AgencyId(publisher))
        name = delivery_id(self._means.keyring.delivery_id, "reply", publisher, what, _tale(reply))
        record = {
            "delivery_id": name,
            "event_id": reply.event_id,
            "status": str(reply.status),
            "code": reply.code,
            "message": reply.message,
            "applied_point": reply.applied_point,
            "fields": list(reply.fields),
            "handled_by": list(reply.handled_by),
            "phone": reply.phone,
            **(_NO_PAYLOAD if reply.payload is None else asdict(reply.payload)),
        }
        fingerprint, body = self._means.catalogue.write_delivery(REPLY, record)
        return Delivery(desk, name, subject, fingerprint, body)

    def phone(self, publisher: str, need: Need) -> str | None:
        """Whom to ring: where somebody must act, and for police with everything (R42, R43)."""
        if need.urgent or publisher in self._means.forces:
            return self._means.clinician_line(need.place)
        return None

    def _later(
        self,
        publisher: str,
        event_id: str,
        status: ReplyStatus,
        code: str,
        need: Need,
        acting: tuple[str, ...] = (),
    ) -> Reply:
        phone = self.phone(publisher, need)
        return Reply(event_id, status, code or None, NOTICES.get(code, ""), handled_by=acting, phone=phone)

    def _applied_point(self, entry: Entry, place: Place) -> str:
        desk = self._means.registry.reply_desk(AgencyId(entry.publisher))
        point = struct.pack(">I", self._lane) + place.pack()
        return hmac.digest(self._means.keyring.desk_key(desk), b"applied|" + point, "sha256")[:16].hex()


def _tale(reply: Reply) -> str:
    """What tells one reply to a payload from another: there is one answer, and each later one comes once."""
    if reply.status in _ANSWERS:
        return ""
    if reply.status is ReplyStatus.REJECTED:
        return reply.code or ""
    return f"{reply.status}|{reply.code or ''}"
