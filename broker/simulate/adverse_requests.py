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


def asked_under_section_115(stage: Stage, at: int) -> list[str]:
    """The Crime and Disorder Act gives a power to share, and no ground on which to (R13)."""
    return [_asked(stage, at, "moor-police", "cda_1998_s115", "Alleged antisocial behaviour on an estate.")]


def asked_under_serious_violence_duty(stage: Stage, at: int) -> list[str]:
    """A request under the Serious Violence Duty may ask health for nothing about a patient (R12)."""
    return [_asked(stage, at, "moor-police", "pcsc_2022_s16", "A list of people at risk of violence.")]


def asked_by_safeguarding_board(stage: Stage, at: int) -> list[str]:
    """A Safeguarding Adults Board's section 45 request is law: the owner's legal desk decides (3.2)."""
    return [_asked(stage, at, "northmoor-asc", "care_act_2014_s45", "A review after a death.")]


def _asked(stage: Stage, at: int, agency: str, gateway: str, function: str) -> str:
    person = {
        "gateway_quoted": gateway,
        "offence_or_function": function,
        "necessity": "It cannot be learnt otherwise.",
        "information_sought": "Whether the person was under care in one month.",
        "authorising_rank": "inspector",
        "addressed_to": "moor-cmht",
        "telling_would_prejudice": "no",
    }
    police = {"purpose": "P6", "regime": "part3"}
    more = police if agency == "moor-police" else {"purpose": "P3"}
    return stage.scribe.tell(
        stage.story(), agency, "disclosure.requested", at, person, setting="planned", **more
    )


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
