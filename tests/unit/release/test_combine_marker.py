"""What a marker kept back is told as its effect, and nothing else is (R24, class RP)."""

from broker.domain.agreement import Subscription
from broker.domain.answer import Answer
from broker.domain.identifiers import AgencyId, AgreementId, DeskId, EventType, FieldName
from broker.domain.vocabulary import AgencyKind, AnswerKind, FieldClass, Purpose
from broker.release.combine import combine
from broker.release.match import Matcher
from broker.release.subject import SubjectState
from tests import builders
from tests.unit.release.events import event_of

DESK = DeskId("moor-cmht/coordinator")
AGREEMENT = AgreementId("carer-known")
REGISTERED = EventType("carer.registered")
MATCHER = Matcher(
    (Subscription(DESK, REGISTERED, Purpose.P10, AGREEMENT),),
    {DESK: AgencyKind.CMHT},
    frozenset(),
    {AGREEMENT: frozenset({AgencyId("northmoor-asc")})},
    frozenset({"northmoor", "southmoor"}),
)
PREFERRED = FieldName("person.preferred_contact")
PHONE = FieldName("subject.phone")


def withheld(named: FieldName, *, others: str = "not_in_agreement") -> dict[FieldName, tuple[str, ...]]:
    """Why fields stay where the marker stops the class of contacts and the agreement names one field.

    Args:
        others: the reason of every other class.
    """
    event = event_of(REGISTERED, builders.BUILDERS[REGISTERED]())
    nobody = SubjectState()
    (match,) = MATCHER.matches(event, builders.OCCURRED_AT_US, nobody, nobody, "2024-10-01")
    answers = {
        one.hash: Answer(
            AnswerKind.DENY,
            reasons=("location_withheld",) if one.field_class is FieldClass.CT else (others,),
        )
        for one in match.questions
    }
    return dict(combine(match, answers, frozenset({named})).withheld)


def test_an_agreed_field_that_the_marker_keeps_back_says_so() -> None:
    assert withheld(PREFERRED)[PREFERRED] == ("location_withheld",)


def test_a_field_that_nobody_agreed_to_tells_of_no_marker() -> None:
    assert withheld(PREFERRED)[PHONE] == ("not_in_agreement",)


def test_where_the_law_alone_lets_it_go_the_marker_is_what_keeps_a_field_back() -> None:
    found = withheld(PREFERRED, others="emergency_no_agreement")
    assert found[PHONE] == found[PREFERRED] == ("location_withheld",)
