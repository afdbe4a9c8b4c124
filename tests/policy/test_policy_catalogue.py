"""The published catalogue is what schemas and policies say, and whoever changes either is told."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
TYPE = "police.s136.detained"
OTHER = "vcs.referral.sent"


def check(pages: Path, schemas: Path, policies: Path, *types: str) -> int:
    folders = ("--schemas", str(schemas), "--policies", str(policies), "--out", str(pages))
    return main(["schema", "catalogue", "--check", *folders, *types])


def test_the_catalogue_of_the_repository_is_up_to_date() -> None:
    assert check(ROOT / "docs/catalogue", ROOT / "schemas", ROOT / "policies") == 0


def test_every_event_type_has_its_page_and_its_line_in_the_index() -> None:
    types = {path.stem for path in (ROOT / "schemas").glob("*.avsc")}
    assert {path.stem for path in (ROOT / "docs/catalogue").glob("*.md")} == types | {"README"}
    index = (ROOT / "docs/catalogue/README.md").read_text(encoding="utf-8")
    assert all(f"[{name}]({name}.md)" in index for name in types)


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def a_class_changed(pages: Path, schemas: Path, policies: Path) -> None:
    path = schemas / f"{TYPE}.avsc"
    schema = json.loads(path.read_text(encoding="utf-8"))
    person = next(one for one in schema["fields"] if one["name"] == "person")
    next(one for one in person["type"]["fields"] if one["name"] == "restraint_used")["class"] = "CL"
    path.write_text(json.dumps(schema), encoding="utf-8")


def a_doc_changed(pages: Path, schemas: Path, policies: Path) -> None:
    swap(schemas / f"{TYPE}.avsc", "Police have detained", "Police detained")


def another_kind_may_publish(pages: Path, schemas: Path, policies: Path) -> None:
    swap(schemas / f"{TYPE}.avsc", '"publishers": ["police"]', '"publishers": ["police", "ambulance"]')


def a_code_was_added(pages: Path, schemas: Path, policies: Path) -> None:
    swap(schemas / f"{TYPE}.avsc", '"spit_guard"', '"spit_guard", "dog"')


def an_agreement_names_a_field_less(pages: Path, schemas: Path, policies: Path) -> None:
    swap(policies / "agreements/police-to-emergency-care.yaml", "    - person.found_at\n", "")


def an_agreement_has_ended(pages: Path, schemas: Path, policies: Path) -> None:
    path = policies / "agreements/police-to-emergency-care.yaml"
    ends = next(line for line in path.read_text("utf-8").splitlines() if line.startswith("ends:"))
    swap(path, ends, "ends: 2025-01-01")


def a_desk_asks_no_more(pages: Path, schemas: Path, policies: Path) -> None:
    asks = "- desk: moor-ed/nurse-in-charge\n  purpose: P1\n  agreement: police-to-emergency-care\n"
    swap(policies / "subscriptions.yaml", f"{asks}  event_types: [{TYPE}, ", f"{asks}  event_types: [")


def a_rule_was_changed(pages: Path, schemas: Path, policies: Path) -> None:
    path = policies / "sharing/class_table/data.yaml"
    before, column, after = path.read_text(encoding="utf-8").partition("\n  ambulance_ed:\n")
    assert "SF: whole" in after
    path.write_text(before + column + after.replace("SF: whole", "SF: summary", 1), encoding="utf-8")


def a_page_was_edited(pages: Path, schemas: Path, policies: Path) -> None:
    swap(pages / f"{TYPE}.md", "| yes |", "| a |")


def a_page_was_lost(pages: Path, schemas: Path, policies: Path) -> None:
    (pages / f"{TYPE}.md").unlink()


FAULTS = (
    a_class_changed,
    a_doc_changed,
    another_kind_may_publish,
    a_code_was_added,
    an_agreement_names_a_field_less,
    an_agreement_has_ended,
    a_desk_asks_no_more,
    a_rule_was_changed,
    a_page_was_edited,
    a_page_was_lost,
)


@pytest.mark.parametrize("seed", FAULTS, ids=lambda one: one.__name__)
def test_a_seeded_fault_makes_the_catalogue_stale(
    seed: Callable[[Path, Path, Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = (tmp_path / "pages", tmp_path / "schemas", tmp_path / "policies")
    for folder, source in zip(folders, ("docs/catalogue", "schemas", "policies"), strict=True):
        shutil.copytree(ROOT / source, folder)
    seed(*folders)
    assert check(*folders, TYPE) == 1
    said = capsys.readouterr().out
    assert f"{TYPE}.md: " in said
    assert "candour schema catalogue" in said
    assert check(*folders, OTHER) == 0


def test_a_page_of_no_event_type_is_named_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages = tmp_path / "pages"
    shutil.copytree(ROOT / "docs/catalogue", pages)
    (pages / "police.s999.made_up.md").write_text("# nothing\n", encoding="utf-8")
    assert check(pages, ROOT / "schemas", ROOT / "policies") == 1
    assert "police.s999.made_up.md: of no event type" in capsys.readouterr().out
    assert main(["schema", "catalogue", "--out", str(pages)]) == 0
    assert not (pages / "police.s999.made_up.md").exists()


def test_an_unknown_event_type_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(ROOT / "docs/catalogue", ROOT / "schemas", ROOT / "policies", "police.nothing") == 2
    assert "police.nothing" in capsys.readouterr().err
