"""What one holder hands to another: it reads back as it was written, and nothing else is taken for one."""

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.cli.two_people import agree, ask, read_request, write_request
from broker.domain.quarantine import ActReason, QuarantineAct
from broker.errors import IntegrityError, UsageError
from broker.wire.quarantine_act import ACT_CODEC
from tests.unit.release.quarantine_world import SECRET, Item, World

FIRST, SECOND, THIRD = "ig-lead", "operations-lead", "caldicott-guardian"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "exchange")


@pytest.fixture
def item(world: World) -> Item:
    return world.bad()


def asked_for(world: World, item: Item, act: str) -> Any:
    holders = world.exchange.means.registry.holders
    return ask(world.request(item, act), item[0], item[1], world.exchange.holders[FIRST], holders)


def test_the_form_of_an_act_knows_every_act_and_reason_and_no_other() -> None:
    fields = ACT_CODEC.shape.fields
    assert fields["act"].symbols == tuple(QuarantineAct)
    assert fields["reason"].symbols == tuple(ActReason)


@pytest.mark.parametrize("act", list(QuarantineAct))
def test_a_request_reads_back_and_the_second_holder_agrees_elsewhere(
    world: World, item: Item, tmp_path: Path, act: str
) -> None:
    asked = asked_for(world, item, act)
    path = tmp_path / "request"
    write_request(path, asked)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_request(path) == asked
    holders = world.exchange.means.registry.holders
    for second in (SECOND, THIRD):
        _, kept = agree(read_request(path), world.exchange.holders[second], holders)
        assert kept is not None
        assert SECRET.encode() in kept.payloads[0].body
    assert SECRET not in path.read_text()
    assert SECRET.encode().hex() not in path.read_text()


def test_what_one_holder_wrote_opens_for_nobody_who_is_no_holder(world: World, item: Item) -> None:
    asked = asked_for(world, item, "opened")
    holders = world.exchange.means.registry.holders
    stranger = replace(world.exchange.holders[THIRD], name=SECOND)
    with pytest.raises(IntegrityError, match="opens"):
        agree(asked, stranger, holders)


def test_a_request_about_other_bytes_than_it_says_is_not_agreed_to(world: World, item: Item) -> None:
    asked, other = asked_for(world, item, "opened"), world.bad(9)
    holders = world.exchange.means.registry.holders
    with pytest.raises(IntegrityError):
        agree(replace(asked, sealed=other[1]), world.exchange.holders[SECOND], holders)


@pytest.mark.parametrize(
    "change",
    [{"format": "another"}, {"act": "released"}, {"kept_sha256": "zz"}, {"halves": []}, {"reason": None}],
)
def test_what_is_no_request_is_wrong_use(
    world: World, item: Item, tmp_path: Path, change: dict[str, Any]
) -> None:
    path = tmp_path / "request"
    write_request(path, asked_for(world, item, "opened"))
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(UsageError, match="no request"):
        read_request(path)
