"""Egress: checks each delivery once more from the signed agreement, knowing nothing of how it was made."""

import re
from collections.abc import Mapping
from typing import Any

from broker.domain.agreement import Agreement
from broker.domain.identifiers import AgencyId, DeskId, EventType, is_nhs_number
from broker.domain.vocabulary import AgencyKind, Purpose
from broker.errors import IntegrityError

_DIGITS = re.compile(r"(?<![0-9])[0-9]{10}(?![0-9])")
_ALL_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"0" * 9)
_TEN_ALIKE = b"0" * 10
_REFERENCES = frozenset({"local_ref", "incident_ref", "episode_ref", "transfer_of", "referral"})
_PARTS = ("subject", "core", "person")
_CORE = frozenset({"occurred_at", "core.area", "core.urgency", "core.need"})


def check_egress(
    record: Mapping[str, Any],
    body: bytes,
    publisher: AgencyId,
    event_type: EventType,
    desk: DeskId,
    desk_kind: AgencyKind,
    purpose: Purpose,
    agreement: Agreement | None,
    today: str,
    emergency: frozenset[str] = frozenset(),
) -> None:
    """Refuse a delivery that its agreement does not cover (reliability 4.7).

    Written apart from minimisation on purpose: one mistake there must not be a leak.

    Args:
        record: the delivery record.
        body: its bytes. Where they hold no ten digits in a row, no text of it does.
        today: ISO date in Europe/London.
        emergency: what may go without an agreement, where a life is at risk and nothing was signed
            (3.2 step 3); empty everywhere else.

    Raises:
        IntegrityError: names the check that failed and the field, never a value.
    """
    given = frozenset(_given(record["fields"])) | frozenset(record["present"])
    core_only = record["extent"] == "core"
    if core_only:
        _require(given <= _CORE and record["subject"] is None, "a core delivery holds more than the core")
    else:
        if agreement is None:
            _require(emergency, "a delivery without an agreement")
            beyond = given - emergency - _CORE
            _require(not beyond, f"fields beyond an emergency: {', '.join(sorted(beyond))}")
        else:
            _require(publisher in agreement.publishers, "the agreement does not name this publisher")
            _require_covered(given, event_type, desk, purpose, agreement, today)
    clear = agreement is not None and agreement.nhs_number_in_clear and not core_only
    if desk_kind is AgencyKind.POLICE or not clear:
        _require("subject.nhs_number" not in given, "an NHS number field for a desk that may not have it")
        # Whole only: a pseudonym or a hash may hold any ten digits by chance.
        for name in ("subject", "incident_ref"):
            _require(not is_nhs_number(record[name] or ""), f"an NHS number as {name}")
        if _TEN_ALIKE in body.translate(_ALL_DIGITS_ALIKE):
            found = _DIGITS.findall("\n".join(_texts(record["fields"])))
            _require(not any(is_nhs_number(one) for one in found), "an NHS number in clear")


def _require_covered(
    given: frozenset[str],
    event_type: EventType,
    desk: DeskId,
    purpose: Purpose,
    agreement: Agreement,
    today: str,
) -> None:
    _require(desk in agreement.desks, "the agreement does not name this desk")
    _require(purpose in agreement.purposes, "the agreement does not name this purpose")
    _require(agreement.starts <= today < agreement.ends, "the agreement is not in force")
    beyond = given - agreement.fields.get(event_type, frozenset()) - _CORE
    _require(not beyond, f"fields that the agreement does not name: {', '.join(sorted(beyond))}")


def _given(fields: Mapping[str, Any]) -> list[str]:
    given = [key for key, value in fields.items() if value is not None and key not in _PARTS]
    for part in _PARTS:
        given += [f"{part}.{key}" for key, value in (fields.get(part) or {}).items() if value is not None]
    return given


def _texts(value: Mapping[str, Any] | list[Any]) -> list[str]:
    texts: list[str] = []
    if isinstance(value, Mapping):
        # References are pseudonyms, or as this desk's agency issued them: whatever they look like.
        value = [inner for key, inner in value.items() if key not in _REFERENCES]
    for inner in value:
        if isinstance(inner, str):
            texts.append(inner)
        elif isinstance(inner, Mapping | list):
            texts += _texts(inner)
    return texts


def _require(held: object, what: str) -> None:
    if not held:
        raise IntegrityError(f"egress: {what}")
