"""Referrals: a clock runs until somebody takes the person on; else the duty contact is told, once."""

from pathlib import Path
from typing import Any

import pytest

from broker.domain.codes import NOTICES
from broker.domain.event import Event
from broker.domain.identifiers import AgencyId, EventId
from broker.domain.vocabulary import AgencyKind, Purpose
from broker.release.duty import REFERRAL_UNKNOWN
from broker.release.naming import NamedEvent
from broker.release.referral import opens_referral
from tests import builders
from tests.unit.release.events import event_of
from tests.unit.release.small_exchange import ACCEPTED, CALL, CRISIS_LINE, MINUTE_US, SmallExchange

T0 = builders.OCCURRED_AT_US + 2 * MINUTE_US
DUE = T0 + 15 * MINUTE_US
CALL_ID = builders.event_id(7)


@pytest.fixture(params=[1, 5])
def exchange(request: pytest.FixtureRequest, tmp_path: Path) -> SmallExchange:
    return SmallExchange(tmp_path, lanes=request.param)


def statuses(exchange: SmallExchange, event_id: str = CALL_ID) -> list[str]:
    return [one["status"] for one in exchange.told(event_id)]


def name_at(exchange: SmallExchange, desk: str = CRISIS_LINE) -> str:
    """The name under which a desk got the only event it got."""
    (name,) = {str(record["event_id"]) for to, record in exchange.cores if to == desk}
    return name


def accept(exchange: SmallExchange, at_us: int, number: int = 14, **changes: Any) -> None:
    record = builders.referral_accepted(number=number, changes={"person.referral": None, **changes})
    exchange.publish(ACCEPTED, record, at_us)


@pytest.mark.parametrize(
    ("event", "opens"),
    [
        (event_of(CALL, builders.call_triaged()), True),
        (event_of(CALL, builders.call_triaged(changes={"person.decision": "advice"})), True),
        (event_of(CALL, builders.call_triaged(changes={"person.decision": "deploy"})), False),
        (event_of(CALL, builders.call_triaged(changes={"setting": "planned"})), False),
        (event_of("crisis.self_referral.received", builders.self_referred()), True),
        (
            event_of("crisis.self_referral.received", builders.self_referred(changes={"setting": "planned"})),
            False,
        ),
        (event_of("crisis.carer_call.received", builders.BUILDERS["crisis.carer_call.received"]()), True),
        (event_of("crisis.referral.received", builders.BUILDERS["crisis.referral.received"]()), True),
        (event_of("crisis.referral.declined", builders.BUILDERS["crisis.referral.declined"]()), False),
        (event_of("crisis.triage.completed", builders.triaged()), False),
    ],
)
def test_a_clock_starts_where_somebody_is_left_for_a_crisis_team(event: Event, opens: bool) -> None:
    assert opens_referral(event) == opens


def test_a_referral_that_nobody_takes_raises_a_gap_and_tells_its_publisher_once(
    exchange: SmallExchange,
) -> None:
    lane = exchange.publish(CALL, builders.call_triaged(), T0)
    exchange.look(DUE - 1)
    assert statuses(exchange) == ["accepted"]
    exchange.look(DUE)
    exchange.restart()
    exchange.look(DUE + 60 * MINUTE_US)
    assert statuses(exchange) == ["accepted", "not_handled"]
    last = exchange.told(CALL_ID)[-1]
    assert (last["code"], last["phone"]) == ("referral_not_taken", "01632 960121")
    gaps = [record for desk, record in exchange.cores if desk == CRISIS_LINE][1:]
    assert [record["event_type"] for record in gaps] == ["crisis.response.needed"]
    assert gaps[0]["fields"]["core"] == {
        "area": "northmoor",
        "urgency": "emergency",
        "need": "crisis_response",
    }
    assert len(exchange.books[lane].referrals) == 0
    assert exchange.books_balance()
    assert not exchange.paged
    assert {one["event_id"] for _, one in exchange.replies} == {CALL_ID}


def test_a_southmoor_referral_has_southmoors_minutes_and_contact(exchange: SmallExchange) -> None:
    exchange.publish(CALL, builders.call_triaged(changes={"core.area": "southmoor"}), T0)
    exchange.look(DUE)
    assert statuses(exchange) == ["accepted"]
    exchange.look(T0 + 30 * MINUTE_US)
    assert exchange.told(CALL_ID)[-1]["phone"] == "01632 960221"


def test_an_acceptance_that_cites_the_name_its_desk_got_stops_the_clock(exchange: SmallExchange) -> None:
    exchange.publish(CALL, builders.call_triaged(), T0)
    accept(exchange, T0 + MINUTE_US, **{"person.referral": name_at(exchange)})
    exchange.look(DUE)
    assert statuses(exchange) == ["accepted", "handled"]
    last = exchange.told(CALL_ID)[-1]
    assert (last["code"], last["handled_by"], last["phone"]) == (
        "referral_taken",
        ["northmoor-crisis"],
        "01632 960101",
    )
    assert sum(len(book.referrals) for book in exchange.books) == 0


def test_a_name_that_no_desk_of_the_agency_got_stops_nothing_and_is_told(exchange: SmallExchange) -> None:
    exchange.publish(CALL, builders.call_triaged(), T0)
    route = (CRISIS_LINE, AgencyKind.CRISIS, Purpose.P1)
    beyond = NamedEvent(len(exchange.lanes), AgencyId("moor-police"), EventId(CALL_ID))
    for number, name in enumerate(
        (
            name_at(exchange, "moor-ambulance/control"),
            CALL_ID,
            "e_nonsense",
            exchange.means.naming.event(*route, beyond),
        )
    ):
        accept(exchange, T0 + MINUTE_US, 30 + number, **{"person.referral": name})
        (reply,) = exchange.told(builders.event_id(30 + number))
        assert (reply["status"], NOTICES[REFERRAL_UNKNOWN] in reply["message"]) == ("accepted", True)
    exchange.look(DUE)
    assert statuses(exchange) == ["accepted", "not_handled"]


def test_an_acceptance_without_a_citation_stops_the_clocks_of_its_own_person_only(
    exchange: SmallExchange,
) -> None:
    first, other = builders.PEOPLE[0], builders.PEOPLE[1]
    ids = (builders.event_id(40), builders.event_id(41))
    exchange.publish("crisis.self_referral.received", builders.self_referred(first, number=40), T0)
    exchange.publish("crisis.self_referral.received", builders.self_referred(other, number=41), T0)
    accept(exchange, T0 + MINUTE_US)
    exchange.look(DUE)
    assert "handled" in statuses(exchange, ids[0])
    assert "not_handled" not in statuses(exchange, ids[0])
    assert "not_handled" in statuses(exchange, ids[1])


def test_once_health_has_linked_a_reference_an_acceptance_of_the_person_stops_its_clock_too(
    exchange: SmallExchange,
) -> None:
    exchange.publish(CALL, builders.call_triaged(), T0)
    exchange.publish("pos.s136.arrived", builders.arrived(), T0 + MINUTE_US, "northmoor-crisis")
    exchange.publish("crisis.triage.completed", builders.triaged(), T0 + MINUTE_US)
    accept(exchange, T0 + 2 * MINUTE_US)
    exchange.look(DUE)
    assert statuses(exchange) == ["accepted", "handled"]


def test_a_voluntary_body_that_accepts_without_a_citation_stops_no_crisis_clock(
    exchange: SmallExchange,
) -> None:
    exchange.publish("crisis.self_referral.received", builders.self_referred(number=40), T0)
    record = builders.support_accepted(changes={"person.referral": None})
    exchange.publish("vcs.referral.accepted", record, T0 + MINUTE_US)
    exchange.look(DUE)
    assert "not_handled" in statuses(exchange, builders.event_id(40))


def test_an_acceptance_that_still_lies_in_the_log_keeps_the_clock_from_running_out(
    exchange: SmallExchange,
) -> None:
    exchange.publish(CALL, builders.call_triaged(), T0)
    exchange.look(DUE + MINUTE_US, log_until_us=DUE - 1)
    assert statuses(exchange) == ["accepted"]
    accept(exchange, DUE + MINUTE_US, **{"person.referral": name_at(exchange)})
    exchange.look(DUE + 2 * MINUTE_US)
    assert statuses(exchange) == ["accepted", "handled"]


def test_a_copy_starts_no_second_clock(exchange: SmallExchange) -> None:
    exchange.publish(CALL, builders.call_triaged(), T0)
    accept(exchange, T0 + MINUTE_US, **{"person.referral": name_at(exchange)})
    exchange.publish(CALL, builders.call_triaged(), T0 + 2 * MINUTE_US)
    exchange.look(DUE + 60 * MINUTE_US)
    assert statuses(exchange) == ["accepted", "handled"]


def test_a_referral_that_two_agencies_take_is_told_once(exchange: SmallExchange) -> None:
    exchange.publish(CALL, builders.call_triaged(), T0)
    name = name_at(exchange)
    accept(exchange, T0 + MINUTE_US, **{"person.referral": name})
    accept(exchange, T0 + 2 * MINUTE_US, 15, **{"person.referral": name})
    assert statuses(exchange) == ["accepted", "handled"]


def test_the_gap_of_a_referral_has_one_id_and_its_clock_survives_a_restart(exchange: SmallExchange) -> None:
    exchange.publish(CALL, builders.call_triaged(), T0)
    exchange.restart()
    exchange.look(DUE)
    names = [record["event_id"] for desk, record in exchange.cores if desk == CRISIS_LINE]
    gap = exchange.means.cited(AgencyId("northmoor-crisis"), names[-1])
    assert gap is not None
    assert gap.publisher == "candour"
    assert gap.event_id[14] == "8"
