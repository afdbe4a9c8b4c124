"""A schema may grow; what would break a reader or a writer, or release more in silence, is refused."""

import json
from pathlib import Path

import pytest
import yaml

from broker.cli.main import main
from broker.policy.schema_check import Fault, check_schemas
from broker.wire.versions import VERSIONS
from tests.unit.schemas.evolving import (
    BREAKING,
    DETAINED,
    HANDED_OVER,
    HARMLESS,
    POLICE_TO_CRISIS,
    WIDENING,
    Mutation,
    agreeing,
    evolve,
    few_policies,
    recorded,
    versions,
)
from tests.unit.schemas.seeding import TEXT, change, put, several


@pytest.fixture
def schemas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = recorded(tmp_path)
    capsys.readouterr()
    return folder


def faults(schemas: Path) -> tuple[Fault, ...]:
    return check_schemas(schemas, few_policies(schemas)).faults


def run(command: str, schemas: Path, *options: str) -> int:
    """`candour schema check` or `version` on a folder."""
    policies = str(few_policies(schemas))
    return main(["schema", command, "--folder", str(schemas), "--policies", policies, *options])


def sign(schemas: Path, event_type: str, codes: dict[str, str], *roles: str, schema: str = "") -> None:
    """Put a paper under what stands there now: code -> field."""
    (fault, *_) = [one for one in faults(schemas) if one.schema == event_type]
    paper = {
        "event_type": event_type,
        "schema": schema or fault.message.rpartition(" ")[2].rstrip("."),
        "changes": [{"code": code, "field": name} for code, name in codes.items()],
        "why": "Seeded.",
        "signed": [{"agency": "moor-governance", "role": role, "date": "2026-11-20"} for role in roles],
    }
    (schemas / "loosened").mkdir(exist_ok=True)
    (schemas / "loosened" / "seeded.yaml").write_text(yaml.safe_dump(paper), encoding="utf-8")


def test_every_shipped_schema_is_its_last_recorded_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "check"]) == 0, "candour schema version"
    assert capsys.readouterr().err == "0 faults\n"


def test_what_is_recorded_passes(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", schemas) == 0
    assert capsys.readouterr().err == "0 faults\n"
    assert run("version", schemas) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("code", "event_type", "path", "mutate"), [*BREAKING, *WIDENING])
def test_each_seeded_fault_is_found_and_not_recorded(
    code: str, event_type: str, path: str, mutate: Mutation, schemas: Path
) -> None:
    evolve(schemas, event_type, mutate)
    assert (event_type, code, path) in {(one.schema, one.code, one.path) for one in faults(schemas)}
    assert run("check", schemas) == 1
    before = versions(schemas, event_type)
    assert run("version", schemas) == 1
    assert versions(schemas, event_type) == before


def test_at_least_ten_faults_differ() -> None:
    assert len({code for code, *_ in BREAKING}) >= 10
    assert len({code for code, *_ in WIDENING}) >= 5


@pytest.mark.parametrize(("version", "event_type", "mutate"), HARMLESS)
def test_what_harms_nobody_becomes_the_next_version(
    version: str, event_type: str, mutate: Mutation, schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (before,) = versions(schemas, event_type)
    evolve(schemas, event_type, mutate)
    assert run("check", schemas) == 1
    capsys.readouterr()
    assert run("version", schemas) == 0
    written = capsys.readouterr().out.splitlines()
    assert written == [f"{event_type} {version}", f"deliveries/{event_type} {version}"]
    assert versions(schemas, event_type) == [before, version]
    assert run("check", schemas) == 0


def test_a_type_that_is_gone_and_a_type_that_is_not_recorded_are_found(schemas: Path) -> None:
    (schemas / f"{DETAINED}.avsc").rename(schemas / "gone")
    assert {(one.schema, one.code) for one in faults(schemas)} == {
        (DETAINED, "type_removed"),
        (f"deliveries/{DETAINED}", "type_removed"),
    }
    (schemas / "gone").rename(schemas / f"{DETAINED}.avsc")
    (schemas / VERSIONS / DETAINED / "1.0.0.json").rename(schemas / "gone")
    (schemas / VERSIONS / DETAINED).rmdir()
    checked = check_schemas(schemas, few_policies(schemas))
    assert [(one.name, str(one.version)) for one in checked.missing] == [(DETAINED, "1.0.0")]


def test_a_version_that_was_changed_after_it_was_recorded_is_refused(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = schemas / VERSIONS / DETAINED / "1.0.0.json"
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert run("check", schemas) == 2
    assert f"{path} was changed since it was recorded" in capsys.readouterr().err


def test_a_new_field_that_an_agreement_names_already_is_found(schemas: Path) -> None:
    evolve(schemas, DETAINED, put("noted", ["null", TEXT]))
    assert not faults(schemas)
    agreeing(few_policies(schemas), POLICE_TO_CRISIS, DETAINED, "person.noted")
    assert [(one.code, one.path) for one in faults(schemas)] == [("field_already_agreed", "person.noted")]
    assert run("version", schemas) == 1


def test_a_field_is_recorded_first_and_agreed_on_after(schemas: Path) -> None:
    evolve(schemas, DETAINED, put("noted", ["null", TEXT]))
    assert run("version", schemas) == 0
    agreeing(few_policies(schemas), POLICE_TO_CRISIS, DETAINED, "person.noted")
    assert run("check", schemas) == 0


LOOSENED = {"class_loosened": "person.dependants_detail"}
LOOSEN = change("person.dependants_detail", **{"class": "OP"})
ALL_ROLES = ("Information Governance Lead", "Caldicott Guardian", "Lived-experience reviewer")


def test_a_loosened_class_passes_with_all_signatures_and_becomes_a_minor_version(schemas: Path) -> None:
    evolve(schemas, DETAINED, LOOSEN)
    sign(schemas, DETAINED, LOOSENED, *ALL_ROLES)
    assert not faults(schemas)
    assert run("version", schemas) == 0
    assert versions(schemas, DETAINED) == ["1.0.0", "1.1.0"]


@pytest.mark.parametrize(
    "roles",
    [
        (),
        ALL_ROLES[:1],
        ALL_ROLES[:2],
        ALL_ROLES[::2],
        ("Caldicott Guardian", "Caldicott Guardian"),
    ],
)
def test_a_loosened_class_does_not_pass_without_each_signature(roles: tuple[str, ...], schemas: Path) -> None:
    evolve(schemas, DETAINED, LOOSEN)
    sign(schemas, DETAINED, LOOSENED, *roles)
    (fault,) = faults(schemas)
    assert fault.code == "class_loosened"
    assert "needs 2 signatures, with caldicott guardian and lived-experience reviewer" in fault.message


def test_two_signatures_are_enough_where_neither_police_nor_volunteers_gain(schemas: Path) -> None:
    evolve(schemas, HANDED_OVER, lambda schema: schema.update(publishers=["place_of_safety"]))
    sign(schemas, HANDED_OVER, {"publishers_narrowed": ""}, "Chief Operating Officer", "Clinical Director")
    assert not faults(schemas)


def test_signatures_are_for_one_schema_and_one_change_only(schemas: Path) -> None:
    evolve(schemas, DETAINED, LOOSEN)
    sign(schemas, DETAINED, LOOSENED, *ALL_ROLES)
    evolve(schemas, DETAINED, put("noted", ["null", TEXT]))
    assert [one.code for one in faults(schemas)] == ["class_loosened"]
    sign(schemas, DETAINED, {"handling_changed": "person.dependants_detail"}, *ALL_ROLES)
    assert [one.code for one in faults(schemas)] == ["class_loosened"]


def test_no_signature_mends_what_breaks_a_reader(schemas: Path) -> None:
    evolve(schemas, DETAINED, several(LOOSEN, BREAKING[0][3]))
    sign(schemas, DETAINED, {**LOOSENED, "field_removed": "person.pets_property"}, *ALL_ROLES)
    assert {one.code for one in faults(schemas) if one.schema == DETAINED} >= {"field_removed"}


@pytest.mark.parametrize(
    "content",
    ["- 1", "{why: x}", "{event_type: a, schema: b, changes: [1], why: c, signed: []}", "{"],
)
def test_a_paper_that_cannot_be_read_is_named(content: str, schemas: Path) -> None:
    (schemas / "loosened").mkdir()
    (schemas / "loosened" / "odd.yaml").write_text(content, encoding="utf-8")
    assert all("loosened/odd.yaml" in one.message for one in faults(schemas))
    assert faults(schemas)


def test_with_json_each_fault_is_one_object(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evolve(schemas, DETAINED, BREAKING[0][3])
    capsys.readouterr()
    assert run("check", schemas, "--json") == 1
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert set(first) == {"schema", "code", "path", "message"}
