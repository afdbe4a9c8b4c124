"""Crisis referrals: somebody rings or is referred, is triaged, seen, and helped on."""

from typing import Any, Final

from broker.simulate import words
from broker.simulate.calendar import day_of, instant
from broker.simulate.figures import CLOCK_MISSING, PRIORITIES, REFERRALS
from broker.simulate.quota import labels
from broker.simulate.scribe import Story, in_hours, in_minutes
from broker.simulate.world import World

VOLUNTARY: Final = "harbour-vcs"
_TO_COORDINATOR: Final[dict[str, Any]] = {
    "scope_purposes": ["P9"],
    "scope_recipients": ["harbour-vcs/coordinator"],
    "scope_classes": ["ID", "CT", "OP", "SF", "AU", "ST"],
    "how": "verbal",
    "capacity_ok": "yes",
}
_DUE_H: Final = {"emergency": 1, "very_urgent": 4, "urgent": 24, "routine": 168}
_SETTINGS: Final = {"emergency": "emergency_live", "very_urgent": "urgent", "urgent": "urgent"}


class Referrals:
    """The stream of crisis referrals."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("referrals")
        count = world.count(REFERRALS)
        self.moments = world.calendar.moments(count, self._chance)
        self._priorities = labels(PRIORITIES, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """From the first ring to what was arranged."""
        world, chance, priority = self._world, self._chance, self._priorities[number]
        anonymous = chance.random() < 0.02
        story = world.scribe.story(None if anonymous else world.people.anybody(chance))
        setting = _SETTINGS.get(priority, "urgent")
        referral = self._received(story, at, setting)
        accepted = in_minutes(at, chance.lognormvariate(1.8, 0.7))
        if story.who is not None and chance.random() < 0.9:
            self._accepted(story, referral, accepted, priority, setting)
        triaged = in_minutes(accepted, chance.lognormvariate(2.8, 0.6))
        self._triaged(story, triaged, priority, setting)
        if story.who is not None:
            self._helped_on(story, in_hours(triaged, 3))

    def _received(self, story: Story, at: int, setting: str) -> str:
        chance = self._chance
        adjusted = chance.random() < 0.08
        person: dict[str, Any] = {
            "channel": chance.choice(("phone", "nhs_111", "nhs_111", "nhs_111", "text", "web", "walk_in")),
            "received_at": None if chance.random() < CLOCK_MISSING else instant(at),
            "own_words": words.now_and_then(chance, 0.7, words.OWN_WORDS),
            "wants": words.now_and_then(chance, 0.5, words.WANTS),
            "safe_to_call_back": chance.choice(("yes",) * 6 + ("no", "unknown", "not_asked")),
            "anonymous": story.who is None,
            "adjustments": "Text before ringing. No strip lights." if adjusted else None,
            "language_interpreter": None if story.who is None else story.who.language,
            "communication_need": words.now_and_then(chance, 0.05, words.COMMUNICATION),
            "means_present": chance.choice(("no", "no", "not_asked", "unknown", "yes")),
            "injury_or_ingestion": chance.choice(("no", "no", "no", "not_asked", "yes")),
            "what_helps_now": words.now_and_then(chance, 0.4, words.HELPS),
            "threshold_confirmed": chance.choice(("none",) * 8 + ("serious_harm", "life_risk")),
        }
        return self._world.scribe.tell(
            story,
            story.crisis,
            "crisis.self_referral.received",
            at,
            person,
            setting=setting,
            need="crisis_response",
        )

    def _accepted(self, story: Story, referral: str, at: int, priority: str, setting: str) -> None:
        person = {
            "referral": referral,
            "accepted_at": instant(at),
            "accepted_by_role": "shift lead",
            "priority": priority,
            "next_contact_at": instant(in_minutes(at, 30)),
            "call_now": words.calls(story.crisis, story.area),
        }
        self._world.scribe.tell(story, story.crisis, "crisis.referral.accepted", at, person, setting=setting)

    def _triaged(self, story: Story, at: int, priority: str, setting: str) -> None:
        chance = self._chance
        person = {
            "priority": priority,
            "response_due_at": instant(in_hours(at, _DUE_H[priority])) if priority in _DUE_H else None,
            "threshold_confirmed": chance.choice(("none",) * 8 + ("serious_harm", "life_risk")),
            "plan_now": words.now_and_then(chance, 0.6, words.PLANS),
            "safety_needs": words.now_and_then(chance, 0.4, words.NEEDS),
            "what_helps_now": words.now_and_then(chance, 0.4, words.HELPS),
            "own_words": words.now_and_then(chance, 0.3, words.OWN_WORDS),
            "call_now": words.calls(story.crisis, story.area),
        }
        summary = words.now_and_then(chance, 0.5, words.SUMMARIES)
        self._world.scribe.tell(
            story,
            story.crisis,
            "crisis.triage.completed",
            at,
            person,
            setting=setting,
            shareable_summary=summary,
        )

    def _helped_on(self, story: Story, at: int) -> None:
        chance = self._chance.random()
        if chance < 0.16:
            self._home_treatment(story, at)
        elif chance < 0.26:
            self._voluntary(story, at)

    def _home_treatment(self, story: Story, at: int) -> None:
        chance = self._chance
        person = {
            "start_at": instant(at),
            "visit_pattern": chance.choice(("several_a_day", "daily", "every_few_days", "by_phone")),
            "plan_now": chance.choice(words.PLANS),
            "what_helps_now": words.now_and_then(chance, 0.6, words.HELPS),
            "if_police_come": words.now_and_then(chance, 0.1, ("Please come without a siren.",)),
            "call_now": words.calls(story.crisis, story.area),
        }
        self._world.scribe.tell(story, story.crisis, "crisis.home_treatment.started", at, person)

    def _voluntary(self, story: Story, at: int) -> None:
        """A referral to a voluntary body, which takes it on a day or two later.

        Without the person's yes it does not reach the body, and in Southmoor nothing was signed with it.
        """
        assert story.who is not None
        chance = self._chance
        agreed = chance.random() < 0.85
        if agreed:
            wish: dict[str, Any] = {"setting": "planned", "purpose": "P12", "capacity": "has"}
            self._world.scribe.tell(
                story, story.crisis, "person.permission.given", at - 1_800, _TO_COORDINATOR, **wish
            )
        kind = chance.choice(("supplement", "step_down", "open_access"))
        sent = {
            "kind": kind,
            "preferred_contact": "Text, then ring after nine",
            "agreed_goals": words.now_and_then(chance, 0.7, words.GOALS),
            "what_helps_now": words.now_and_then(chance, 0.5, words.HELPS),
            "call_now": words.calls(story.crisis, story.area),
        }
        planned: dict[str, Any] = {"setting": "planned", "purpose": "P9"}
        scribe = self._world.scribe
        referral = scribe.tell(story, story.crisis, "vcs.referral.sent", at, sent, **planned)
        if not agreed or story.area != "northmoor" or story.who.age_band(day_of(at)) != "adult":
            return
        taken = in_hours(at, chance.uniform(4, 48))
        if chance.random() < 0.1:
            person: dict[str, Any] = {"referral": referral, "kind": kind, "declined_at": instant(taken)}
            person |= {"decline_reason": chance.choice(("full", "out_of_area")), "told_person": "yes"}
            scribe.tell(story, VOLUNTARY, "vcs.referral.declined", taken, person, **planned)
            return
        accepted = {"referral": referral, "kind": kind, "accepted_at": instant(taken)}
        scribe.tell(story, VOLUNTARY, "vcs.referral.accepted", taken, accepted, **planned)
        begun = in_hours(taken, chance.uniform(24, 240))
        for state, later in (
            ("started", 0.0),
            (chance.choice(("completed", "paused", "ended_by_person")), 400.0),
        ):
            at = in_hours(begun, later)
            status = {"engagement_status": state, "status_since_at": instant(at), "kind": kind}
            scribe.tell(story, VOLUNTARY, "vcs.engagement.status", at, status, **planned)
