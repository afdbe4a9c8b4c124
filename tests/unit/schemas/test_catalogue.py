"""The catalogue reads what the schemas say, and refuses to start on a folder that is not whole."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from broker.domain.identifiers import EventType
from broker.domain.vocabulary import AgencyKind, FieldClass, WishKind
from broker.errors import ConfigurationError
from broker.registry.catalogue import load_catalogue
from tests.builders import BUILDERS, SCHEMAS

DETAINED = EventType("police.s136.detained")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCHEMAS, tmp_path / "schemas"))


def rewrite(folder: Path, event_type: str, **properties: Any) -> None:
    path = folder / f"{event_type}.avsc"
    path.write_text(
        json.dumps({**json.loads(path.read_text(encoding="utf-8")), **properties}), encoding="utf-8"
    )


def told(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_catalogue(folder)
    return str(caught.value)


def test_every_type_has_its_spec_its_codec_and_its_delivery() -> None:
    catalogue = load_catalogue(SCHEMAS)
    assert set(catalogue.specs) == set(catalogue.codecs) == set(catalogue.deliveries) == set(BUILDERS)


def test_an_event_type_is_found_by_the_fingerprint_of_its_whole_schema() -> None:
    catalogue = load_catalogue(SCHEMAS)
    schema = json.loads((SCHEMAS / f"{DETAINED}.avsc").read_text(encoding="utf-8"))
    text = json.dumps(schema, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert catalogue.writers[hashlib.sha256(text.encode()).digest()].event_type == DETAINED
    assert {writer.event_type for writer in catalogue.writers.values()} == set(BUILDERS)


def test_a_delivery_is_no_event_type() -> None:
    catalogue = load_catalogue(SCHEMAS)
    assert not set(catalogue.delivery_codecs()) & set(catalogue.writers)


def test_a_spec_says_what_the_schema_says() -> None:
    spec = load_catalogue(SCHEMAS).specs[DETAINED]
    fields = {one.name: one for one in spec.fields}
    assert spec.core_type == "crisis.response.needed"
    assert spec.publishers == {AgencyKind.POLICE}
    assert spec.wish_kind is None
    assert fields["person.found_at"].field_class is FieldClass.LP  # type: ignore[index]
    assert fields["person.found_at"].part == "person"  # type: ignore[index]
    assert fields["occurred_at"].part is None  # type: ignore[index]
    assert fields["occurred_at"].field_class is FieldClass.CORE  # type: ignore[index]
    assert [name for name, one in fields.items() if one.nhs_number] == ["subject.nhs_number"]
    assert sorted(name for name, one in fields.items() if one.summary) == [
        "person.items_found_risk",
        "person.presenting_safety_facts",
        "shareable_summary",
    ]


def test_a_sub_record_is_one_field_and_a_part_is_none() -> None:
    names = {one.name for one in load_catalogue(SCHEMAS).specs[DETAINED].fields}
    assert not [name for name in names if name.startswith("person.found_at.")]
    assert not names & {"subject", "core", "person"}


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("person.permission.given", WishKind.PERMISSION),
        ("person.permission.withdrawn", WishKind.WITHDRAWAL),
        ("person.objection.raised", WishKind.OBJECTION),
        ("crisis.triage.completed", None),
    ],
)
def test_a_wish_is_of_its_kind(event_type: str, kind: WishKind | None) -> None:
    assert load_catalogue(SCHEMAS).specs[EventType(event_type)].wish_kind is kind


def test_everything_that_is_wrong_is_told_at_once(folder: Path) -> None:
    rewrite(folder, "police.s136.detained", publishers=["police", "newspaper"], core_type=None)
    rewrite(folder, "pos.s136.arrived", wish_kind="consent", name="arrival")
    (folder / "person.objection.raised.avsc").write_text('{"type": "record",\n oops', encoding="utf-8")
    (folder / "deliveries" / "core.avsc").unlink()
    (folder / "deliveries" / "stray.avsc").write_text(
        json.dumps({"type": "record", "name": "stray", "fields": []}), encoding="utf-8"
    )
    lines = told(folder).splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "person.objection.raised.avsc",
        "police.s136.detained.avsc",
        "police.s136.detained.avsc",
        "pos.s136.arrived.avsc",
        "pos.s136.arrived.avsc",
        "core.avsc",
        "person.objection.raised.avsc",
        "stray.avsc",
    ]
    assert "line 2, column 2" in lines[1]


def test_a_field_without_a_known_class_is_refused(folder: Path) -> None:
    schema = json.loads((folder / f"{DETAINED}.avsc").read_text(encoding="utf-8"))
    del schema["fields"][0]["class"]
    schema["fields"][-1]["type"]["fields"][0]["class"] = "XX"
    schema["fields"][-2]["class"] = "OP"
    schema["fields"][1]["traits"] = ["powerful"]
    rewrite(folder, DETAINED, **schema)
    message = told(folder)
    for name in (
        "event_id: has no known `class`",
        "person.detained_at: has no known `class`",
        "core: is a part",
        "occurred_at: has unknown `traits`",
    ):
        assert name in message


def test_unknown_properties_of_a_schema_are_refused(folder: Path) -> None:
    rewrite(folder, DETAINED, marks="cleared", about="person")
    message = told(folder)
    assert "has unknown `marks`; use one of lifted, set" in message
    assert "has an unknown `about`; use incident or service, or leave it out" in message


def test_an_event_without_its_parts_is_refused(folder: Path) -> None:
    schema = json.loads((folder / f"{DETAINED}.avsc").read_text(encoding="utf-8"))
    rewrite(folder, DETAINED, fields=schema["fields"][:-2])
    message = told(folder)
    assert "has no part core" in message
    assert "has no part person" in message


def test_a_folder_that_holds_no_schemas_is_refused(tmp_path: Path) -> None:
    assert "holds no event type" in told(tmp_path)


@pytest.mark.parametrize("text", ["[]", "3", "\xff", '{"type": "record", "name": "x"}', '{"type": 3}'])
def test_what_is_no_schema_is_refused_and_named(folder: Path, text: str) -> None:
    (folder / f"{DETAINED}.avsc").write_bytes(text.encode("latin-1"))
    assert f"{DETAINED}.avsc: " in told(folder)
