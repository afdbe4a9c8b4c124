"""The registry is what the root key signed, and a key counts only for its agency and its time."""

import json
from pathlib import Path
from typing import Any

import pytest

from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind
from broker.errors import ConfigurationError, IntegrityError
from broker.registry.registry import DatedKey, Registry, make_registry, read_registry, write_registry
from broker.registry.signed import write_signed
from broker.registry.topics import from_topic, to_topic
from broker.wire.keys import OpeningKey, SigningKey

POLICE, CRISIS = AgencyId("moor-police"), AgencyId("northmoor-crisis")
CONTROL_ROOM = DeskId("moor-police/control-room")
SIGNING = {agency: SigningKey.generate() for agency in (POLICE, CRISIS)}
OPENING = OpeningKey.generate()
ROOT = SigningKey.generate()


def area() -> dict[str, Any]:
    return {
        "places": {
            "northmoor": {"clinician_line": "01632 960 001"},
            "southmoor": {"clinician_line": "01632 960 002"},
        },
        "agencies": {
            "moor-police": {
                "kind": "police",
                "desks": ["control-room", "missing-persons"],
                "reply_desk": "control-room",
            },
            "northmoor-crisis": {
                "kind": "crisis",
                "places": ["northmoor"],
                "desks": ["crisis-line"],
                "reply_desk": "crisis-line",
            },
        },
    }


def make(**dates: int) -> Registry:
    return make_registry(
        area(),
        {agency: [DatedKey(key.verify_key, **dates)] for agency, key in SIGNING.items()},
        {
            DeskId(f"{agency}/{role}"): OPENING.sealing_key
            for agency, entry in area()["agencies"].items()
            for role in entry["desks"]
        },
    )


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    write_registry(tmp_path, make(from_us=10, until_us=20), ROOT)
    registry = read_registry(tmp_path, ROOT.verify_key)
    assert registry.desks() == (CONTROL_ROOM, "moor-police/missing-persons", "northmoor-crisis/crisis-line")
    assert registry.kind(CRISIS) is AgencyKind.CRISIS
    assert registry.desk_kind(CONTROL_ROOM) is AgencyKind.POLICE
    assert registry.reply_desk(POLICE) == CONTROL_ROOM
    assert registry.sealing_key(CONTROL_ROOM).to_bytes() == OPENING.sealing_key.to_bytes()
    assert registry.clinician_line("northmoor") == "01632 960 001"
    assert registry.clinician_line("elsewhere") is None
    found = registry.verify_key(POLICE, SIGNING[POLICE].key_id, 15)
    assert found is not None
    assert found.verifies(SIGNING[POLICE].sign(b"m"), b"m")


def test_an_agency_serves_the_places_it_names_or_else_every_one(tmp_path: Path) -> None:
    write_registry(tmp_path, make(), ROOT)
    registry = read_registry(tmp_path, ROOT.verify_key)
    assert registry.agencies[CRISIS].places == {"northmoor"}
    assert registry.agencies[POLICE].places == {"northmoor", "southmoor"}


@pytest.mark.parametrize(("at_us", "counts"), [(9, False), (10, True), (19, True), (20, False)])
def test_a_key_counts_from_its_first_instant_until_before_its_last(at_us: int, counts: bool) -> None:
    registry = make(from_us=10, until_us=20)
    assert (registry.verify_key(POLICE, SIGNING[POLICE].key_id, at_us) is not None) is counts


def test_a_key_of_another_agency_does_not_count() -> None:
    registry = make()
    assert registry.verify_key(POLICE, SIGNING[CRISIS].key_id, 0) is None
    assert registry.verify_key(AgencyId("nobody"), SIGNING[POLICE].key_id, 0) is None


def test_a_changed_registry_is_refused(tmp_path: Path) -> None:
    write_registry(tmp_path, make(), ROOT)
    path = tmp_path / "registry.json"
    path.write_bytes(path.read_bytes().replace(b'"police"', b'"crisis"'))
    with pytest.raises(IntegrityError):
        read_registry(tmp_path, ROOT.verify_key)


def test_a_registry_signed_by_another_key_is_refused(tmp_path: Path) -> None:
    write_registry(tmp_path, make(), SigningKey.generate())
    with pytest.raises(IntegrityError):
        read_registry(tmp_path, ROOT.verify_key)


@pytest.mark.parametrize("name", ["registry.json", "registry.sig"])
def test_a_registry_without_one_of_its_files_is_refused(tmp_path: Path, name: str) -> None:
    write_registry(tmp_path, make(), ROOT)
    (tmp_path / name).unlink()
    with pytest.raises(IntegrityError):
        read_registry(tmp_path, ROOT.verify_key)


def test_another_signed_document_does_not_pass_for_the_registry(tmp_path: Path) -> None:
    write_registry(tmp_path, make(), ROOT)
    write_signed(tmp_path, "other", json.loads((tmp_path / "registry.json").read_text()), ROOT)
    (tmp_path / "registry.sig").write_bytes((tmp_path / "other.sig").read_bytes())
    with pytest.raises(IntegrityError):
        read_registry(tmp_path, ROOT.verify_key)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"format": "candour.registry.v1"},
        {"format": "candour.registry.v1", "agencies": {"a": {}}, "places": {}},
    ],
)
def test_a_signed_document_of_another_form_is_refused(tmp_path: Path, document: dict[str, Any]) -> None:
    write_signed(tmp_path, "registry", document, ROOT)
    with pytest.raises(IntegrityError):
        read_registry(tmp_path, ROOT.verify_key)


FAULTS = {
    "moor-police: kind": lambda area: area["agencies"]["moor-police"].update(kind="army"),
    "moor-police: desks": lambda area: area["agencies"]["moor-police"].update(desks=[]),
    "moor-police: reply_desk": lambda area: area["agencies"]["moor-police"].update(reply_desk="nowhere"),
    "agency ../x": lambda area: area["agencies"].update({"../x": {}}),
    "place northmoor": lambda area: area["places"]["northmoor"].update(clinician_line=""),
    "places names nobody": lambda area: area.pop("places"),
}


@pytest.mark.parametrize(("fault", "spoil"), FAULTS.items(), ids=FAULTS.keys())
def test_an_area_that_cannot_be_is_refused_by_name(fault: str, spoil: Any) -> None:
    spoilt = area()
    spoil(spoilt)
    with pytest.raises(ConfigurationError, match=fault):
        make_registry(spoilt, {}, {})


def test_every_missing_key_is_named() -> None:
    with pytest.raises(ConfigurationError) as raised:
        make_registry(area(), {POLICE: [DatedKey(SIGNING[POLICE].verify_key)]}, {})
    assert "northmoor-crisis" in str(raised.value)
    assert "moor-police/missing-persons" in str(raised.value)


@pytest.mark.parametrize("ask", ["kind", "reply_desk"])
def test_an_agency_that_takes_no_part_is_a_fault_of_the_configuration(ask: str) -> None:
    with pytest.raises(ConfigurationError):
        getattr(make(), ask)(AgencyId("nobody"))


@pytest.mark.parametrize("desk", ["moor-police/nowhere", "nobody/control-room", "moor-police"])
def test_a_desk_that_is_none_has_no_kind_and_no_key(desk: str) -> None:
    with pytest.raises(ConfigurationError):
        make().sealing_key(DeskId(desk))
    with pytest.raises(ConfigurationError):
        make().desk_kind(DeskId(desk))


def test_topics_are_named_after_who_may_use_them() -> None:
    assert from_topic(POLICE) == "from.moor-police"
    assert to_topic(CONTROL_ROOM) == "to.moor-police.control-room"
