"""Derives the schema of a delivery from its event's: every field is null or its type (design 2.1)."""

from collections.abc import Mapping
from typing import Any

from broker.domain.fields import IDENTIFIERS
from broker.domain.vocabulary import Extent, ReplyStatus

Schema = dict[str, Any]

NAMESPACE = "delivery"
PARTS = ("subject", "core", "person")

# A pseudonym is longer than what it stands for: AES-SIV of the padded identifier, in text (design 2.3).
PSEUDONYM_LENGTH = 256
# The last two hold none: one goes to nobody and one as it is, but their room is in what is published.
_WIDENED = {name.rpartition(".")[2] for name in IDENTIFIERS} | {"event_id", "nhs_number"}


def delivery_schemas(events: Mapping[str, Schema]) -> dict[str, Schema]:
    """Every schema that stands in a `to.` topic, by file name without its ending.

    Args:
        events: event schemas by event type. All share one neutral core, so any of them gives `core`.
    """
    generated = {event_type: delivery_schema(schema) for event_type, schema in events.items()}
    for schema in events.values():
        generated["core"] = core_schema(schema)
    generated["reply"] = reply_schema()
    generated["returned"] = returned_schema()
    return generated


def delivery_schema(event: Schema) -> Schema:
    """The delivery of one event type, full or minimised: the header, then each field or null."""
    event_type = f"{event['namespace']}.{event['name']}"
    return _record(
        f"{NAMESPACE}.{event['namespace']}",
        event["name"],
        f"What one desk is given of {event_type}. Null: not given to you, or not known.",
        [*_header(_nullable(_text(40))), _threshold(), _given([_copy(field) for field in event["fields"]])],
    )


def core_schema(event: Schema) -> Schema:
    """The delivery of the neutral core of any event type (4.7 item 1, R42)."""
    neutral = [_copy(field) for field in event["fields"] if field["name"] in {"occurred_at", "core"}]
    return _record(
        NAMESPACE,
        "core",
        "The neutral core of an event: it names nobody, and says whom to call.",
        [*_header(_text(40)), _given(neutral)],
    )


def reply_schema() -> Schema:
    """What a publisher is told of its own payload (design 2.6)."""
    status = {"type": "enum", "name": "ReplyStatus", "symbols": [str(status) for status in ReplyStatus]}
    return _record(
        NAMESPACE,
        "reply",
        "What a publisher is told of its own payload (design 2.6).",
        [
            _field("delivery_id", _text(64), "Names this reply; the same again for a payload sent again."),
            _field(
                "event_id", _nullable(_text(64)), "The publisher's own event id. Null: it could not be read."
            ),
            _field("status", status, "What became of the payload."),
            _field(
                "code", _nullable(_text(64)), "Code of the rejection or of the notice; null: nothing to say."
            ),
            _field("message", _text(500), "The same in words, with what to do. Never a value of the event."),
            _field("applied_point", _nullable(_text(128)), "Where a wish took effect; opaque (design 4)."),
            _field(
                "fields", _array(_text(120), 128), "Dotted names of the fields at fault, never their values."
            ),
            _field(
                "handled_by",
                _array(_text(40), 64),
                "Agencies that must act and were told, or that took the referral on; sorted.",
            ),
            _field("phone", _nullable(_text(40)), "Number to ring; null: nobody need be rung."),
            *_payload_name(),
        ],
    )


def returned_schema() -> Schema:
    """A payload that was not taken in, on its way back to the publisher whose signature is on it."""
    part = {"type": "int", "minimum": 0, "maximum": 15}
    return _record(
        NAMESPACE,
        "returned",
        "A payload that was not taken in, or a part of it, for its own publisher.",
        [
            _field("delivery_id", _text(64), "Names this part; a copy comes under the same id."),
            _field("quarantine_id", _text(80), "Its id in quarantine, as the reply names it."),
            _field("event_id", _nullable(_text(64)), "The publisher's own event id. Null: not readable."),
            _field("fingerprint", _text(64), "SHA-256 that it named its schema by, hexadecimal."),
            _field("part", part, "Which part this is, from 0."),
            _field("parts", {**part, "minimum": 1, "maximum": 16}, "How many parts there are."),
            _field("bytes", {"type": "bytes", "maxLength": 61440}, "The bytes as they came."),
        ],
    )


def _payload_name() -> list[Schema]:
    """Which payload is in quarantine; all null where none is, so that older desks read on."""
    offset = {"type": "long", "minimum": 0, "maximum": 2**62}
    index = {"type": "int", "minimum": 0, "maximum": 65535}
    hashed = "SHA-256 of its bytes, hexadecimal; where the envelope did not open, of all of it."
    told = [
        _field("offset", _nullable(offset), "Of the rejected payload's envelope in your own topic."),
        _field("index", _nullable(index), "Of the rejected payload in its envelope, from 0."),
        _field("sha256", _nullable(_text(64)), hashed),
        _field("quarantine_id", _nullable(_text(80)), "Its id in quarantine: tell it to whoever asks."),
    ]
    return [{**one, "default": None} for one in told]


def _header(clinician_line: Any) -> list[Schema]:
    extents = [str(extent) for extent in Extent if extent is not Extent.NONE]
    extent = {"type": "enum", "name": "DeliveryExtent", "symbols": extents}
    decision = {"type": "fixed", "name": "DecisionHash", "size": 32}
    expires_at = {"type": "long", "logicalType": "timestamp-micros"}
    return [
        _field("delivery_id", _text(64), "Names this delivery; a copy comes under the same id."),
        _field("event_id", _text(PSEUDONYM_LENGTH), "The event, under this desk's own pseudonym."),
        _field("event_type", _text(120), "Type of the event; for a core its neutral name."),
        _field("extent", extent, "How much of the event this is."),
        _field(
            "subject",
            _nullable(_text(PSEUDONYM_LENGTH)),
            "Whom it is about: this desk's own pseudonym, or NHS number.",
        ),
        _field("purpose", _text(8), "What it may be used for (4.3)."),
        _field("basis", _nullable(_text(8)), "Legal-basis bundle (3.3)."),
        _field("agreement", _nullable(_text(120)), "The data-sharing agreement it goes under."),
        _field("policy_revision", _text(128), "Revision of the policies that decided."),
        _field(
            "incident_ref",
            _nullable(_text(PSEUDONYM_LENGTH)),
            "The incident: your own reference, or this desk's pseudonym.",
        ),
        _field(
            "expires_at", _nullable(expires_at), "Not to be used from then on, UTC. Null: your own rules say."
        ),
        _field("marking", _nullable(_text(40)), "Code of the handling marking that goes with it (R8)."),
        _field("clinician_line", clinician_line, "Number of a clinician who answers day and night (R42)."),
        _field("decision", decision, "SHA-256 of the decision record."),
        _field(
            "present", _array(_text(120), 128), "Fields that exist, of which you are told no more than that."
        ),
        _field(
            "effects",
            _array(_text(40), 8),
            "What a marker of the person took away, such as location_withheld (R24).",
        ),
    ]


def _threshold() -> Schema:
    """Not of a core: a core tells nothing that health confirmed of a person (4.7 item 1)."""
    return _field(
        "threshold",
        _nullable(_text(20)),
        "Right Care Right Person threshold that health confirmed; to police with what is of a person (R8).",
    )


def _given(fields: list[Schema]) -> Schema:
    doc = "What you are given. Null: not given to you."
    return _field("fields", {"type": "record", "name": "Fields", "doc": doc, "fields": fields}, doc)


def _copy(field: Schema) -> Schema:
    """The field as it may be given: null, or its type; of a part, each field so."""
    type_ = field["type"]
    if field["name"] in PARTS:
        # A part itself is never null: a union around it would be tried twice for each delivery written.
        inner = [_copy(inner) for inner in type_["fields"]]
        return {
            **{key: value for key, value in field.items() if key != "default"},
            "type": {**type_, "fields": inner},
        }
    if isinstance(type_, list):
        type_ = next(branch for branch in type_ if branch != "null")
    if field["name"] in _WIDENED:
        type_ = _text(PSEUDONYM_LENGTH)
    rest = {key: value for key, value in field.items() if key not in {"name", "type", "default"}}
    return {"name": field["name"], "type": _nullable(type_), "default": None, **rest}


def _record(namespace: str, name: str, doc: str, fields: list[Schema]) -> Schema:
    return {"type": "record", "namespace": namespace, "name": name, "doc": doc, "fields": fields}


def _field(name: str, type_: Any, doc: str) -> Schema:
    return {"name": name, "type": type_, "doc": doc}


def _nullable(type_: Any) -> list[Any]:
    return ["null", type_]


def _text(length: int) -> Schema:
    return {"type": "string", "maxLength": length}


def _array(items: Schema, count: int) -> Schema:
    return {"type": "array", "items": items, "maxItems": count}
