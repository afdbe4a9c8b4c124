"""Whatever is wrong with a payload: it is in quarantine once, in one state, and in clear in no topic."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.wire.envelope import Payload
from tests.unit.release.quarantine_world import POLICE, SECRET, World, call

ACTS = ("opened", "resubmitted", "discarded")
PAIRS = (("ig-lead", "operations-lead"), ("operations-lead", "caldicott-guardian"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def broken(data: st.DataObject) -> Payload:
    """A good payload of which something is cut, added or turned over; its text stays in it."""
    good = call(data.draw(st.integers(1_000, 2**30)))
    how = data.draw(st.sampled_from(["cut", "added", "fingerprint"]))
    if how == "cut":
        return Payload(good.fingerprint, good.body[: -data.draw(st.integers(1, 4))])
    if how == "added":
        return Payload(good.fingerprint, good.body + data.draw(st.binary(min_size=1, max_size=40)))
    return Payload(data.draw(st.binary(min_size=32, max_size=32)), good.body)


@given(data=st.data())
@settings(max_examples=60)
def test_each_bad_payload_is_kept_resubmitted_or_discarded_and_never_in_clear(
    world: World, data: st.DataObject
) -> None:
    before, written = world.books(), len(world.exchange.written)
    count = data.draw(st.integers(1, 4))
    world.put(POLICE, [broken(data) for _ in range(count)])
    items = [one for one in world.exchange.quarantine if "kept" in one[0]][-count:]
    assert world.books()[0] == before[0] + count
    again = ended = 0
    for item in items:
        for act in data.draw(st.lists(st.sampled_from(ACTS), max_size=3)):
            world.act(item, act, *data.draw(st.sampled_from(PAIRS)))
            said = world.told()
            assert said["status"] == "applied" or said["code"] == "quarantine_closed"
            again += said["status"] == "applied" and act == "resubmitted"
            ended += said["status"] == "applied" and act == "discarded"
    after = world.books()
    assert (after[2] - before[2], after[3] - before[3]) == (again, ended)
    for out in world.exchange.written[written:]:
        assert SECRET.encode() not in out.value
        assert SECRET.encode() not in (out.key or b"")
