"""The question that every policy must be able to answer: it tells a sick engine from a sick question."""

from broker.domain.identifiers import NO_AGREEMENT, DeskId, EventType
from broker.domain.question import Question
from broker.domain.vocabulary import (
    AgeBand,
    AgencyKind,
    Capacity,
    FieldClass,
    PermissionSource,
    Purpose,
    Regime,
    Setting,
    Threshold,
    WishState,
)

CANARY = Question(
    event_type=EventType("canary"),
    field_class=FieldClass.OP,
    setting=Setting.PLANNED,
    event_purpose=Purpose.P1,
    regime=Regime.UKGDPR,
    publisher_kind=AgencyKind.GOVERNANCE,
    agreement=NO_AGREEMENT,
    desk=DeskId("canary/canary"),
    desk_kind=AgencyKind.GOVERNANCE,
    purpose=Purpose.P1,
    place="canary",
    interval="1970-01-01",
    threshold_asserted=Threshold.NONE,
    threshold_confirmed=Threshold.NONE,
    custody_confirmed=False,
    in_incident=False,
    incident_ended=False,
    wish=WishState.NONE,
    permission_source=PermissionSource.NONE,
    capacity=Capacity.UNKNOWN,
    age_band=AgeBand.UNKNOWN,
    markers=(),
    override_open=False,
    wishes_known=True,
)
"""About nobody and no flow; the right answer is a denial"""
