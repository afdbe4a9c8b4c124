"""Every file of ours is short enough to read at one sitting, and says at its top what it is for."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
OURS = sorted(
    path
    for folder in ("broker", "consumers", "deploy", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "_shipped" not in path.parts
)


def test_there_are_files_to_look_at() -> None:
    assert len(OURS) > 20


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_has_more_than_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize(
    "path",
    [path for path in OURS if "tests" not in path.parts and path.stat().st_size],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
