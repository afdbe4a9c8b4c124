"""Forward: what lanes tell each other when health links a police reference to a person (design 2.3).

A reference keeps its lane for ever; a link makes that lane forward. All of it travels through
`lane-log` in the transaction of the lane that says it, so nothing is told twice or lost.
"""

import json
from collections.abc import Iterator
from dataclasses import replace

from broker.domain.identifiers import AgencyId
from broker.domain.incident import Incident
from broker.domain.subjects import INCIDENT, incident_subject, reference_subject
from broker.errors import IntegrityError
from broker.lanes.block import Entry, EntryKind
from broker.registry.topics import BROKER, LANE_LOG
from broker.release.book import Place
from broker.release.fold import fold_ended
from broker.release.subject import SubjectState


def told_by(place: Place, cause: Entry, before: SubjectState, after: SubjectState) -> Iterator[Entry]:
    """What other lanes must know of a change in this subject's state.

    A link goes to the lanes of the police reference and of the incident; the end of an incident to
    everybody who is in it.

    Args:
        place, cause: the entry that made the change, and where it stands.
    """
    known = {_key(one): one.local_ref for one in before.incidents}
    for one in after.incidents:
        subjects = []
        if one.local_ref is not None and known.get(_key(one)) != one.local_ref:
            subjects.append(reference_subject(one.force, one.local_ref))
        if _key(one) not in known:
            subjects.append(incident_subject(one.force, one.incident_ref))
        for subject in subjects:
            yield between_lanes(EntryKind.LINK, subject, place, cause, to=cause.subject)
    if after.closed_at_us is not None and after.closed_at_us != before.closed_at_us:
        for person in after.linked:
            yield ended(place, cause, person, after.closed_at_us)


def ended(place: Place, cause: Entry, person: str, closed_at_us: int) -> Entry:
    """Tells a person's lane that the incident they are in was closed; `cause` stands under the incident."""
    return between_lanes(
        EntryKind.ENDED, person, place, cause, incident=cause.subject, closed_at_us=str(closed_at_us)
    )


def linked(state: SubjectState, link: Entry) -> SubjectState:
    """The state of a reference, or of an incident, after a link.

    A reference goes to the first person it was linked to: a second one is a doubt that only a person
    can settle, and nobody's record is mixed with another's meanwhile (R36).
    """
    person = data_of(link)["to"]
    if link.subject.startswith(INCIDENT):
        return state if person in state.linked else replace(state, linked=(*state.linked, person))
    return replace(state, forward_to=state.forward_to or person)


def carry(place: Place, link: Entry, held: SubjectState) -> Entry | None:
    """What the reference's lane held, for the person's lane; None where it held nothing."""
    if not held.wishes and not held.markers:
        return None
    state = SubjectState(wishes=held.wishes, markers=held.markers)
    return replace(
        between_lanes(EntryKind.CARRY, data_of(link)["to"], place, link),
        body=state.pack(),
    )


def carried(state: SubjectState, entry: Entry) -> SubjectState:
    """The person's state after what a reference's lane held has come over."""
    held = SubjectState.unpack(entry.body)
    return replace(state, wishes=(*state.wishes, *held.wishes), markers=(*state.markers, *held.markers))


def incident_over(state: SubjectState, entry: Entry) -> SubjectState:
    """The person's state after an incident they are in was closed."""
    data = data_of(entry)
    _, force, incident_ref = data["incident"].split(":", 2)
    return fold_ended(state, AgencyId(force), incident_ref, int(data["closed_at_us"]))


def between_lanes(kind: EntryKind, subject: str, place: Place, cause: Entry, **data: str) -> Entry:
    """What one lane tells another of `subject`, because of the entry `cause` that stands at `place`."""
    return Entry(
        kind,
        BROKER,
        LANE_LOG,
        place.offset,
        place.index,
        cause.logged_at_us,
        subject=subject,
        body=json.dumps(data, sort_keys=True).encode(),
    )


def data_of(entry: Entry) -> dict[str, str]:
    """What an entry from another lane says.

    Raises:
        IntegrityError: it cannot be read, although it opened with the lane's key.
    """
    try:
        found = json.loads(entry.body)
    except ValueError:
        raise IntegrityError("an entry from another lane cannot be read") from None
    if not isinstance(found, dict):
        raise IntegrityError("an entry from another lane is no object")
    return found


def _key(incident: Incident) -> tuple[AgencyId, str]:
    return incident.force, incident.incident_ref
