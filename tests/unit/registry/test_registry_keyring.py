"""Keys are read whole or not at all, differ by what they are for, and never print."""

import stat
from pathlib import Path

import pytest

from broker.errors import ConfigurationError
from broker.registry.keyring import MASTERS, KeyRing
from broker.wire.block import open_block, seal_block


@pytest.fixture
def keyring(tmp_path: Path) -> KeyRing:
    return KeyRing.generate(tmp_path / "keys")


def test_what_was_generated_is_what_is_loaded(tmp_path: Path, keyring: KeyRing) -> None:
    again = KeyRing.load(tmp_path / "keys")
    assert again.ingress.to_bytes() == keyring.ingress.to_bytes()
    assert again.delivery.to_bytes() == keyring.delivery.to_bytes()
    assert again.pseudonym_key("crisis|P1") == keyring.pseudonym_key("crisis|P1")
    block = seal_block(keyring.lane_key(3), b"lane-log|3", [b"entry"])
    assert open_block(again.lane_key(3), b"lane-log|3", block) == (b"entry",)


def test_only_the_owner_may_read_a_key(tmp_path: Path, keyring: KeyRing) -> None:
    files = list((tmp_path / "keys").iterdir())
    assert {file.stem for file in files} == {"ingress", "delivery", *MASTERS}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_keys_differ_by_what_they_are_for_and_have_the_length_their_use_needs(keyring: KeyRing) -> None:
    desks = [keyring.desk_key(desk) for desk in ("moor-pos/s136-suite", "moor-police/control-room")]
    routes = [keyring.pseudonym_key(route) for route in ("crisis|P1", "crisis|P2")]
    keys = [*desks, *routes, keyring.placement, keyring.delivery_id, keyring.commitment]
    assert len({key[:32] for key in keys}) == len(keys)
    assert [len(key) for key in keys] == [32, 32, 64, 64, 32, 32, 32]


def test_a_block_of_one_lane_does_not_open_with_the_key_of_another(keyring: KeyRing) -> None:
    block = keyring.lane_key(1).seal(b"entry", b"context")
    assert keyring.lane_key(1).open(block, b"context") == b"entry"
    assert keyring.lane_key(2).open(block, b"context") is None
    assert keyring.ledger_key().open(block, b"context") is None


def test_a_derived_key_is_derived_once(keyring: KeyRing) -> None:
    assert keyring.lane_key(1) is keyring.lane_key(1)
    assert keyring.desk_key("moor-pos/s136-suite") is keyring.desk_key("moor-pos/s136-suite")


def test_a_keyring_prints_no_key(keyring: KeyRing) -> None:
    assert repr(keyring) == str(keyring) == "KeyRing()"


def test_keys_are_never_written_over(tmp_path: Path, keyring: KeyRing) -> None:
    with pytest.raises(ConfigurationError):
        KeyRing.generate(tmp_path / "keys")
    assert KeyRing.load(tmp_path / "keys").placement == keyring.placement


def test_everything_wrong_with_the_files_is_said_at_once(tmp_path: Path, keyring: KeyRing) -> None:
    folder = tmp_path / "keys"
    (folder / "lane.key").unlink()
    (folder / "desk.key").write_bytes(b"short")
    (folder / "ledger.key").chmod(0o644)
    (folder / "ingress.key").unlink()
    with pytest.raises(ConfigurationError) as raised:
        KeyRing.load(folder)
    assert [name for name in ("lane", "desk", "ledger", "ingress") if f"{name}.key" in str(raised.value)] == [
        "lane", "desk", "ledger", "ingress",
    ]  # fmt: skip
    assert "short" not in str(raised.value)
