"""What an agency is given at each start: the whole published language, written where it differs."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import AgencyKind
from broker.onebox.access import write_access
from broker.onebox.record import StartOptions, new_record
from broker.registry.keyring import KeyRing
from broker.registry.registry import AgencyEntry, Place, Registry
from broker.settings import shipped
from broker.wire.keys import OpeningKey
from consumers.kit.language import read_language

POLICE, CRISIS = AgencyId("moor-police"), AgencyId("northmoor-crisis")


def entry(kind: AgencyKind, desk: DeskId) -> AgencyEntry:
    return AgencyEntry(kind, desk, (), {desk.partition("/")[2]: OpeningKey.generate().sealing_key})


@pytest.fixture
def start(tmp_path: Path) -> Callable[[], None]:
    """Starts the exchange, as far as what agencies are given goes."""
    keyring, record = KeyRing.generate(tmp_path / "keys"), new_record(StartOptions())
    agencies = {
        POLICE: entry(AgencyKind.POLICE, DeskId("moor-police/control-room")),
        CRISIS: entry(AgencyKind.CRISIS, DeskId("northmoor-crisis/crisis-line")),
    }
    registry = Registry(agencies, {"northmoor": Place("01632 960101")})
    return lambda: write_access(tmp_path, record, registry, keyring)


def files(tmp_path: Path, agency: AgencyId) -> dict[Path, Path]:
    folder = tmp_path / "agencies" / agency / "schemas"
    return {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}


def test_each_agency_has_the_whole_language_to_itself(start: Callable[[], None], tmp_path: Path) -> None:
    start()
    ours = read_language(shipped("schemas"))
    for agency in (POLICE, CRISIS):
        theirs = read_language(tmp_path / "agencies" / agency / "schemas")
        assert theirs.events.keys() == ours.events.keys()
        assert theirs.deliveries.keys() == ours.deliveries.keys()
        given = files(tmp_path, agency)
        assert all(
            path.read_bytes() == (shipped("schemas") / name).read_bytes() for name, path in given.items()
        )
        assert {stat.S_IMODE(path.stat().st_mode) for path in given.values()} == {0o600}


def test_a_second_start_writes_what_differs_and_nothing_else(
    start: Callable[[], None], tmp_path: Path
) -> None:
    start()
    before = {path: path.stat().st_ino for path in files(tmp_path, POLICE).values()}
    altered, missing, *untouched = before
    altered.write_bytes(b"{}")
    missing.unlink()
    start()
    folder = tmp_path / "agencies" / POLICE / "schemas"
    for path in (altered, missing):
        assert path.read_bytes() == (shipped("schemas") / path.relative_to(folder)).read_bytes()
    assert {path: path.stat().st_ino for path in untouched} == {path: before[path] for path in untouched}
