"""B-30 to B-39 and B-60 to B-76: numbers, texts and wishes that are not what they seem."""

import base64
from typing import Any

from broker.domain.identifiers import DeskId
from broker.domain.vocabulary import AgencyKind, FieldClass, PermissionSource, Purpose, WishState
from broker.domain.wish import wish_view
from broker.release.admit import Matter
from tests.corpus.case_envelopes import claimed
from tests.corpus.gate import (
    ARRIVED,
    GIVEN,
    NOW_US,
    PLANNED,
    URGENT,
    Answers,
    Gate,
    Told,
    case,
    of_lane,
)
from tests.property.canaries import MARK
from tests.system.envelopes import varint

GOOD, OTHER = "9990000018", "9990000026"
NUMBER, REFERENCE, SUMMARY = "subject.nhs_number", "subject.local_ref", "shareable_summary"
OBJECTS, WITHDRAWN = "person.objection.raised", "person.permission.withdrawn"
PEER = DeskId("northmoor-crisis/peer")
CYRILLIC_O = "\u043e"

_NUMBERS = {
    "B-30": "9990000019",
    "B-31a": "999000001",
    "B-31b": "99900000180",
    "B-32a": "999 000 0018",
    "B-32b": "999\u00a00000018",
    "B-32c": "999\u200b0000018",
    "B-32d": "".join(chr(0xFF10 + int(digit)) for digit in GOOD),
    "B-32e": "".join(chr(0x0660 + int(digit)) for digit in GOOD),
    "B-32f": "999\uff10\u06600000018"[:10],
    "B-33": f"0{GOOD}",
    "B-34": f"{GOOD}\n",
    "B-36": GOOD,
    "B-37": f"{GOOD} {OTHER}",
}


def _number(gate: Gate, value: str) -> Answers:
    gate.planted.add(value)
    return gate.everywhere(NUMBER, value)


for _case, _value in _NUMBERS.items():
    case(_case)(lambda gate, value=_value: _number(gate, value))  # type: ignore[misc]


@case("B-35")
def b35(gate: Gate) -> Answers:
    gate.planted.add(GOOD)
    stands = b"\x02" + varint(10) + GOOD.encode()

    def made(setting: dict[str, str]) -> bytes:
        body = gate.encoded(subject__nhs_number=GOOD, **setting)
        assert body.count(stands) == 1
        return body.replace(stands, b"\x02" + varint(int(GOOD)))

    return {**gate.bytes_both(made), "at the kit": gate.written(ARRIVED, NUMBER, int(GOOD))}


def _in_text(gate: Gate, **changes: Any) -> Answers:
    gate.planted.add(OTHER)
    return {"code": of_lane(gate.admitted(ARRIVED, gate.event(**changes)))}


@case("B-38a")
def b38a(gate: Gate) -> Answers:
    return _in_text(gate, shareable_summary=f"{MARK} known as {OTHER} here")


@case("B-38b")
def b38b(gate: Gate) -> Answers:
    return _in_text(gate, shareable_summary=f"https://records.example/{MARK}?nhs={OTHER}&v=2")


@case("B-39a")
def b39a(gate: Gate) -> Answers:
    return _in_text(
        gate, shareable_summary=f"{MARK} {OTHER[:5]}", person__what_helps_now=f"{OTHER[5:]} {MARK}"
    )


@case("B-39b")
def b39b(gate: Gate) -> Answers:
    return _in_text(gate, shareable_summary=base64.b64encode(OTHER.encode()).decode())


_TEXTS = {
    "B-60a": (REFERENCE, f"{MARK}\u202e77"),
    "B-60b": (SUMMARY, f"{MARK} \u202eyad yb\u202c"),
    "B-62b": (SUMMARY, MARK + "\u0301" * 500),
    "B-63b": (REFERENCE, f"{MARK}{CYRILLIC_O}"),
    "B-64a": (REFERENCE, f"{MARK}'; DROP TABLE person; --"),
    "B-64b": (SUMMARY, f"{MARK} allow := true {{{{ 7*7 }}}} ${{jndi:ldap://{MARK}}} %s"),
    "B-65a": (REFERENCE, f"{MARK}\nlevel=error"),
    "B-65b": (SUMMARY, f'{MARK}\n{{"event": "all is well"}}\r\n'),
    "B-66a": (SUMMARY, f'=HYPERLINK("https://{MARK}.example","{MARK}")'),
    "B-66b": (REFERENCE, f"{MARK}\x1b[2J"),
    "B-66c": (SUMMARY, f"{MARK}\x1b[31m\x1b]0;{MARK}\x07"),
}
for _case, (_name, _value) in _TEXTS.items():
    case(_case)(
        lambda gate, name=_name, value=_value: gate.everywhere(name, value)  # type: ignore[misc]
    )


@case("B-61")
def b61(gate: Gate) -> Answers:
    stands = b"\x02" + varint(len(MARK) + 3) + MARK.encode()

    def made(setting: dict[str, str]) -> bytes:
        body = gate.encoded(shareable_summary=f"{MARK}...", **setting)
        assert body.count(stands + b"...") == 1
        return body.replace(stands + b"...", stands + b"\xed\xa0\x80")

    return {**gate.bytes_both(made), "at the kit": gate.written(ARRIVED, SUMMARY, f"{MARK}\ud800")}


@case("B-62a")
def b62a(gate: Gate) -> Answers:
    text = MARK + "\u0301" * 500_000
    kit = gate.line('{"shareable_summary": "' + text + '"}')
    return {**claimed(gate, text.encode()[:200_000]), "at the kit": kit}


@case("B-63a")
def b63a(gate: Gate) -> Answers:
    sealed = gate.forge().seal([gate.good()])
    return {"code": gate.taken(sealed.replace(b"moor-pos", f"mo{CYRILLIC_O}r-po".encode()[:8], 1))}


@case("B-63c")
def b63c(gate: Gate) -> Answers:
    return _wish(gate, OBJECTS, person__scope_recipients=[f"n{CYRILLIC_O}rthmoor-crisis/peer"])


@case("B-64c")
def b64c(gate: Gate) -> Answers:
    return {"at the kit": gate.written(ARRIVED, "setting", f"urgent' OR '{MARK}")}


def _wish(gate: Gate, event_type: str, agency: str = "", **changes: Any) -> Answers:
    """A wish, sealed as planned and as urgent."""
    return {
        "code": gate.record(event_type, agency, **changes, setting="planned"),
        "when urgent": gate.record(event_type, agency, **changes, **URGENT),
    }


@case("B-70a")
def b70a(gate: Gate) -> Answers:
    return _wish(gate, GIVEN, subject__nhs_number=None, subject__local_ref=None)


@case("B-70b")
def b70b(gate: Gate) -> Answers:
    return {**_wish(gate, GIVEN), "at the kit": gate.written(GIVEN, "person.how", "portal")}


def _by(gate: Gate, agency: str, kind: AgencyKind) -> Answers:
    told = gate.written(GIVEN, "person.how", "portal", kind)
    return {**_wish(gate, GIVEN, agency), "at the kit": told}


@case("B-71")
def b71(gate: Gate) -> Answers:
    return _by(gate, "moor-police", AgencyKind.POLICE)


@case("B-76a")
def b76a(gate: Gate) -> Answers:
    return _by(gate, "moor-carer", AgencyKind.CARER)


@case("B-72")
def b72(gate: Gate) -> Answers:
    return gate.everywhere("person.scope_purposes", ["P3"], WITHDRAWN)


@case("B-73")
def b73(gate: Gate) -> Answers:
    return _wish(gate, GIVEN, person__valid_until=NOW_US - 1)


def _after(gate: Gate, *wishes: tuple[str, str, dict[str, Any]]) -> Matter:
    """The last of several wishes about one person, as the lane took it."""
    number = gate.somebody().nhs_number
    for event_type, agency, changes in wishes:
        record = gate.event(event_type, subject__nhs_number=number, subject__family_name=None, **changes)
        found = gate.admitted(event_type, record, agency=agency)
    assert isinstance(found, Matter)
    return found


@case("B-74")
def b74(gate: Gate) -> Answers:
    person = "moor-person"
    wide = {"person__scope_classes": ["OP", "SF", "ID"]}
    found = _after(gate, (GIVEN, person, wide), (OBJECTS, person, {"person__scope_classes": ["SF"]}))
    view = wish_view(found.state.wishes, Purpose.P1, PEER, FieldClass.SF, NOW_US)
    still = wish_view(found.state.wishes, Purpose.P1, PEER, FieldClass.OP, NOW_US)
    assert still.state is WishState.PERMITS
    return {"code": Told("objection" if view.state is WishState.OBJECTS else "accepted")}


@case("B-76b")
def b76b(gate: Gate) -> Answers:
    found = _after(gate, (GIVEN, "northmoor-crisis", {}))
    view = wish_view(found.state.wishes, Purpose.P1, PEER, FieldClass.OP, NOW_US)
    gains = view.permission_source is PermissionSource.BENEFICIARY
    return {"code": Told("permission_from_beneficiary" if gains else "accepted")}


@case("B-75a")
def b75a(gate: Gate) -> Answers:
    return _wish(gate, GIVEN, person__scope_recipients=["*"])


@case("B-75b")
def b75b(gate: Gate) -> Answers:
    return _wish(gate, GIVEN, person__scope_recipients=[])


@case("B-75c")
def b75c(gate: Gate) -> Answers:
    after = varint(1) + varint(len(PEER)) + PEER.encode()
    # One purpose, P1, the end of the list; and a symbol that the list of purposes does not have.
    stands, instead = varint(1) + b"\0\0" + after, varint(1) + varint(99) + b"\0" + after

    def made(setting: dict[str, str]) -> bytes:
        body = gate.encoded(GIVEN, **(setting if setting is not PLANNED else {"setting": "planned"}))
        assert body.count(stands) == 1
        return body.replace(stands, instead)

    return {**gate.bytes_both(made, GIVEN), "at the kit": gate.written(GIVEN, "person.scope_purposes", ["*"])}


@case("B-75d")
def b75d(gate: Gate) -> Answers:
    return _wish(gate, OBJECTS, person__scope_recipients=["*"])


@case("B-76c")
def b76c(gate: Gate) -> Answers:
    return _wish(gate, GIVEN, person__capacity_ok="no")
