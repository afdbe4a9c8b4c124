"""The rows that say who receives what: each is about what exists, and can fail."""

from collections import Counter
from typing import Any

import pytest

from broker.domain.vocabulary import AgencyKind
from broker.registry.catalogue import load_catalogue
from tests.builders import SCHEMAS
from tests.property.canaries import AREA
from tests.system.receivers.cases import CASES
from tests.system.receivers.rows import CORE, NOTHING, Row, faults, read_rows

SPECS = {str(name): spec for name, spec in load_catalogue(SCHEMAS).specs.items()}
ROWS = read_rows()
DESKS = {f"{agency}/{desk}" for agency, terms in AREA.items() for desk in terms["desks"]}
# Published by nobody but the exchange, so that no example can be: their own tests raise them.
RAISED = {name for name, spec in SPECS.items() if spec.publishers == {AgencyKind.BROKER}}
# The exchange itself acts on what the person says and on markers; figures are counted from calls.
GOES_TO_NOBODY = {
    "crisis.line.contact",
    "person.objection.decided",
    "person.objection.raised",
    "person.permission.given",
    "person.permission.withdrawn",
    "person.restriction.lifted",
    "person.restriction.set",
}
WHAT_CORE_HOLDS: dict[str, Any] = {"occurred_at": 1, "core": {"area": "a", "urgency": "b", "need": "c"}}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.where} {row.event_type}")
def test_a_row_is_about_what_there_is(row: Row) -> None:
    assert row.event_type in SPECS
    assert row.event_type.split(".")[0] == row.where.split(".")[0]
    assert row.case in CASES
    assert row.desk in DESKS
    assert row.source.strip()
    assert row.gets == CORE or row.gets == NOTHING or row.must
    fields = {str(one.name) for one in SPECS[row.event_type].fields}
    assert row.must | row.must_not <= fields


def test_no_two_rows_are_about_the_same() -> None:
    found = Counter((row.event_type, row.case, row.desk) for row in ROWS)
    assert [key for key, count in found.items() if count > 1] == []


@pytest.mark.parametrize("event_type", sorted(set(SPECS) - RAISED))
def test_of_every_type_somebody_gets_something_and_somebody_gets_nothing(event_type: str) -> None:
    said = {row.gets == NOTHING for row in ROWS if row.event_type == event_type}
    assert said == ({True} if event_type in GOES_TO_NOBODY else {True, False})


def row(gets: str) -> Row:
    return Row("police.csv:9", "police.s136.detained", "as_example", "moor-gp/practice", gets, "R29")


RECORD: dict[str, Any] = {**WHAT_CORE_HOLDS, "subject": {"family_name": "Example"}, "person": {"mode": "x"}}
BARE: dict[str, Any] = {**WHAT_CORE_HOLDS, "subject": None, "person": None}


@pytest.mark.parametrize(
    ("gets", "opened", "wrong"),
    [
        ("nothing", [], False),
        ("nothing", [BARE], True),
        ("core", [BARE], False),
        ("core", [], True),
        ("core", [RECORD], True),
        ("person.mode", [RECORD], False),
        ("person.mode", [BARE], True),
        ("person.mode", [], True),
        ("person.mode !subject.family_name", [RECORD], True),
        ("person.mode !subject.given_name", [RECORD], False),
        ("person.mode", [RECORD | {"person": {"mode": "y"}}], True),
    ],
)
def test_a_row_fails_when_its_desk_got_something_else(
    gets: str, opened: list[dict[str, Any]], wrong: bool
) -> None:
    found = list(faults(row(gets), RECORD, opened))
    assert bool(found) == wrong
    assert all("police.csv:9" in one and "R29" in one for one in found)
