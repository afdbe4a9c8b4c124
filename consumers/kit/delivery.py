"""What an agency gets: deliveries and replies, as values and as the JSON that programs rely on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from broker.domain.delivery import PayloadName
from broker.domain.vocabulary import DeliveryKind, Extent, ReplyStatus
from broker.wire.avro import Codec
from consumers.kit.instants import to_text
from consumers.kit.reading import to_json

_PARTS: Final = ("subject", "core", "person")
_ANSWERS: Final = frozenset({ReplyStatus.ACCEPTED, ReplyStatus.APPLIED, ReplyStatus.REJECTED})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as far as this desk may know it. Does not print what it holds.

    Every identifier is this desk's own pseudonym, or as the desk's agency issued it.
    """

    delivery_id: str
    kind: DeliveryKind
    event_id: str
    event_type: str
    extent: Extent
    subject: str | None = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)
    """dotted name -> JSON value; a field that is not named was not given"""
    present: tuple[str, ...]
    """dotted names of fields that exist, of which no more is told"""
    purpose: str
    basis: str | None
    agreement: str | None
    policy_revision: str
    incident_ref: str | None = field(repr=False)
    expires_at: str | None
    marking: str | None
    clinician_line: str | None
    effects: tuple[str, ...]
    """what a marker of the person took away, such as `location_withheld`; never which marker"""
    threshold: str | None
    """on what police get of a person: the threshold that health confirmed (R8)"""
    decision: str
    """hash of the decision record, 64 hexadecimal digits"""

    def to_json(self) -> dict[str, Any]:
        """One JSON object, keys in the order of design 4."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one payload that this agency published. Names fields, never their values."""

    delivery_id: str
    kind: DeliveryKind
    event_id: str | None
    """as published; None when it could not be read"""
    status: ReplyStatus
    code: str | None
    message: str
    applied_point: str | None
    fields_at_fault: tuple[str, ...]
    handled_by: tuple[str, ...] = ()
    """agencies that must act and were told, or that took the referral on"""
    phone: str | None = None
    """whom to ring, where somebody must be spoken to"""
    payload: PayloadName | None = None
    """of a rejected payload: which one"""

    @property
    def is_answer(self) -> bool:
        """Whether it is the one answer that every payload gets; the others tell what became of it later."""
        return self.status in _ANSWERS

    def to_json(self) -> dict[str, Any]:
        """One JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Returned:
    """A payload of this agency that was not taken in, or a part of it. Does not print its bytes."""

    delivery_id: str
    kind: DeliveryKind
    quarantine_id: str
    event_id: str | None
    fingerprint: str
    """SHA-256 that it named its schema by, 64 hexadecimal digits"""
    part: int
    parts: int
    content: bytes = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """One JSON object; the bytes as hexadecimal digits."""
        return {**asdict(self), "content": self.content.hex()}


Received = Delivery | Reply | Returned


def received(kind: DeliveryKind, codec: Codec, record: Mapping[str, Any]) -> Received:
    """The value that a decoded record stands for."""
    if kind is DeliveryKind.REPLY:
        return Reply(
            delivery_id=record["delivery_id"],
            kind=kind,
            event_id=record["event_id"],
            status=ReplyStatus(record["status"]),
            code=record["code"],
            message=record["message"],
            applied_point=record["applied_point"],
            fields_at_fault=tuple(record["fields"]),
            handled_by=tuple(record["handled_by"]),
            phone=record["phone"],
            payload=_payload_name(record),
        )
    if kind is DeliveryKind.RETURNED:
        return Returned(
            record["delivery_id"],
            kind,
            record["quarantine_id"],
            record["event_id"],
            record["fingerprint"],
            record["part"],
            record["parts"],
            record["bytes"],
        )
    expires_at_us = record["expires_at"]
    return Delivery(
        delivery_id=record["delivery_id"],
        kind=kind,
        event_id=record["event_id"],
        event_type=record["event_type"],
        extent=Extent(record["extent"]),
        subject=record["subject"],
        fields=_dotted(codec, record["fields"]),
        present=tuple(record["present"]),
        purpose=record["purpose"],
        basis=record["basis"],
        agreement=record["agreement"],
        policy_revision=record["policy_revision"],
        incident_ref=record["incident_ref"],
        expires_at=None if expires_at_us is None else to_text(expires_at_us),
        marking=record["marking"],
        clinician_line=record["clinician_line"],
        effects=tuple(record["effects"]),
        threshold=record.get("threshold"),
        decision=record["decision"].hex(),
    )


def _payload_name(record: Mapping[str, Any]) -> PayloadName | None:
    if record["quarantine_id"] is None:
        return None
    return PayloadName(record["offset"], record["index"], record["sha256"], record["quarantine_id"])


def _dotted(codec: Codec, given: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, shape in codec.shape.fields["fields"].fields.items():
        value = given[key]
        if value is None:
            continue
        if key not in _PARTS:
            found[key] = to_json(shape, value)
            continue
        for inner, part in shape.fields.items():
            if value[inner] is not None:
                found[f"{key}.{inner}"] = to_json(part, value[inner])
    return found
