"""A leaf written from what like decisions share is the very leaf that the decision itself gives."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from broker.domain.answer import Obligations
from broker.domain.decision import Decision, canonical
from broker.domain.identifiers import (
    AgencyId,
    AgreementId,
    DeskId,
    EventId,
    EventType,
    FieldName,
    PolicyRevision,
    SubscriptionId,
)
from broker.domain.vocabulary import AnswerKind, Extent, Handling, Outcome, Purpose
from broker.release.leaf import LeafWriter

LIKE = Decision(
    event_id=EventId("019aa3f2-7c00-7000-8000-000000000001"),
    event_type=EventType("pos.s136.arrived"),
    publisher=AgencyId("moor-pos"),
    subscription=SubscriptionId("moor-police/control-room|pos.s136.arrived|P5"),
    desk=DeskId("moor-police/control-room"),
    agreement=AgreementId("health-to-police-100%-minimum"),
    answer=AnswerKind.PERMIT,
    outcome=Outcome.DELIVERED,
    extent=Extent.MINIMISED,
    fields={FieldName("core.area"): Handling.WHOLE},
    withheld={FieldName("person.transfer_of"): ("not_in_agreement",)},
    reasons=("not_in_agreement",),
    basis="B5",
    purpose=Purpose.P5,
    policy_revision=PolicyRevision("northmoor-0"),
    decided_at_us=-1,
    questions=("ab", "cd"),
    event_commitment="00" * 16,
    delivery_id="11" * 16,
    obligations=Obligations(24, "incident_only", incident_only=True),
)


@given(
    st.uuids().map(str),
    st.integers(-(2**60), 2**60),
    st.none() | st.binary(min_size=16, max_size=16).map(bytes.hex),
    st.sampled_from(["moor-pos", "moor-police", "northmoor-crisis"]),
)
def test_it_is_the_canonical_record_of_the_decision(
    event_id: str, decided_at_us: int, delivery_id: str | None, publisher: str
) -> None:
    decision = replace(
        LIKE,
        event_id=EventId(event_id),
        decided_at_us=decided_at_us,
        delivery_id=delivery_id,
        publisher=AgencyId(publisher),
        event_commitment=event_id.replace("-", ""),
    )
    assert LeafWriter(LIKE).write(decision) == canonical(decision.record())
