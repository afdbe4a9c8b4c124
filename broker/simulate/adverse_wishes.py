"""Adverse cases about what people want, who they are, and who may know of it."""

from typing import Any

from broker.simulate import words
from broker.simulate.calendar import DAY, instant
from broker.simulate.scribe import Story, in_hours
from broker.simulate.stage import LIVE, PERSON, WISH, Stage, scope


def refusal_with_capacity(stage: Stage, at: int) -> list[str]:
    """Somebody who can decide says no to everybody, and is then at risk."""
    story = stage.story()
    told = [stage.objects(story, at, [], ["P1"])]
    return [*told, stage.triaged(story, stage.soon(at), capacity="has", confidentiality_position="refused")]


def refusal_then_loss_of_capacity(stage: Stage, at: int) -> list[str]:
    """The same, and an hour later they can no longer decide."""
    story = stage.story()
    told = [stage.objects(story, at, [], ["P1"])]
    told.append(stage.triaged(story, stage.soon(at), capacity="has"))
    return [*told, stage.triaged(story, in_hours(at, 2), capacity="lacks", threshold_confirmed="life_risk")]


def somebody_who_may_not_be_found(stage: Stage, at: int) -> list[str]:
    """The marker was set the evening before (R24)."""
    story = stage.story()
    told = [stage.marked(story, at, "location_withheld"), stage.detained(story, in_hours(at, 9))]
    told.append(stage.arrived(story, in_hours(at, 10)))
    return [*told, stage.attended(story, in_hours(at, 11))]


def victim_and_alleged_perpetrator(stage: Stage, at: int) -> list[str]:
    """Both are known, on the same night, to the same agencies."""
    victim, other = stage.story(), stage.story()
    person: dict[str, Any] = {
        "raised_by": "A ward nurse",
        "type_of_abuse": ["domestic"],
        "alleged_source": "A partner",
        "consent_sought": "no",
        "why_consent_not_sought": "not_safe",
        "crime_suspected": "yes",
        "call_now": words.calls(victim.council, victim.area),
    }
    told = [stage.marked(victim, at, "domestic_abuse")]
    told.append(
        stage.scribe.tell(
            victim, victim.council, "sc.safeguarding.concern_raised", stage.soon(at), person, purpose="P3"
        )
    )
    return [*told, stage.triaged(victim, in_hours(at, 2)), stage.triaged(other, in_hours(at, 2))]


def member_of_staff(stage: Stage, at: int) -> list[str]:
    """A nurse of the trust is the patient."""
    story = stage.story()
    told = [stage.marked(story, at, "staff_or_vip")]
    return [*told, stage.triaged(story, stage.soon(at), restrictions=["staff_or_vip"])]


def twins(stage: Stage, at: int) -> list[str]:
    """One name, one birthday, one address; two people, both in crisis on the same evening."""
    first = stage.somebody()
    second = stage.somebody(family_name=first.family_name, born=first.born, address=first.address)
    return [stage.triaged(stage.scribe.story(who, "northmoor"), at) for who in (first, second)]


def anonymous_caller(stage: Stage, at: int) -> list[str]:
    """No name, no number, and danger."""
    story = stage.scribe.story(None, "northmoor")
    person = {
        "channel": "phone",
        "received_at": instant(at),
        "own_words": "I do not want to give my name.",
        "anonymous": True,
        "threshold_confirmed": "life_risk",
    }
    need = {"need": "crisis_response", **LIVE}
    return [stage.scribe.tell(story, story.crisis, "crisis.self_referral.received", at, person, **need)]


def carer_who_must_stay_secret(stage: Stage, at: int) -> list[str]:
    """A brother rings police and asks that she never learns of it."""
    story = stage.story()
    assert story.who is not None
    person: dict[str, Any] = {
        "call_source": "public",
        "rcrp_category": "mh_crisis",
        "threshold": "none",
        "decision": "not_deploy",
        "passed_to": {"agency_kind": "crisis", "passed_at": instant(at)},
        "presenting_safety_facts": "Has not eaten for three days.",
        "caller_words": "She must not know that I rang.",
        "caller_contact": "A brother, 01632 960333",
    }
    told = stage.scribe.tell(
        story, "moor-police", "police.mh_call.triaged", at, person, need="crisis_response"
    )
    return [told, stage.triaged(story, stage.soon(at))]


def two_at_odds(stage: Stage, at: int) -> list[str]:
    """A no and, later, a yes about the same desk: what counts is a matter of policy, not of order."""
    story = stage.story()
    told = [stage.objects(story, at, ["harbour-vcs"], ["P9"])]
    told.append(stage.permits(story, stage.soon(at), ["harbour-vcs/coordinator"], ["P9"]))
    return [*told, _referred(stage, story, in_hours(at, 2))]


def taken_back_while_used(stage: Stage, at: int) -> list[str]:
    """The yes is taken back in the minute in which it is used."""
    story = stage.story()
    told = [stage.permits(story, at, ["harbour-vcs/coordinator"], ["P9"])]
    later = in_hours(at, 1)
    told.append(_referred(stage, story, later))
    taken = scope(["harbour-vcs/coordinator"], ["P9"])
    told.append(stage.scribe.tell(story, PERSON, "person.permission.withdrawn", later + 1, taken, **WISH))
    return [*told, _referred(stage, story, in_hours(at, 3))]


def stale_plan(stage: Stage, at: int) -> list[str]:
    """The plan that everybody is pointed to should have been reviewed two years ago."""
    story = stage.story()
    person = {
        "custodian": "ZZ902",
        "version": "1",
        "coproduced_with_person": "unknown",
        "review_due": instant(at - 730 * DAY),
        "retrieval_url": "https://plans.example/1",
        "contact_24h": {"role": "duty_clinician", "number": "01632 960104"},
    }
    planned = {"setting": "planned", "purpose": "P2"}
    told = [stage.scribe.tell(story, "moor-cmht", "cmht.crisis_plan.updated", at, person, **planned)]
    return [*told, stage.attended(story, in_hours(at, 20))]


def _referred(stage: Stage, story: Story, at: int) -> str:
    person = {
        "kind": "supplement",
        "preferred_contact": "Text, then ring after nine",
        "agreed_goals": stage.chance.choice(words.GOALS),
        "call_now": words.calls(story.crisis, story.area),
    }
    planned = {"setting": "planned", "purpose": "P9"}
    return stage.scribe.tell(story, story.crisis, "vcs.referral.sent", at, person, **planned)
