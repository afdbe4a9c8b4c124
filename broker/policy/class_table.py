"""The class table: which column a desk stands in, and what a cell lets go. Checked for being whole."""

from collections.abc import Iterator, Mapping
from typing import Any

from broker.domain.event import FieldSpec
from broker.domain.identifiers import DeskId, role_of
from broker.domain.vocabulary import AgencyKind, FieldClass, Purpose, Setting, Trait
from broker.policy.sources import CLASS_TABLE

TRAITS_OF: Mapping[str, frozenset[Trait]] = {
    "first_name": frozenset({Trait.FIRST_NAME}),
    "name": frozenset({Trait.NAME}),
    "helps": frozenset({Trait.HELPS}),
    "language": frozenset({Trait.LANGUAGE}),
    "adjustments": frozenset({Trait.LANGUAGE, Trait.ADJUSTMENT}),
    "power": frozenset({Trait.POWER}),
    "for_police": frozenset({Trait.FOR_POLICE}),
    "pointer": frozenset({Trait.POINTER}),
    "role_or_number": frozenset({Trait.ROLE_OR_NUMBER}),
    "oversight": frozenset({Trait.OVERSIGHT}),
}
"""What a cell can let go besides whole and summary -> the traits that a field must have one of"""

CONDITIONS = frozenset({"if_detained", "if_function", "if_task"})
"""Cells that the family `class_table` reads as whole, hold or never, as the question stands"""

TABLES = ("live", "planned")
BY_PERMISSION = frozenset({"vcse_professional", "volunteer", "housing", "carer"})
"""Columns of desks that hold what they get by the person's permission only (R28, R29, B9)"""

RESPONDER_KINDS = frozenset(
    {AgencyKind.CRISIS, AgencyKind.PLACE_OF_SAFETY, AgencyKind.AMBULANCE, AgencyKind.ED}
)
"""Kinds whose desks must act when somebody is in danger; the core reaches them whatever was signed (R42)"""

EMERGENCY_CLASSES = frozenset({FieldClass.ID, FieldClass.LP, FieldClass.SF, FieldClass.OP})
"""What may go without an agreement where a life is at risk (3.2 step 3)"""

_GIVES = frozenset({"whole", "summary", *TRAITS_OF})
_CLASSES = frozenset(FieldClass) - {FieldClass.CORE}
_KINDS = frozenset(AgencyKind) - {AgencyKind.BROKER}
_PARTS = frozenset({"cells", "columns", "tables", *TABLES})
_NOTHING = frozenset({"hold", "never"})


def table_problems(table: Mapping[str, Any]) -> Iterator[str]:
    """Everything that is wrong with the class table, one sentence each."""
    if not _is_whole(table):
        yield f"{CLASS_TABLE}: needs exactly {', '.join(sorted(_PARTS))}, each of its shape"
        return
    yield from _cell_problems(table["cells"])
    yield from _column_problems(table)
    words = CONDITIONS | _NOTHING | set(table["cells"])
    for name in TABLES:
        for column, cells in table[name].items():
            if not isinstance(cells, dict) or set(cells) != _CLASSES or not set(cells.values()) <= words:
                listed = ", ".join(sorted(words))
                yield f"{CLASS_TABLE}: {name}.{column} needs one cell for each class, of {listed}"
    for purpose, by_setting in table["tables"].items():
        if purpose not in set(Purpose) or not isinstance(by_setting, dict):
            yield f"{CLASS_TABLE}: tables.{purpose} is no purpose of 4.3 with a table for each setting"
        elif set(by_setting) != set(Setting) or not set(by_setting.values()) <= set(TABLES):
            yield f"{CLASS_TABLE}: tables.{purpose} needs live or planned for each setting"
        elif by_setting[Setting.PLANNED] != "planned":
            yield f"{CLASS_TABLE}: tables.{purpose} reads the live table in a planned setting (R1)"


def _cell_problems(cells: Mapping[str, Any]) -> Iterator[str]:
    for word, cell in cells.items():
        if not isinstance(cell, dict) or set(cell) != {"gives", "asks"} or cell["gives"] not in _GIVES:
            yield f"{CLASS_TABLE}: cells.{word} needs gives (of {', '.join(sorted(_GIVES))}) and asks"
        elif not isinstance(cell["asks"], bool):
            yield f"{CLASS_TABLE}: cells.{word}: asks is true where the person must have said yes, or false"


def _column_problems(table: Mapping[str, Any]) -> Iterator[str]:
    columns: set[str] = set()
    for kind in sorted(_KINDS):
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


def may_ever_go(table: Mapping[str, Any], column: str, purpose: str, spec: FieldSpec) -> bool:
    """Whether some cell, in some setting, lets this field go to this column, or asks a person to decide."""
    by_setting = table["tables"][purpose]
    cells = {str(table[by_setting[setting]][column][spec.field_class]) for setting in Setting}
    return any(_lets_go(table["cells"], cell, spec) for cell in cells)


def _lets_go(cells: Mapping[str, Any], cell: str, spec: FieldSpec) -> bool:
    if cell not in cells:
        return cell != "never"
    wanted = TRAITS_OF.get(cells[cell]["gives"])
    # Where a summary goes, the event's own stands in for any other text (design 2.4).
    return wanted is None or bool(wanted & spec.traits)
