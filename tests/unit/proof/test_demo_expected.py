"""What the evening must come to is complete, and a run that differs is caught cell by cell."""

from pathlib import Path

import pytest

from broker.domain.codes import NOTICES, REASONS, REJECTIONS
from broker.errors import UsageError
from broker.proof.demo.expected import (
    EXPECTED,
    PUBLISHER,
    QUARANTINE,
    UNASKED,
    Result,
    differences,
    read_expected,
)
from broker.proof.demo.script import read_script

SCRIPT = read_script()
LABELS = {step.label for step in SCRIPT.steps}
HEAD = "event,desk,outcome,extent,reasons,fields,note\n"
DESK = "moor-pos/s136-suite"


def written(folder: Path, *rows: str) -> Path:
    path = folder / "expected.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n")
    return path


def test_every_event_of_the_evening_has_an_expected_reply() -> None:
    expected = read_expected(EXPECTED, LABELS)
    assert {label for label, desk in expected if desk == PUBLISHER} == LABELS


def test_every_reason_that_is_expected_is_a_published_code() -> None:
    given = {code for result in read_expected(EXPECTED, LABELS).values() for code in result.reasons}
    assert given <= {*REASONS, *REJECTIONS, *NOTICES}


def test_every_outcome_and_extent_that_this_version_can_reach_is_expected_somewhere() -> None:
    given = {(result.outcome, result.extent) for result in read_expected(EXPECTED, LABELS).values()}
    assert given >= {
        ("delivered", "full"),
        ("delivered", "minimised"),
        ("delivered", "core"),
        ("denied", "none"),
        ("held", "minimised"),
        ("held", "core"),
        ("quarantined", "none"),
        ("accepted", ""),
        ("handled", ""),
        ("not_handled", ""),
        ("applied", ""),
        ("rejected", ""),
        (UNASKED, ""),
    }


def test_what_a_police_desk_or_a_voluntary_body_may_get_is_written_down_name_by_name() -> None:
    unnamed = [
        cell
        for cell, result in read_expected(EXPECTED, LABELS).items()
        if cell[1].startswith(("moor-police/", "harbour-vcs/"))
        and result.outcome == "delivered"
        and result.fields is None
    ]
    assert unnamed == []


def test_a_tenth_detention_comes_to_what_a_first_does_cell_by_cell() -> None:
    def of(person: str) -> dict[tuple[str, str], Result]:
        tonight = {
            (label.removeprefix(person), desk): result
            for (label, desk), result in read_expected(EXPECTED, LABELS).items()
            if label.startswith(f"{person}-") and "earlier" not in label
        }
        # Alex's event is sent twice and once under another content: that has nothing to do with how often.
        return {
            cell: one
            for cell, one in tonight.items()
            if cell[0] not in {"-detained-again", "-arrived-changed"}
        }

    assert of("robin") == of("alex")
    assert len(of("robin")) > 40


def test_every_scene_that_a_chapter_points_to_is_a_cell_of_the_evening() -> None:
    expected = read_expected(EXPECTED, LABELS)
    looks = [(look.label, look.desk) for chapter in SCRIPT.chapters for look in chapter.look]
    assert len(looks) > 25
    assert [cell for cell in looks if cell not in expected] == []


CELL = ("billie-calls", DESK)
FULL = Result("delivered", "full", (), ("core.area", "subject.phone"))


@pytest.mark.parametrize(
    ("wanted", "found", "said"),
    [
        (FULL, FULL, []),
        (Result("delivered", "full", fields=None), FULL, []),
        (Result("denied", "full", fields=None), FULL, ["outcome: expected denied, found delivered"]),
        (Result("delivered", "core", fields=None), FULL, ["extent: expected core, found full"]),
        (
            Result("delivered", "full", ("objection",), None),
            FULL,
            ["reasons: expected objection, found -"],
        ),
        (
            Result("delivered", "full", fields=("core.area", "core.need")),
            FULL,
            ["fields: core.need did not go; subject.phone went"],
        ),
        (Result(UNASKED, fields=None), FULL, ["must not exist, found delivered full"]),
        (FULL, None, ["expected delivered full, found nothing"]),
        (Result(UNASKED, fields=None), None, []),
    ],
)
def test_a_cell_that_differs_is_named_with_what_was_expected_and_found(
    wanted: Result, found: Result | None, said: list[str]
) -> None:
    run = {} if found is None else {CELL: found}
    assert list(differences({CELL: wanted}, run)) == [f"billie-calls, {DESK}: {text}" for text in said]


def test_what_nobody_expected_is_a_difference_too() -> None:
    assert list(differences({}, {CELL: FULL})) == [f"billie-calls, {DESK}: found delivered, expected nothing"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nobody,d,denied,none,,,", "event must be one of"),
        (f"billie-calls,{DESK},dropped,none,,,", "outcome must be one of"),
        (f"billie-calls,{DESK},denied,some,,,", "extent must be one of"),
        (f"billie-calls,{DESK},denied,none,,", "must have 7 columns"),
        (f"billie-calls,{DESK},denied,none,,,a note, with a comma", "must have 7 columns"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(UsageError, match=f"line 2: {said}"):
        read_expected(written(tmp_path, row), LABELS)


def test_a_cell_that_is_written_down_twice_is_refused(tmp_path: Path) -> None:
    row = f"billie-calls,{QUARANTINE},quarantined,none,,,"
    with pytest.raises(UsageError, match="twice"):
        read_expected(written(tmp_path, row, row), LABELS)


def test_a_file_that_is_no_expectation_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n")
    with pytest.raises(UsageError, match="first line"):
        read_expected(tmp_path / "other.csv", LABELS)
    with pytest.raises(UsageError, match="cannot be read"):
        read_expected(tmp_path / "none.csv", LABELS)
