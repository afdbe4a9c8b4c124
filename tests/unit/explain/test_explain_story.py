"""What is in force, what `--json` prints, and what is no leaf."""

import json

import pytest

from broker.domain.decision import canonical
from broker.domain.identifiers import DeskId
from broker.domain.vocabulary import WishKind
from broker.errors import IntegrityError
from broker.explain.leaves import Leaf, Place
from broker.explain.store import open_leaves
from broker.explain.story import Story, document, tell
from broker.wire.block import BlockKey, seal_block
from tests.unit.explain.leaves import BACKGROUND, EVENT, leaf, quarantined, wish_applied
from tests.unit.explain.stories import STORIES

KEYS = (
    *("desk", "agreement", "answer", "outcome", "extent", "fields", "reasons", "basis", "purpose"),
    *("policy_revision", "decided_at"),
)


def story_of(name: str) -> Story:
    story = tell(EVENT, STORIES[name])
    assert story is not None
    return story


def printed(name: str) -> dict[str, object]:
    shown: dict[str, object] = json.loads(json.dumps(document(story_of(name), BACKGROUND.wish_types)))
    return shown


def test_json_has_the_keys_of_the_published_format_in_its_order() -> None:
    shown = printed("several_desks")
    assert tuple(shown) == ("event_id", "event_type", "decisions")
    decisions = shown["decisions"]
    assert isinstance(decisions, list)
    assert [tuple(one) for one in decisions] == [KEYS, KEYS, KEYS]


def test_json_of_a_delivery_holds_what_was_decided() -> None:
    assert printed("delivered_core") == {
        "event_id": EVENT,
        "event_type": "police.s136.detained",
        "decisions": [
            {
                "desk": "northmoor-crisis/crisis-line",
                "agreement": "police-to-crisis-response",
                "answer": "DENY",
                "outcome": "delivered",
                "extent": "core",
                "fields": dict.fromkeys(("core.area", "core.need", "core.urgency", "occurred_at"), "whole"),
                "reasons": ["objection"],
                "basis": None,
                "purpose": "P1",
                "policy_revision": "northmoor-4f1c9a7e2b60",
                "decided_at": "2026-07-20T23:12:07+00:00",
            }
        ],
    }


def test_json_of_a_payload_in_quarantine_names_no_desk() -> None:
    shown = printed("quarantined")
    assert shown["event_type"] is None
    assert shown["decisions"] == [
        {
            "desk": None,
            "agreement": None,
            "answer": None,
            "outcome": "quarantined",
            "extent": "none",
            "fields": {},
            "reasons": ["occurred_at_missing"],
            "basis": None,
            "purpose": None,
            "policy_revision": "northmoor-4f1c9a7e2b60",
            "decided_at": "2026-11-21T00:12:07+00:00",
        }
    ]


def test_json_of_a_wish_has_its_type_and_no_decision() -> None:
    assert printed("wish_applied") == {
        "event_id": EVENT,
        "event_type": "person.permission.withdrawn",
        "decisions": [],
    }


def test_a_held_decision_that_was_closed_is_not_in_force() -> None:
    decisions = printed("held_then_decided")["decisions"]
    assert isinstance(decisions, list)
    assert [one["outcome"] for one in decisions] == ["delivered"]


def test_one_desk_alone_shows_nothing_of_the_others() -> None:
    mine = story_of("several_desks").for_desk(DeskId("moor-police/missing-persons"))
    assert [one.decision.desk for one in mine.decisions] == ["moor-police/missing-persons"]
    assert mine.refusals == ()


def test_without_leaves_there_is_no_story() -> None:
    assert tell(EVENT, []) is None


@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b"[]",
        b"{}",
        canonical({"format": "candour.decision.v1", "event_id": EVENT}),
        canonical({**quarantined("occurred_at_missing", []), "offset": "many"}),
        canonical({**wish_applied(WishKind.OBJECTION), "kind": "whim"}),
        STORIES["denied"][0].content.replace(b'"denied"', b'"forgotten"'),
    ],
)
def test_a_leaf_that_is_not_what_its_format_says_breaks_integrity_and_names_its_place(
    content: bytes,
) -> None:
    with pytest.raises(IntegrityError, match="lane 3, offset 120: record 7"):
        tell(EVENT, [Leaf(Place(3, 120, 7), content)])


def test_leaves_of_a_block_stand_at_its_place_in_order() -> None:
    key, contents = BlockKey(b"k" * 32), [leaf(wish_applied(WishKind.OBJECTION)).content, b"second"]
    block = seal_block(key, b"candour/decisions/v1/3", contents)
    assert list(open_leaves(key, 3, 120, block)) == [
        Leaf(Place(3, 120, index), content) for index, content in enumerate(contents)
    ]


def test_a_block_of_another_lane_does_not_open_here() -> None:
    key = BlockKey(b"k" * 32)
    block = seal_block(key, b"candour/decisions/v1/4", [b"leaf"])
    with pytest.raises(IntegrityError, match="lane 3, offset 120"):
        list(open_leaves(key, 3, 120, block))
