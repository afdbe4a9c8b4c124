"""Each outcome and extent reads as the page that was written for it by hand."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from broker.domain.codes import REASONS
from broker.domain.identifiers import AgencyId
from broker.domain.vocabulary import Handling, Purpose
from broker.explain.leaves import Leaf
from broker.explain.page import WIDTH, page
from broker.explain.story import Background, tell
from broker.explain.words import BASES, HANDLINGS, PURPOSES, WHO_DECIDES
from tests.unit.explain.leaves import BACKGROUND, EVENT, PAGES, decision, leaf
from tests.unit.explain.stories import CRISIS_LINE, STORIES


def told(leaves: Sequence[Leaf], background: Background = BACKGROUND) -> str:
    story = tell(EVENT, leaves)
    assert story is not None
    return page(story, background)


def written(name: str) -> str:
    return (PAGES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STORIES)
def test_a_story_reads_as_the_page_that_was_written_by_hand(name: str) -> None:
    assert told(STORIES[name]) == written(name)


def test_every_page_that_was_written_has_its_story() -> None:
    assert {path.stem for path in PAGES.glob("*.txt")} == set(STORIES)


@pytest.mark.parametrize("name", STORIES)
def test_no_line_is_wider_than_a_page(name: str) -> None:
    assert max(len(line) for line in told(STORIES[name]).splitlines()) <= WIDTH


def test_nothing_on_a_page_can_colour_or_move_a_terminal() -> None:
    for name in STORIES:
        assert told(STORIES[name]).replace("\n", "").isprintable()


def test_a_core_that_went_without_an_agreement_in_force_says_so() -> None:
    (one,) = STORIES["delivered_core"]
    changed = one.content.replace(b'"objection"', b'"no_agreement"')
    shown = told([replace(one, content=changed)])
    assert "(police-to-crisis-response); not in force for this flow, place and date" in " ".join(
        shown.split()
    )


def test_an_agreement_that_is_no_longer_in_the_folder_is_given_by_name() -> None:
    shown = told(STORIES["delivered_full"], Background())
    assert "Agreement    crisis-and-place-of-safety\n" in shown


def test_two_agencies_that_use_one_id_are_told_apart() -> None:
    first = decision(**CRISIS_LINE, whole=("occurred_at",))
    shown = told([leaf(first), leaf(replace(first, publisher=AgencyId("moor-police")), index=1)])
    assert "published by moor-pos and by moor-police" in shown
    assert "Publisher    moor-pos\n" in shown
    assert "Publisher    moor-police\n" in shown


def test_records_of_a_kind_this_version_does_not_know_are_counted() -> None:
    unknown = {"format": "candour.recall.v1", "event_id": EVENT}
    shown = told([*STORIES["delivered_full"], leaf(unknown, index=9)])
    assert "1 record(s) about it are of a kind that this version cannot read" in shown


def test_every_reason_names_who_can_change_it() -> None:
    assert set(WHO_DECIDES) == {*REASONS, "stage_failed"}


def test_every_purpose_basis_and_handling_has_its_words() -> None:
    assert set(PURPOSES) == set(Purpose)
    assert set(BASES) == {f"B{number}" for number in range(1, 13)}
    assert set(HANDLINGS) == set(Handling)
