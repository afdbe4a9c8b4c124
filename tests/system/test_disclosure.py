"""A request for disclosure is answered the same whether or not anybody knows the person (4.6, R11)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.builders import Person
from tests.exchange import RunningExchange
from tests.system.rules import CORE, Night

pytestmark = pytest.mark.exchange

REQUESTED, GUARDIAN = "disclosure.requested", "moor-governance/guardian"


@pytest.fixture(scope="module")
def night(exchange: RunningExchange) -> Iterator[Night]:
    night = Night(exchange)
    yield night
    night.close()


def test_a_request_about_somebody_known_fares_as_one_about_nobody(night: Night) -> None:
    known, unknown = night.somebody(), night.somebody()
    # Health has linked this very reference, confirmed danger, and treats the person.
    night.arrive(known)
    night.tell("crisis.triage.completed", known)
    assert fares(night, known) == fares(night, unknown)


def fares(night: Night, person: Person) -> Any:
    """The reply, and what became of the request at every desk that asks."""
    record = night.record(REQUESTED, person, incident_ref=person.incident_ref)
    reply = night.publish(REQUESTED, record)
    became = night.became(record)
    assert set(became) == {f"{GUARDIAN} P6"}
    (one,) = became.values()
    assert one.given == CORE
    return reply.status, reply.code, one.outcome, one.extent, one.reasons, one.withheld
