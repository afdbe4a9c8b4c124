"""What `candour quarantine` prints: names, codes, numbers; bytes only to the two who opened them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.cli.quarantine_pages import document, pages, table
from broker.domain.quarantine import KeptState
from broker.explain.quarantine import Item
from broker.wire.kept import kept_bytes, kept_taken
from tests.unit.release.quarantine_world import SECRET, World, call


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def items(world: World) -> list[Item]:
    found = [Item(*world.bad(number)) for number in (1, 2, 3)]
    return [found[0], replace(found[1], state=KeptState.DISCARDED, opened=2), found[2]]


def test_the_list_counts_every_payload_and_names_those_asked_for(world: World) -> None:
    found = items(world)
    told = document(found, found[:1])
    assert {name: told[name] for name in ("kept", "resubmitted", "discarded")} == {
        "kept": 2,
        "resubmitted": 0,
        "discarded": 1,
    }
    assert [one["quarantine_id"] for one in told["items"]] == [found[0].quarantine_id]
    lines = list(table(found, found))
    assert lines[0] == "2 kept, 0 resubmitted, 1 discarded"
    assert len(lines) == 3 + len(found)
    assert found[1].quarantine_id[:14] in lines[4]
    assert lines[4].endswith("discarded   2")
    assert SECRET not in json.dumps(told) + "".join(lines)


def test_two_people_get_an_event_that_reads_as_json_and_anything_else_as_digits(world: World) -> None:
    reader, good = world.exchange.means.reader, call(5)
    (page,) = pages(kept_taken(good.fingerprint, good.body), reader)
    assert page["event"]["shareable_summary"] == SECRET
    (page,) = pages(kept_taken(good.fingerprint, good.body + b"\0"), reader)
    assert (page["code"], bytes.fromhex(page["bytes"])) == ("bytes_do_not_round_trip", good.body + b"\0")
    (page,) = pages(kept_taken(bytes(32), good.body), reader)
    assert page["code"] == "schema_unknown"
    (page,) = pages(kept_bytes(b"junk"), reader)
    assert page == {"kind": "bytes", "bytes": b"junk".hex()}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["show", "--as", "ig-lead"], "one of the two"),
        (["show", "q-1", "--request", "r", "--as", "ig-lead"], "one of the two"),
        (["discard", "q-1", "--as", "ig-lead"], "one person alone"),
        (["discard", "q-1", "--as", "ig-lead", "--with", "b", "--out", "f"], "one person alone"),
        (["resubmit", "--request", "r", "--as", "b", "--out", "f"], "leave --out"),
        (["resubmit", "--request", "no-such-file", "--as", "b"], "no request"),
    ],
)
def test_what_one_person_types_alone_is_wrong_use(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quarantine", *words, "--dir", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err
