"""A desk reads what was written under other versions than its own, and loses nothing it cannot read yet."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.domain.identifiers import DeskId
from broker.errors import ConfigurationError, PayloadError
from broker.wire.avro import Codec, schema_text
from consumers.kit.inbox import Inbox
from consumers.kit.language import Language, read_language
from tests.unit.kit.conftest import LANGUAGE, SCHEMAS, World

DESK = DeskId("moor-police/control-room")
REPLY = "delivery.reply"


def reply_codec() -> Codec:
    return next(codec for kind, codec in LANGUAGE.deliveries.values() if kind == "reply")


def reply(delivery_id: str, **more: Any) -> dict[str, Any]:
    shape = reply_codec().shape.fields
    empty = {key: [] if part.item is not None else part.default for key, part in shape.items()}
    told = {"delivery_id": delivery_id, "event_id": "e-1", "status": "accepted", "message": "", **more}
    return {**empty, **told}


def grown() -> Mapping[str, Any]:
    """The schema of replies, with one field more."""
    schema = reply_codec().schema
    field = {"name": "grown", "type": ["null", "boolean"], "default": None, "doc": "New."}
    return {**schema, "fields": [*schema["fields"], field]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCHEMAS, tmp_path / "language"))


def renewed(folder: Path, *, keep_older: bool = True) -> Language:
    """The language in which replies have grown; what they were before is recorded."""
    place = folder / "versions" / "deliveries" / "reply"
    shutil.rmtree(place, ignore_errors=True)
    if keep_older:
        place.mkdir(parents=True)
        (place / "1.0.0.json").write_text(schema_text(reply_codec().schema), encoding="utf-8")
    (folder / "deliveries" / "reply.avsc").write_text(json.dumps(grown()), encoding="utf-8")
    return read_language(folder)


def handed_out(world: World, language: Language, *, take: bool = True) -> tuple[list[str], list[str]]:
    """Ids of what the inbox hands out until its end, and the codes of what it refuses."""
    with Inbox(world.profile, language, DESK) as inbox:
        found = []
        while not inbox.at_end:
            found += [one.delivery_id for one in inbox.poll()]
            if take:
                inbox.took()
        return found, [one.code for one in inbox.refused]


def test_a_delivery_of_an_older_version_is_read_as_one_of_today(folder: Path) -> None:
    language = renewed(folder)
    kind, codec, record = language.read_delivery(
        reply_codec().fingerprint, reply_codec().encode(reply("r-1"))
    )
    assert kind == "reply"
    assert codec.schema == grown()
    assert record == {**reply("r-1"), "grown": None}


def test_a_delivery_of_no_known_version_is_not_guessed_at(folder: Path) -> None:
    with pytest.raises(PayloadError, match="schema_unknown"):
        renewed(folder, keep_older=False).read_delivery(reply_codec().fingerprint, b"")


def test_a_recorded_version_that_was_changed_is_refused(folder: Path) -> None:
    renewed(folder)
    path = folder / "versions" / "deliveries" / "reply" / "1.0.0.json"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="was changed since it was recorded"):
        read_language(folder)


def test_what_cannot_be_read_yet_is_handed_out_once_the_schemas_are_renewed(
    world: World, folder: Path
) -> None:
    new = Codec(grown())
    world.put(world.sealed((new, {**reply("r-new"), "grown": True}), (reply_codec(), reply("r-old"))))
    assert handed_out(world, LANGUAGE) == (["r-old"], ["schema_unknown"])
    # Another start changes nothing; neither does one more message behind it.
    world.put(world.sealed((reply_codec(), reply("r-later"))))
    assert handed_out(world, LANGUAGE) == (["r-later"], ["schema_unknown"])
    language = renewed(folder)
    # What the application did not take comes again.
    assert handed_out(world, language, take=False) == (["r-new"], [])
    assert handed_out(world, language) == (["r-new"], [])
    assert handed_out(world, language) == ([], [])


def test_what_kafka_no_longer_keeps_does_not_hold_the_desk_up(world: World) -> None:
    world.put(world.sealed((Codec(grown()), {**reply("r-new"), "grown": True})))
    assert handed_out(world, LANGUAGE) == ([], ["schema_unknown"])
    with Inbox(world.profile, LANGUAGE, DESK) as inbox:
        inbox._store.accept("to.moor-police.control-room", 0, 0, "schema_unknown")
        inbox._store.refuse("to.moor-police.control-room", 0, 40, "schema_unknown")
    world.put(world.sealed((reply_codec(), reply("r-1"))))
    assert handed_out(world, replace(LANGUAGE)) == (["r-1"], [])
