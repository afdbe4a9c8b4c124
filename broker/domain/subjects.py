"""Canonical subjects: how a person, a reference, an incident or a lone event is spelt wherever it is placed.

Both stages and every lane must spell them alike: what is spelt otherwise stands in another lane, and
no link and no wish ever reaches it (design 2.3).
"""

from broker.domain.identifiers import AgencyId

NHS = "nhs:"
REFERENCE = "ref:"
INCIDENT = "incident:"


def nhs_subject(number: str) -> str:
    """The person of a checked NHS number."""
    return f"{NHS}{number}"


def reference_subject(agency: AgencyId, reference: str) -> str:
    """Whoever an agency means by a reference of its own."""
    return f"{REFERENCE}{agency}:{reference}"


def incident_subject(agency: AgencyId, incident_ref: str) -> str:
    """An incident of an agency."""
    return f"{INCIDENT}{agency}:{incident_ref}"


def event_subject(agency: str, event_id: str) -> str:
    """An event that names nobody and no incident: it stands for itself (R37)."""
    return f"event:{agency}:{event_id}"
