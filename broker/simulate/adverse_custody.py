"""Adverse cases of detention: clocks that run out, places that are not lawful, people who are too young."""

from datetime import timedelta

from broker.simulate import words
from broker.simulate.calendar import MINUTE, day_of, instant
from broker.simulate.scribe import in_hours, in_minutes
from broker.simulate.stage import LIVE, POLICE, SUITE, Stage


def turns_18(stage: Stage, at: int) -> list[str]:
    """Detained the evening before the eighteenth birthday, and still there the day after."""
    birthday = day_of(at) + timedelta(days=1)
    story = stage.story(born=birthday.replace(year=birthday.year - 18))
    told = [stage.detained(story, at), stage.arrived(story, in_hours(at, 1))]
    return [*told, stage.ended(story, in_hours(at, 22), "informal"), stage.closed(story, in_hours(at, 22))]


def transfer(stage: Stage, at: int) -> list[str]:
    """From one place of safety to another: the clock does not start again (R17)."""
    story = stage.story()
    told = [stage.detained(story, at)]
    told.append(stage.arrived(story, in_hours(at, 1)))
    told.append(stage.arrived(story, in_hours(at, 8), transfer_of=told[-1]))
    return [*told, stage.ended(story, in_hours(at, 20), "s2")]


def nearly_a_day(stage: Stage, at: int) -> list[str]:
    """Ten minutes before the power would have ended."""
    story = stage.story()
    arrived = in_hours(at, 1)
    told = [stage.detained(story, at), stage.arrived(story, arrived)]
    return [*told, stage.ended(story, in_hours(arrived, 24) - 10 * MINUTE, "s2")]


def thirty_hours(stage: Stage, at: int) -> list[str]:
    """Nobody extended it, and it went on: told as it was, and accepted (R18)."""
    story = stage.story()
    arrived = in_hours(at, 1)
    told = [stage.detained(story, at), stage.arrived(story, arrived)]
    return [*told, stage.ended(story, in_hours(arrived, 30), "expired")]


def extended_for_want_of_a_bed(stage: Stage, at: int) -> list[str]:
    """No ground for an extension: told as it was, accepted, and told to those who must act (R18)."""
    story = stage.story()
    arrived = in_hours(at, 1)
    told = [stage.detained(story, at), stage.arrived(story, arrived)]
    later = in_hours(arrived, 23)
    person = {
        "extended_at": instant(later),
        "extension_hours": 12,
        "extension_reason": "reason_not_lawful_ground",
        "extended_by_role": "responsible doctor",
        "superintendent_approval": "not_applicable",
        "call_now": words.calls(SUITE, story.area),
    }
    told.append(stage.scribe.tell(story, SUITE, "pos.s136.extended", later, person, purpose="P4"))
    return [*told, stage.ended(story, in_hours(arrived, 31), "s3")]


def police_station_under_18(stage: Stage, at: int) -> list[str]:
    """A seventeen-year-old in a police station: not lawful, and a fact (R19)."""
    story = stage.story(born=day_of(at) - timedelta(days=365 * 17 + 100))
    told = [stage.detained(story, at), stage.conveyed(story, in_hours(at, 1), "police_station")]
    told.append(stage.arrived(story, in_hours(at, 4)))
    return [*told, stage.ended(story, in_hours(at, 12), "discharged")]


def private_dwelling(stage: Stage, at: int) -> list[str]:
    """Section 136 does not reach into a home: told as it was."""
    story = stage.story("southmoor")
    told = [stage.detained(story, at, "private_dwelling"), stage.arrived(story, in_hours(at, 1))]
    return [*told, stage.ended(story, in_hours(at, 5), "discharged")]


def handover_told_late(stage: Stage, at: int) -> list[str]:
    """The exchange was away: both sides write down at half past what they agreed three hours before."""
    story = stage.story()
    arrived, handed = in_hours(at, 1), in_hours(at, 2)
    later = in_hours(handed, 3)
    told = [stage.detained(story, at), stage.arrived(story, arrived)]
    person = {
        "requested_at": instant(arrived),
        "accepted_at": instant(handed),
        "accepted_by_role": "nurse in charge",
        "police_presence_needed": "no",
        "why_needed": "not_applicable",
        "released_at": instant(handed),
        "call_now": words.calls(SUITE, story.area),
    }
    replied = {"reply": "leave", "replied_at": instant(handed), "released_at": instant(handed)}
    late = {"written_at": later, **LIVE}
    told.append(stage.scribe.tell(story, SUITE, "pos.s136.handover", handed, person, **late))
    late = {"written_at": in_minutes(later, 2), **LIVE}
    told.append(stage.scribe.tell(story, POLICE, "police.s136.handover_replied", handed, replied, **late))
    return [*told, stage.ended(story, in_hours(later, 4), "discharged")]


def wrong_person(stage: Stage, at: int) -> list[str]:
    """Linked to somebody of the same name, read at desks, split in the morning. Nothing is taken back yet."""
    detained = stage.story()
    assert detained.who is not None
    other = stage.scribe.story(stage.somebody(family_name=detained.who.family_name), "northmoor")
    link = detained.police_link
    told = [stage.detained(detained, at)]
    told.append(stage.triaged(other, stage.soon(at), threshold_confirmed="life_risk", police_link=link))
    split = {
        "linked_agency": "moor-police",
        "linked_local_ref": link["local_ref"],
        "match_basis": ["family_name"],
        "split_reason": "wrong_person",
        "confirmed_by_role": "nurse in charge",
    }
    planned = {"setting": "planned", "purpose": "P2"}
    morning = in_hours(at, 10)
    told.append(stage.scribe.tell(other, SUITE, "person.identity.split", morning, split, **planned))
    return told
