"""Every code that a payload can be refused with is on the closed list, and every one on the list can come."""

import ast
from collections.abc import Iterator
from pathlib import Path

from broker.domain.codes import REJECTIONS

ROOT = Path(__file__).parents[3]
ROOMS = ("wire", "domain", "registry", "intake", "release")


def raised() -> Iterator[str]:
    """The code of each PayloadError and each refusal that is written down, read from the source."""
    for room in ROOMS:
        for path in sorted((ROOT / "broker" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    yield from _code(node.func.id, node.args)


def _code(name: str, arguments: list[ast.expr]) -> Iterator[str]:
    at = {"PayloadError": 0, "Refused": 2}.get(name)
    if at is None or len(arguments) <= at:
        return
    code = arguments[at]
    if isinstance(code, ast.Constant):
        yield str(code.value)


def test_every_code_that_is_raised_is_on_the_list() -> None:
    found = set(raised())
    assert len(found) >= 15
    assert found <= set(REJECTIONS)


def test_every_code_on_the_list_is_written_somewhere_in_the_exchange() -> None:
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ROOMS
        for path in (ROOT / "broker" / room).rglob("*.py")
        if path.name != "codes.py"
    )
    assert [code for code in REJECTIONS if f'"{code}"' not in text] == []
