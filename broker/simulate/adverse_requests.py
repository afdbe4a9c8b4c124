"""Adverse cases of agreements and requests, and what the exchange itself must refuse."""

from typing import Any

from broker.simulate.calendar import DAY, HOUR, MINUTE
from broker.simulate.scribe import Story, in_hours
from broker.simulate.stage import PERSON, WISH, Stage, scope

_COORDINATOR = ["harbour-vcs/coordinator"]


def ended_agreement(stage: Stage, at: int) -> list[str]:
    """Ambulance to practice: nobody has renewed it, and it is needed at night."""
    night = at // DAY * DAY + DAY + 3 * HOUR
    return [stage.attended(stage.story(), night)]


def without_capacity(stage: Stage, at: int) -> list[str]:
    """A yes of somebody who could not give it is none."""
    permitted = {**scope(_COORDINATOR, ["P9"]), "capacity_ok": "no"}
    return [_refused(stage, stage.story(), at, "permission_without_capacity", permitted)]


def id_twice(stage: Stage, at: int) -> list[str]:
    """A system that gave two events one id: the first counts, the second is refused and told."""
    story = stage.story()
    event_id = stage.permits(story, at, _COORDINATOR, ["P9"])
    another = {**scope(_COORDINATOR, ["P9"]), "how": "portal"}
    return [_refused(stage, story, in_hours(at, 1), "event_id_conflict", another, event_id=event_id)]


def number_of_another(stage: Stage, at: int) -> list[str]:
    """A mistyped number that is somebody else's: a yes in their name would open what they never opened."""
    story = stage.story()
    assert story.who is not None
    born = story.who.born.replace(year=story.who.born.year - 1)
    other = stage.somebody(born=born, family_name=f"{story.who.family_name}e")
    subject = {**other.subject(PERSON, by_number=True), "nhs_number": story.who.nhs_number}
    permitted = scope(_COORDINATOR, ["P9"])
    told = [stage.triaged(story, at)]
    told.append(_refused(stage, story, in_hours(at, 1), "identity_differs", permitted, subject=subject))
    return told


def _refused(stage: Stage, story: Story, at: int, code: str, permitted: dict[str, Any], **more: Any) -> str:
    written = at + MINUTE
    event_id = stage.scribe.tell(
        story, PERSON, "person.permission.given", at, permitted, written_at=written, **{**WISH, **more}
    )
    stage.refuses(event_id, code, written)
    return event_id
