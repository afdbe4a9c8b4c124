"""Every version of the published language can be had from a real registry, the very one we recorded."""

import hashlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.cli.main import main
from broker.policy.schema_publish import COMPATIBILITY, RegistryClient, publish
from broker.wire.avro import schema_text
from broker.wire.versions import DELIVERY_VERSIONS, VERSIONS, read_versions
from tests.builders import SCHEMAS
from tests.contract.registry_process import RealRegistry
from tests.unit.schemas.evolving import SOME, TRIAGED, evolve, record_versions, recorded
from tests.unit.schemas.seeding import TEXT, put


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRegistry]:
    with RealRegistry(tmp_path_factory.mktemp("registry") / "registry.log") as registry:
        yield registry


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """Some types, of which one has grown since its first version."""
    folder = recorded(tmp_path)
    evolve(folder, TRIAGED, put("noted", ["null", TEXT]))
    record_versions(folder)
    return folder


def ask(registry: RealRegistry, path: str) -> Any:
    with urllib.request.urlopen(f"{registry.url}{path}", timeout=10) as answer:
        return json.load(answer)


def test_every_version_is_registered_once_in_order_and_unchanged(
    registry: RealRegistry, schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["schema", "publish", "--registry", registry.url, "--folder", str(schemas), "--json"]
    capsys.readouterr()
    assert main(command) == 0
    first = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    subjects = {*SOME, *(f"delivery.{name}" for name in SOME), "delivery.core", "delivery.reply"}
    assert {one["subject"] for one in first} >= subjects
    assert [one["version"] for one in first if one["subject"] == TRIAGED] == ["1.0.0", "1.1.0"]
    assert all(one["new"] for one in first)
    assert set(ask(registry, "/subjects")) == {one["subject"] for one in first}
    assert ask(registry, f"/subjects/{TRIAGED}/versions") == [1, 2]
    assert ask(registry, f"/config/{TRIAGED}")["compatibilityLevel"] == COMPATIBILITY
    for one in first:
        text = ask(registry, f"/schemas/ids/{one['id']}")["schema"]
        # What a desk does with a schema from a registry: it compares the hash with the fingerprint in hand.
        assert hashlib.sha256(schema_text(json.loads(text)).encode()).hexdigest() == one["fingerprint"]
    assert main(command) == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert not any(one["new"] for one in again)
    assert [one["id"] for one in again] == [one["id"] for one in first]


def test_a_version_that_breaks_an_older_one_is_refused_by_the_registry_too(
    registry: RealRegistry, schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["schema", "publish", "--registry", registry.url, "--folder", str(schemas)]) == 0
    (_, last) = read_versions(schemas / VERSIONS)[TRIAGED]
    fields = [
        one if one["name"] != "setting" else {**one, "type": "boolean"} for one in last.schema["fields"]
    ]
    broken = schema_text({**last.schema, "fields": fields})
    (schemas / VERSIONS / TRIAGED / "1.2.0.json").write_text(broken, encoding="utf-8")
    capsys.readouterr()
    assert main(["schema", "publish", "--registry", registry.url, "--folder", str(schemas)]) == 1
    assert f"{TRIAGED} 1.2.0: refused: " in capsys.readouterr().err


def test_the_whole_shipped_language_can_be_registered(registry: RealRegistry) -> None:
    found = list(publish(SCHEMAS, RegistryClient(registry.url)))
    assert [one.problem for one in found if one.problem] == []
    shipped = read_versions(SCHEMAS / VERSIONS) | {
        f"delivery.{name}": versions for name, versions in read_versions(SCHEMAS / DELIVERY_VERSIONS).items()
    }
    assert len(found) == sum(map(len, shipped.values()))


def test_a_registry_that_is_away_or_is_none_is_said_to_be(tmp_path: Path) -> None:
    command = ["schema", "publish", "--folder", str(SCHEMAS), "--registry"]
    assert main([*command, "http://127.0.0.1:9"]) != 0
    assert main([*command, "file:///etc"]) == 2
