"""Place: about whom is this event? (design 2.3)"""

from collections.abc import Mapping
from typing import Any

from broker.domain.identifiers import AgencyId
from broker.domain.subjects import event_subject, incident_subject, nhs_subject, reference_subject
from broker.domain.vocabulary import HEALTH_AND_CARE, AgencyKind


def subject_of(
    record: Mapping[str, Any],
    publisher: AgencyId,
    kind: AgencyKind,
    event_id: str,
    *,
    sound: bool,
    about_incident: bool = False,
) -> str:
    """The canonical subject of a checked record (design 2.3).

    The NHS number when a health or social-care publisher gives it; else the publisher's own reference;
    else the incident; else the event itself, since anonymous contacts are allowed (R37). A number from
    police is a hint for a person to confirm, never the subject (R36).

    Args:
        about_incident: the type of event is about an incident, whoever is in it: it stands under that.
    """
    if about_incident and record.get("incident_ref") is not None:
        return incident_subject(publisher, record["incident_ref"])
    subject = record.get("subject") or {}
    if sound and kind in HEALTH_AND_CARE and subject.get("nhs_number") is not None:
        return nhs_subject(subject["nhs_number"])
    if sound and subject.get("local_ref") is not None:
        return reference_subject(publisher, subject["local_ref"])
    if record.get("incident_ref") is not None:
        return incident_subject(publisher, record["incident_ref"])
    return event_subject(publisher, event_id)


def own_subject(publisher: AgencyId) -> str:
    """The subject under which a publisher's own headers and rejections stand."""
    return f"publisher:{publisher}"
