"""The checker finds every fault of the books of quarantine, and none where there is none."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checker_quarantine import quarantined_otherwise_than_once
from tests.faults.evidence import Evidence, Leaf, Quarantined
from tests.faults.lane_log import EVENT, Logged


def leaf(record: dict[str, Any], offset: int = 0) -> Leaf:
    return Leaf(0, offset, 0, "", record)


def refusal(name: str, offset: int, **more: Any) -> dict[str, Any]:
    return {
        "format": "candour.quarantined.v1",
        "quarantine_id": name,
        "topic": "from.moor-pos",
        "offset": offset,
        "index": 0,
        "code": "schema_unknown",
        "resubmits": None,
        **more,
    }


def item(record: dict[str, Any], **more: Any) -> Quarantined:
    told = {**record, "kept": "payload", "kept_sha256": "ab", "desks": [], **more}
    return Quarantined(0, int(record["offset"]), 0, told, b"sealed")


def act(name: str, kind: str, number: int, **more: Any) -> dict[str, Any]:
    return {
        "format": "candour.quarantine_act.v1",
        "quarantine_id": name,
        "act": kind,
        "act_id": f"act-{number}",
        "holders": ["ig-lead", "operations-lead"],
        "brings": int(kind == "resubmitted"),
        **more,
    }


FIRST, SECOND = refusal("q-1", 1), refusal("q-2", 2)
OPENED, AGAIN, ENDED = act("q-1", "opened", 1), act("q-1", "resubmitted", 2), act("q-2", "discarded", 3)
CAME = Logged(0, 9, 0, EVENT, "moor-pos", ("from.moor-pos", 1, 0), "nhs:1", "e-1", origin="q-1")


def evidence(
    leaves: list[dict[str, Any]], items: list[Quarantined], acts: list[dict[str, Any]], *log: Logged
) -> Evidence:
    beside = tuple(Quarantined(0, 10 + number, 0, one, b"") for number, one in enumerate(acts))
    return Evidence(
        tuple(leaf(one, number) for number, one in enumerate([*leaves, *acts])),
        (),
        (),
        (),
        log,
        quarantine=(*items, *beside),
    )


SOUND = evidence([FIRST, SECOND], [item(FIRST), item(SECOND)], [OPENED, AGAIN, ENDED], CAME)


def faults(found: Evidence) -> str:
    return "\n".join(quarantined_otherwise_than_once(found, {}))


def test_sound_books_have_no_fault() -> None:
    assert faults(SOUND) == ""


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (evidence([FIRST], [], []), "q-1 is 0 times in quarantine"),
        (evidence([], [item(FIRST)], []), "q-1 has 0 records"),
        (evidence([FIRST, {**FIRST, "quarantine_id": "q-3"}], [item(FIRST)], []), "was quarantined 2 times"),
        (evidence([FIRST], [replace(item(FIRST), sealed=b"")], []), "no sealed bytes"),
        (evidence([FIRST], [item(FIRST)], [ENDED]), "q-2 was acted upon and is not in quarantine"),
        (evidence([SECOND], [item(SECOND)], [ENDED, act("q-2", "opened", 4)]), "after its end"),
        (evidence([SECOND], [item(SECOND)], [ENDED, act("q-2", "discarded", 4)]), "after its end"),
        (evidence([SECOND], [item(SECOND)], [{**ENDED, "holders": ["ig-lead"]}]), "one person alone"),
        (
            evidence([SECOND], [item(SECOND)], [{**ENDED, "holders": ["ig-lead", "ig-lead"]}]),
            "one person alone",
        ),
        (evidence([FIRST], [item(FIRST)], [OPENED, OPENED]), "one act counted twice"),
        (evidence([FIRST], [item(FIRST)], [AGAIN]), "1 payloads resubmitted, 0 came"),
        (evidence([FIRST], [item(FIRST)], [], CAME), "0 payloads resubmitted, 1 came"),
        (replace(evidence([SECOND], [item(SECOND)], [ENDED]), quarantine=(item(SECOND),)), "different acts"),
    ],
)
def test_each_fault_is_found(found: Evidence, fault: str) -> None:
    assert fault in faults(found)
