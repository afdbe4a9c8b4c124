"""Replies: one answer to every event, whatever the order; who acts, as far as may be told; whom to ring."""

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.domain.vocabulary import WishKind
from tests import builders
from tests.unit.release.small_exchange import CALL, MINUTE_US, SmallExchange

T0 = builders.OCCURRED_AT_US + 2 * MINUTE_US
ANSWERS = {"accepted", "applied", "rejected"}


@pytest.fixture
def exchange(tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path)


def call(number: int = 7, **changes: Any) -> dict[str, Any]:
    return builders.call_triaged(number=number, changes=changes)


def the_reply(exchange: SmallExchange, number: int = 7) -> dict[str, Any]:
    (reply,) = exchange.told(builders.event_id(number))
    return reply


def test_the_publisher_of_an_urgent_event_learns_at_once_who_acts_and_whom_to_ring(
    exchange: SmallExchange,
) -> None:
    exchange.publish(CALL, call(), T0)
    reply = the_reply(exchange)
    assert (reply["status"], reply["code"]) == ("accepted", None)
    assert reply["handled_by"] == ["moor-ambulance", "northmoor-crisis"]
    assert reply["phone"] == "01632 960101"


def test_only_those_who_must_act_in_its_place_are_named(exchange: SmallExchange) -> None:
    exchange.publish(CALL, call(**{"core.area": "southmoor"}), T0)
    reply = the_reply(exchange)
    assert reply["handled_by"] == ["moor-ambulance", "southmoor-crisis"]
    assert reply["phone"] == "01632 960201"


def test_where_nobody_who_must_act_asks_the_number_is_told(exchange: SmallExchange) -> None:
    exchange.publish("crisis.triage.completed", builders.triaged(), T0)
    reply = the_reply(exchange, 3)
    assert (reply["status"], reply["code"]) == ("accepted", "nobody_reached")
    assert reply["handled_by"] == []
    assert reply["phone"] == "01632 960101"
    assert "Ring" in reply["message"]


def test_what_health_or_the_person_said_never_shows_in_who_acts(
    exchange: SmallExchange, tmp_path: Path
) -> None:
    exchange.publish(CALL, call(), T0)
    before = the_reply(exchange)
    other = SmallExchange(tmp_path / "other")
    entry = other.entry(CALL, call(), T0, "moor-police")
    lane = other.means.lane_of(entry.subject)
    wish = builders.objection_raised(changes={"person.scope_purposes": [], "person.scope_recipients": []})
    objection = other.entry("person.objection.raised", wish, T0 - 1, "moor-person")
    other.work(lane, [replace(objection, subject=entry.subject)], T0 - 1)
    assert [one.kind for one in other.books[lane].subject(entry.subject).wishes] == [WishKind.OBJECTION]
    other.work(lane, [entry], T0)
    after = the_reply(other)
    assert {**after, "delivery_id": ""} == {**before, "delivery_id": ""}


def test_a_planned_event_is_answered_as_before_and_police_have_the_number(exchange: SmallExchange) -> None:
    exchange.publish(CALL, call(setting="planned"), T0)
    reply = the_reply(exchange)
    assert (reply["status"], reply["code"], reply["handled_by"]) == ("accepted", None, [])
    assert reply["phone"] == "01632 960101"
    exchange.publish("crisis.triage.completed", builders.triaged(changes={"setting": "planned"}), T0)
    reply = the_reply(exchange, 3)
    assert (reply["code"], reply["handled_by"], reply["phone"]) == (None, [], None)


def test_a_wish_is_applied_names_nobody_and_in_an_emergency_tells_whom_to_ring(
    exchange: SmallExchange,
) -> None:
    exchange.publish("person.objection.raised", builders.objection_raised(changes={"setting": "urgent"}), T0)
    reply = the_reply(exchange, 6)
    assert (reply["status"], reply["code"], reply["handled_by"], reply["phone"]) == (
        "applied",
        None,
        [],
        "01632 960101",
    )
    assert reply["applied_point"]


def test_a_copy_is_answered_with_the_same_bytes_also_in_its_own_batch_and_after_a_restart(
    exchange: SmallExchange,
) -> None:
    entry = exchange.entry(CALL, call(), T0, "moor-police")
    lane = exchange.means.lane_of(entry.subject)
    exchange.work(lane, [entry, entry], T0)
    exchange.restart()
    exchange.work(lane, [entry], T0 + 5)
    assert len(exchange.replies) == 3
    assert exchange.replies[0] == exchange.replies[1] == exchange.replies[2]
    assert exchange.replies[0][1]["handled_by"]


def test_a_copy_of_what_was_refused_is_refused_again(exchange: SmallExchange) -> None:
    other = call()
    exchange.publish(CALL, other, T0)
    exchange.publish(CALL, {**other, "episode_ref": "EP-1"}, T0)
    statuses = [one["status"] for _, one in exchange.replies]
    assert statuses == ["accepted", "rejected"]
    conflict = exchange.replies[1][1]
    assert (conflict["code"], conflict["phone"]) == ("event_id_conflict", "01632 960101")
    exchange.publish(CALL, other, T0)
    assert exchange.replies[2] == exchange.replies[0]


def test_an_urgent_event_that_waits_is_accepted_then_told_once_then_delivered(
    exchange: SmallExchange,
) -> None:
    exchange.opa_away = True
    exchange.publish(CALL, call(), T0)
    reply = the_reply(exchange)
    assert (reply["status"], reply["code"], reply["handled_by"]) == ("accepted", None, [])
    assert reply["phone"] == "01632 960101"
    exchange.look(T0 + MINUTE_US - 1)
    assert len(exchange.replies) == 1
    exchange.look(T0 + MINUTE_US)
    exchange.restart()
    exchange.look(T0 + 2 * MINUTE_US)
    _, late = exchange.told(builders.event_id(7))
    assert len(exchange.replies) == 2
    assert (late["status"], late["code"], late["phone"]) == ("not_delivered", "waiting", "01632 960101")
    exchange.opa_away = False
    exchange.look(T0 + 3 * MINUTE_US, 0)
    assert exchange.books_balance()
    (*_, last) = exchange.told(builders.event_id(7))
    assert (last["status"], last["code"]) == ("delivered", None)
    assert last["handled_by"] == ["moor-ambulance", "northmoor-crisis"]
    exchange.look(T0 + 9 * MINUTE_US, 0)
    assert len(exchange.replies) == 3


def test_a_planned_event_that_waits_is_told_of_no_delay(exchange: SmallExchange) -> None:
    exchange.opa_away = True
    exchange.publish(CALL, call(setting="planned"), T0)
    exchange.look(T0 + 5 * MINUTE_US)
    exchange.opa_away = False
    exchange.look(T0 + 6 * MINUTE_US)
    assert [one["status"] for _, one in exchange.replies] == ["accepted"]


def test_what_waited_and_reaches_nobody_is_told_as_not_delivered(exchange: SmallExchange) -> None:
    exchange.opa_away = True
    exchange.publish("crisis.triage.completed", builders.triaged(), T0)
    exchange.opa_away = False
    exchange.look(T0 + 1)
    _, last = exchange.told(builders.event_id(3))
    assert (last["status"], last["code"], last["phone"]) == (
        "not_delivered",
        "nobody_reached",
        "01632 960101",
    )


@pytest.mark.parametrize("lanes", [1, 8])
def test_what_waits_while_health_links_its_reference_is_answered_once_and_told_as_delivered(
    tmp_path: Path, lanes: int
) -> None:
    # In one lane the person's book is the reference's own: it has seen the entry that is handed over.
    exchange = SmallExchange(tmp_path, lanes)
    exchange.opa_away = True
    exchange.publish(CALL, call(), T0)
    exchange.publish("crisis.triage.completed", builders.triaged(), T0 + 1)
    exchange.opa_away = False
    exchange.look(T0 + 2)
    assert [one["status"] for one in exchange.told(builders.event_id(7))] == ["accepted", "delivered"]
    assert exchange.told(builders.event_id(7))[-1]["handled_by"] == ["moor-ambulance", "northmoor-crisis"]
    assert len([1 for _, one in exchange.replies if one["event_id"] == builders.event_id(7)]) == 2
    assert exchange.books_balance()


@pytest.mark.parametrize("seed", range(30))
def test_every_event_has_one_answer_whatever_the_order(exchange: SmallExchange, seed: int) -> None:
    chance = random.Random(seed)
    steps: list[Any] = [
        *(exchange.entry(CALL, call(number), T0, "moor-police") for number in range(20, 25)),
        exchange.entry(CALL, call(25, setting="planned"), T0, "moor-police"),
        exchange.entry("crisis.triage.completed", builders.triaged(number=26), T0, "northmoor-crisis"),
        exchange.entry("person.objection.raised", builders.objection_raised(number=27), T0, "moor-person"),
        exchange.entry(
            "crisis.referral.accepted", builders.referral_accepted(number=28), T0, "northmoor-crisis"
        ),
    ]
    steps = [step for step in steps for _ in range(chance.randint(1, 3))]
    steps += ["away", "back", "restart", "look"] * 3
    chance.shuffle(steps)
    now_us = T0
    for step in [*steps, "back", "look"]:
        now_us += chance.randrange(3 * MINUTE_US)
        if isinstance(step, str):
            exchange.opa_away = {"away": True, "back": False}.get(step, exchange.opa_away)
            exchange.restart() if step == "restart" else exchange.look(now_us)
        else:
            exchange.work(exchange.means.lane_of(step.subject), [step], now_us)
        assert exchange.books_balance()
    for number in range(20, 29):
        told = exchange.told(builders.event_id(number))
        assert [one["status"] in ANSWERS for one in told].count(True) == 1, told
        assert told[0]["status"] in ANSWERS
        copies = [one for _, one in exchange.replies if one["delivery_id"] == told[0]["delivery_id"]]
        assert all(copy == copies[0] for copy in copies), copies
        assert len({(one["status"], one["code"]) for one in told}) == len(told)
    assert not exchange.paged
