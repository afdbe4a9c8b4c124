"""Builds full, valid events of invented people, as `Codec.encode` takes them and as lines to publish.

    record = builders.detained(person=PEOPLE[1], changes={"person.intoxicated": "alcohol"})
    line = builders.line("police.s136.detained", record)

Instants are microseconds since 1970-01-01T00:00Z. NHS numbers are of the range that is never issued.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from broker.wire.shape import Shape
from consumers.kit.instants import to_text
from tests.builders_care import (
    ambulance_outcome,
    assessment_requested,
    concern_raised,
    coordinator_allocated,
    crisis_plan_updated,
    ed_arrived,
    safety_gap_raised,
    support_accepted,
    support_referred,
)
from tests.builders_examples import (
    SCHEMAS,
    codec,
    example_builder,
    example_publisher,
    example_types,
)
from tests.builders_frame import (
    HOUR_US,
    MINUTE_US,
    OCCURRED_AT_US,
    PEOPLE,
    REFERRAL,
    Person,
    Record,
    event_id,
    police_link,
)
from tests.builders_health import (
    arrived,
    detention_ended,
    handed_over,
    home_treatment_started,
    referral_accepted,
    self_referred,
    triaged,
)
from tests.builders_police import call_triaged, conveyance, detained, handover_replied, incident_closed
from tests.builders_wishes import (
    objection_raised,
    permission_given,
    permission_withdrawn,
    restriction_lifted,
    restriction_set,
)

__all__ = [
    "BUILDERS",
    "HOUR_US",
    "MINUTE_US",
    "OCCURRED_AT_US",
    "PEOPLE",
    "PUBLISHERS",
    "REFERRAL",
    "SCHEMAS",
    "Person",
    "Record",
    "ambulance_outcome",
    "arrived",
    "assessment_requested",
    "call_triaged",
    "codec",
    "concern_raised",
    "conveyance",
    "coordinator_allocated",
    "crisis_plan_updated",
    "detained",
    "detention_ended",
    "ed_arrived",
    "event_id",
    "handed_over",
    "handover_replied",
    "home_treatment_started",
    "incident_closed",
    "line",
    "objection_raised",
    "permission_given",
    "permission_withdrawn",
    "police_link",
    "referral_accepted",
    "restriction_lifted",
    "restriction_set",
    "safety_gap_raised",
    "self_referred",
    "support_accepted",
    "support_referred",
    "triaged",
]

_BUILT: Mapping[str, tuple[Callable[..., Record], str]] = {
    "police.s136.detained": (detained, "moor-police"),
    "pos.s136.arrived": (arrived, "moor-pos"),
    "crisis.triage.completed": (triaged, "northmoor-crisis"),
    "person.permission.given": (permission_given, "moor-person"),
    "person.permission.withdrawn": (permission_withdrawn, "moor-person"),
    "person.objection.raised": (objection_raised, "moor-person"),
    "police.mh_call.triaged": (call_triaged, "moor-police"),
    "police.incident.closed": (incident_closed, "moor-police"),
    "police.s136.conveyance": (conveyance, "moor-police"),
    "police.s136.handover_replied": (handover_replied, "moor-police"),
    "pos.s136.handover": (handed_over, "moor-pos"),
    "pos.s136.ended": (detention_ended, "moor-pos"),
    "crisis.self_referral.received": (self_referred, "northmoor-crisis"),
    "crisis.referral.accepted": (referral_accepted, "northmoor-crisis"),
    "crisis.home_treatment.started": (home_treatment_started, "northmoor-crisis"),
    "cmht.crisis_plan.updated": (crisis_plan_updated, "moor-cmht"),
    "cmht.coordinator.allocated": (coordinator_allocated, "moor-cmht"),
    "ed.mh.arrived": (ed_arrived, "moor-ed"),
    "amb.mh_response.outcome": (ambulance_outcome, "moor-ambulance"),
    "sc.safeguarding.concern_raised": (concern_raised, "northmoor-asc"),
    "sc.amhp.assessment_requested": (assessment_requested, "moor-pos"),
    "vcs.referral.sent": (support_referred, "moor-cmht"),
    "vcs.referral.accepted": (support_accepted, "harbour-vcs"),
    "person.restriction.set": (restriction_set, "moor-person"),
    "person.restriction.lifted": (restriction_lifted, "moor-person"),
    "broker.safety_gap.raised": (safety_gap_raised, "candour"),
}

BUILDERS: Mapping[str, Callable[..., Record]] = {
    **{name: builder for name, (builder, _) in _BUILT.items()},
    **{name: example_builder(name) for name in example_types() if name not in _BUILT},
}
"""Event type -> its builder: its own, or one that follows its example"""

PUBLISHERS: Mapping[str, str] = {
    **{name: publisher for name, (_, publisher) in _BUILT.items()},
    **{name: example_publisher(name) for name in example_types() if name not in _BUILT},
}
"""Event type -> the agency of the model area that publishes it here; `candour` is the exchange itself"""


def line(event_type: str, record: Record) -> str:
    """The record as one line to publish (design 4), instants as text with their offset."""
    return json.dumps({"event_type": event_type, **_as_text(codec(event_type).shape, record)})


def _as_text(shape: Shape, value: Any) -> Any:
    if value is None:
        return None
    if shape.timestamp:
        return to_text(value)
    if shape.kind == "record":
        return {key: _as_text(shape.fields[key], inner) for key, inner in value.items()}
    return value
