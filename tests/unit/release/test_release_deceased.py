"""Word that the person died stops planned flows, and is taken back by a second word (R51)."""

import pytest

from broker.domain.agreement import Subscription
from broker.domain.identifiers import AgencyId, AgreementId, DeskId, EventType
from broker.domain.vocabulary import AgencyKind, Purpose
from broker.release.fold import fold
from broker.release.match import Matcher
from broker.release.subject import NOTHING_KNOWN, SubjectState
from tests import builders
from tests.unit.release.events import event_of

DECEASED = EventType("person.deceased")
COORDINATED = EventType("cmht.coordinator.allocated")
DESK = DeskId("northmoor-crisis/crisis-line")
MATCHER = Matcher(
    (Subscription(DESK, COORDINATED, Purpose.P2, AgreementId("coordinator-to-care-network")),),
    {DESK: AgencyKind.CRISIS},
    frozenset(),
    {AgreementId("coordinator-to-care-network"): frozenset({AgencyId("moor-cmht")})},
    frozenset({"northmoor", "southmoor"}),
)
DIED = SubjectState(deceased=True)


def after_notice(state: SubjectState, *, withdrawn: bool | None, sound: bool = True) -> SubjectState:
    record = builders.BUILDERS[DECEASED](changes={"person.notice_withdrawn": withdrawn})
    event = event_of(DECEASED, record, publisher="northmoor-crisis", sound=sound)
    return fold(state, event, builders.OCCURRED_AT_US, frozenset())


@pytest.mark.parametrize("withdrawn", [None, False])
def test_a_notice_counts_until_it_is_withdrawn(withdrawn: bool | None) -> None:
    noted = after_notice(NOTHING_KNOWN, withdrawn=withdrawn)
    assert noted.deceased
    assert not after_notice(noted, withdrawn=True).deceased


def test_a_notice_about_nobody_who_can_be_known_changes_nothing() -> None:
    assert after_notice(NOTHING_KNOWN, withdrawn=False, sound=False) is NOTHING_KNOWN


def test_a_row_keeps_it() -> None:
    assert SubjectState.unpack(DIED.pack()) == DIED


@pytest.mark.parametrize(
    ("place", "now", "said"),
    [(NOTHING_KNOWN, NOTHING_KNOWN, False), (DIED, NOTHING_KNOWN, True), (NOTHING_KNOWN, DIED, True)],
    ids=["alive", "dead at its place", "dead by now"],
)
def test_questions_say_it_whether_it_was_so_then_or_is_so_now(
    place: SubjectState, now: SubjectState, said: bool
) -> None:
    event = event_of(COORDINATED, builders.BUILDERS[COORDINATED]())
    (match,) = MATCHER.matches(event, builders.OCCURRED_AT_US, place, now, "2024-10-01")
    assert {question.deceased for question in match.questions} == {said}
