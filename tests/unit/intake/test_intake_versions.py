"""Intake takes what is written under older versions, two minor ones back, and reads it as today's."""

from pathlib import Path
from typing import Any

import pytest

from broker.domain.identifiers import EventType
from broker.domain.vocabulary import AgencyKind, FieldClass
from broker.errors import ConfigurationError, PayloadError
from broker.intake.decode import decode
from broker.registry.catalogue import Catalogue, load_catalogue
from broker.registry.event_reader import EventReader
from broker.registry.registry import Registry
from broker.wire.avro import Codec
from broker.wire.versions import VERSIONS, Version, read_versions
from tests import builders
from tests.unit.schemas.evolving import TRIAGED, drop, evolve, record_versions, recorded
from tests.unit.schemas.seeding import TEXT, change, put

TYPE = EventType(TRIAGED)
RECORD = builders.triaged()
NEW = ("first", "second", "third")


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A triage in four versions: one field more in each."""
    folder = recorded(tmp_path_factory.mktemp("versions"))
    for name in NEW:
        evolve(folder, TRIAGED, put(name, ["null", TEXT]))
        record_versions(folder)
    return folder


@pytest.fixture(scope="module")
def catalogue(schemas: Path) -> Catalogue:
    return load_catalogue(schemas)


def written(schemas: Path, version: str, **person: Any) -> tuple[Codec, bytes]:
    """A triage in the bytes of one version."""
    wanted = Version(*map(int, version.split(".")))
    (codec,) = [
        Codec(one.schema) for one in read_versions(schemas / VERSIONS)[TRIAGED] if one.version == wanted
    ]
    return codec, codec.encode({**RECORD, "person": {**RECORD["person"], **person}})


@pytest.mark.parametrize(("version", "added"), [("1.1.0", 1), ("1.2.0", 2), ("1.3.0", 3)])
def test_two_minor_versions_back_are_taken_as_events_of_today(
    version: str, added: int, schemas: Path, catalogue: Catalogue
) -> None:
    told = dict.fromkeys(NEW[:added], "told")
    codec, body = written(schemas, version, **told)
    decoded = decode(codec.fingerprint, body, AgencyKind.CRISIS, EventReader(catalogue, Registry({}, {})))
    not_told = dict.fromkeys(NEW[added:])
    assert decoded.record == {**RECORD, "person": {**RECORD["person"], **told, **not_told}}
    assert decoded.spec is catalogue.specs[TYPE]


def test_three_minor_versions_back_are_refused_but_read_where_they_were_taken_before(
    schemas: Path, catalogue: Catalogue
) -> None:
    codec, body = written(schemas, "1.0.0")
    reader = EventReader(catalogue, Registry({}, {}))
    with pytest.raises(PayloadError, match="schema_retired"):
        decode(codec.fingerprint, body, AgencyKind.CRISIS, reader)
    again = reader.record_again(codec.fingerprint, body)
    assert again["person"] == {**RECORD["person"], **dict.fromkeys(NEW)}


def test_an_older_version_is_decoded_as_strictly_as_todays(schemas: Path, catalogue: Catalogue) -> None:
    codec, body = written(schemas, "1.1.0", first="told")
    reader = EventReader(catalogue, Registry({}, {}))
    for bad in (body + b"\0", body[:-1], b""):
        with pytest.raises(PayloadError, match="bytes_do_not_round_trip"):
            decode(codec.fingerprint, bad, AgencyKind.CRISIS, reader)
    # The bytes of one version under the fingerprint of another are no record of it.
    with pytest.raises(PayloadError, match="bytes_do_not_round_trip"):
        decode(catalogue.codecs[TYPE].fingerprint, body, AgencyKind.CRISIS, reader)


def test_what_a_field_may_do_is_todays_whoever_writes_it(schemas: Path, tmp_path: Path) -> None:
    grown = recorded(tmp_path)
    evolve(grown, TRIAGED, change("person.what_helps_now", **{"class": "CL", "traits": None}))
    catalogue = load_catalogue(grown)
    codec, _ = written(grown, "1.0.0")
    spec = EventReader(catalogue, Registry({}, {})).spec_of(codec.fingerprint)
    (field,) = [one for one in spec.fields if one.name == "person.what_helps_now"]
    assert field.field_class is FieldClass.CL


def test_a_language_that_breaks_its_older_versions_does_not_start(tmp_path: Path) -> None:
    grown = recorded(tmp_path)
    evolve(grown, TRIAGED, drop("person.safety_needs"))
    with pytest.raises(ConfigurationError, match=r"crisis\.triage\.completed 1\.0\.0: person of an older"):
        load_catalogue(grown)


def test_a_delivery_goes_in_the_oldest_version_that_it_fits_in(schemas: Path, catalogue: Catalogue) -> None:
    versions = read_versions(schemas / VERSIONS / "deliveries")[TRIAGED]
    prints = {one.fingerprint: str(one.version) for one in versions}
    today = catalogue.deliveries[TYPE]
    for told, version in [((), "1.1.0"), (("first",), "1.1.0"), (("second",), "1.2.0"), (NEW, "1.3.0")]:
        record = _delivery(today, dict.fromkeys(told, "told"))
        fingerprint, body = catalogue.write_delivery(TRIAGED, record)
        assert prints[fingerprint] == version
        read = catalogue.delivery_codecs()[fingerprint].decode(body)
        given = {name: value for name, value in read["fields"]["person"].items() if value is not None}
        assert given == {"safety_needs": "Not alone tonight.", **dict.fromkeys(told, "told")}


def _delivery(codec: Codec, person: dict[str, Any]) -> dict[str, Any]:
    def empty(shape: Any) -> Any:
        if shape.nullable:
            return None
        if shape.kind == "record":
            return {key: empty(part) for key, part in shape.fields.items()}
        return {"array": [], "string": "", "enum": "full", "fixed": bytes(32)}[shape.kind]

    record: dict[str, Any] = empty(codec.shape)
    record["fields"]["person"] |= {"safety_needs": "Not alone tonight.", **person}
    return record
