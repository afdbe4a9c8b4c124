"""The class table: which column a desk stands in, and what a cell lets go. Checked for being whole."""

from collections.abc import Iterator, Mapping
from typing import Any

from broker.domain.identifiers import DeskId, role_of
from broker.domain.vocabulary import AgencyKind, FieldClass, Purpose, Setting
from broker.policy.sources import CLASS_TABLE

CELLS = frozenset({"whole", "summary", "if_agreed", "summary_if_agreed", "hold", "never"})
TABLES = ("live", "planned")
BY_PERMISSION = frozenset({"vcse_professional", "volunteer", "housing", "carer"})
"""Columns of desks that hold what they get by the person's permission only (R28, R29, B9)"""

RESPONDER_KINDS = frozenset(
    {AgencyKind.CRISIS, AgencyKind.PLACE_OF_SAFETY, AgencyKind.AMBULANCE, AgencyKind.ED}
)
"""Kinds whose desks must act when somebody is in danger; the core reaches them whatever was signed (R42)"""

_CLASSES = frozenset(FieldClass) - {FieldClass.CORE}
_PARTS = frozenset({"columns", "tables", *TABLES})


def table_problems(table: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with the class table, one sentence each."""
    if not _is_whole(table):
        yield f"{CLASS_TABLE}: needs exactly {', '.join(sorted(_PARTS))}, each of its shape"
        return
    yield from _column_problems(table)
    for name in TABLES:
        for column, cells in table[name].items():
            if not isinstance(cells, dict) or set(cells) != _CLASSES or not set(cells.values()) <= CELLS:
                words = ", ".join(sorted(CELLS))
                yield f"{CLASS_TABLE}: {name}.{column} needs one cell for each class, of {words}"
    for purpose, by_setting in table["tables"].items():
        if purpose not in set(Purpose) or not isinstance(by_setting, dict):
            yield f"{CLASS_TABLE}: tables.{purpose} is no purpose of 4.3 with a table for each setting"
        elif set(by_setting) != set(Setting) or not set(by_setting.values()) <= set(TABLES):
            yield f"{CLASS_TABLE}: tables.{purpose} needs live or planned for each setting"
        elif by_setting[Setting.PLANNED] != "planned":
            yield f"{CLASS_TABLE}: tables.{purpose} reads the live table in a planned setting (R1)"


def _column_problems(table: Mapping[str, Any]) -> Iterator[str]:
    columns: set[str] = set()
    for kind in AgencyKind:
        by_role = table["columns"].get(kind)
        if not isinstance(by_role, dict) or "default" not in by_role:
            yield f"{CLASS_TABLE}: columns.{kind} needs a default column"
        else:
            columns.update(by_role.values())
    for name in TABLES:
        if missing := columns - set(table[name]):
            yield f"{CLASS_TABLE}: {name} has no column {', '.join(sorted(missing))}"


def _is_whole(table: Mapping[str, Any]) -> bool:
    return set(table) == _PARTS and all(isinstance(table[name], dict) for name in _PARTS)


def column_of(table: Mapping[str, Any], desk: DeskId, kind: AgencyKind) -> str:
    """The column a desk stands in: by its role where that tells more, else by the kind of its agency."""
    by_role = table["columns"][kind]
    return str(by_role.get(role_of(desk), by_role["default"]))


def is_responder(kind: AgencyKind, column: str) -> bool:
    """Whether the desk must act in an emergency. A peer supporter of a crisis team need not."""
    return kind in RESPONDER_KINDS and column not in BY_PERMISSION


def best_cell(table: Mapping[str, Any], column: str, purpose: str, field_class: FieldClass) -> str:
    """The cell at its widest: in the live table for live purposes, else in the planned one."""
    return str(table[table["tables"][purpose][Setting.EMERGENCY_LIVE]][column][field_class])
