"""The agency's folder is read whole, and everything wrong in it is said at once."""

import json

import pytest

from broker.domain.identifiers import DeskId
from broker.errors import ConfigurationError, UsageError
from consumers.kit.profile import read_profile


def test_a_folder_gives_keys_desks_and_topics(world) -> None:
    profile = world.profile
    assert profile.sealing_key.key_id == world.exchange_opens.key_id
    assert list(profile.verify_keys) == [world.exchange_signs.key_id]
    assert profile.desk(DeskId("moor-police/control-room")).topic == "to.moor-police.control-room"


def test_an_unknown_desk_is_refused_with_the_desks_there_are(world) -> None:
    with pytest.raises(UsageError, match="moor-police/control-room"):
        world.profile.desk(DeskId("moor-police/nobody"))


def test_everything_wrong_is_said_at_once(world) -> None:
    world.rewrite(kind="army", topic="", broker_sealing_key="zz", reply_desk="moor-police/none")
    with pytest.raises(ConfigurationError) as caught:
        read_profile(world.folder)
    told = str(caught.value)
    assert all(name in told for name in ("kind", "topic", "broker_sealing_key", "reply_desk"))


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_missing_or_broken_file_is_refused_with_what_to_do(world, text: str | None) -> None:
    path = world.folder / "agency.json"
    path.unlink() if text is None else path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"agency\.json"):
        read_profile(world.folder)


def test_a_missing_opening_key_names_its_desk(world) -> None:
    (world.folder / "desks" / "control-room.key").unlink()
    with pytest.raises(ConfigurationError, match="moor-police/control-room"):
        read_profile(world.folder)


def test_a_profile_does_not_print_passwords(world) -> None:
    world.rewrite(kafka={"sasl.password": "swordfish"})
    assert world.profile.kafka == {"sasl.password": "swordfish"}
    assert "swordfish" not in repr(world.profile)
    assert json.loads((world.folder / "agency.json").read_text())["agency"] == "moor-police"
