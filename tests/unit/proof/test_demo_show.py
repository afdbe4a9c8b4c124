"""What a terminal shows of the evening: scenes by desks with their reasons, quiet cases as counts."""

import io

from rich.console import Console

from broker.domain.identifiers import AgencyId
from broker.proof.demo.expected import GAP, LATER, PUBLISHER, Result
from broker.proof.demo.script import Chapter, Script, Step
from broker.proof.demo.show import PLAIN_WIDTH, desks_of, show_chapters, show_problems, sign_of

CRISIS, POLICE = "northmoor-crisis/crisis-line", "moor-police/control-room"
AGENCY = AgencyId("moor-police")


def shown(*, colour: bool = False) -> str:
    steps = (
        Step("call", AGENCY, "lee", "Lee rings.", event={}, scene=True),
        Step("visit", AGENCY, "lee", "Lee is seen.", event={}, scene=True),
        Step("quiet", AGENCY, "wren", "Wren rings.", event={}),
    )
    script = Script({}, (Chapter("c", "Nobody comes", "A call.", (), steps),))
    found = {
        ("call", PUBLISHER): Result("accepted"),
        ("call", LATER): Result("not_handled"),
        ("call", CRISIS): Result("delivered", "core"),
        ("call" + GAP, CRISIS): Result("delivered", "minimised"),
        ("visit", PUBLISHER): Result("accepted"),
        ("visit", CRISIS): Result("held", "minimised", ("class_needs_person",)),
        ("visit", POLICE): Result("denied", "none", ("police_planned_care",)),
        ("quiet", CRISIS): Result("delivered", "full"),
    }
    out = io.StringIO()
    console = Console(
        file=out, width=PLAIN_WIDTH, force_terminal=colour, color_system="standard" if colour else None
    )
    show_chapters(console, script, found)
    return out.getvalue()


def test_each_scene_is_a_row_and_each_desk_that_asks_for_any_a_column() -> None:
    rows = {line.split()[0]: line.split()[1:] for line in shown().splitlines() if line.startswith("  ")}
    assert rows["call"] == ["C", "-", "accepted,", "then", "not_handled"]
    assert rows["call+gap"] == ["M", "-"]
    assert rows["visit"] == ["H", "x", "accepted"]
    assert f"1={CRISIS}  2={POLICE}" in shown()


def test_a_denial_and_a_hold_stand_there_with_their_reasons() -> None:
    assert f"denied {POLICE}: police_planned_care (visit)" in shown()
    assert f"held {CRISIS}: class_needs_person (visit)" in shown()


def test_quiet_events_are_counted_and_not_listed() -> None:
    assert "and 1 quiet events of 1 people: 1 full" in shown()


def test_a_file_gets_ascii_and_a_terminal_gets_colour() -> None:
    assert shown().isascii()
    assert "\x1b[" in shown(colour=True)


def test_police_stand_last_and_a_cell_without_a_result_says_nothing() -> None:
    found = {
        ("a", POLICE): Result("denied"),
        ("a", CRISIS): Result("denied"),
        ("a", LATER): Result("handled"),
    }
    assert desks_of(found) == [CRISIS, POLICE]
    assert sign_of(None) == "-"


def test_what_differs_is_counted_and_named() -> None:
    out = io.StringIO()
    show_problems(Console(file=out, width=PLAIN_WIDTH), ["one, desk: outcome"])
    assert out.getvalue().splitlines()[1] == "  one, desk: outcome"
