"""Crisis referrals: somebody rings, is rung for or is referred, is taken on, triaged and seen."""

from typing import Any, Final

from broker.simulate import words
from broker.simulate.calendar import instant
from broker.simulate.figures import LINE_CONTACTS, PRIORITIES, REFERRALS
from broker.simulate.helped_on import HelpedOn
from broker.simulate.quota import labels
from broker.simulate.scribe import Story, clock, in_hours, in_minutes
from broker.simulate.world import World

_DUE_H: Final = {"emergency": 1, "very_urgent": 4, "urgent": 24, "routine": 168}
_SETTINGS: Final = {"emergency": "emergency_live", "very_urgent": "urgent", "urgent": "urgent"}
_SOURCES: Final = {  # by design
    "self": 0.44,
    "carer_or_relative": 0.12,
    "gp": 0.20,
    "emergency_department": 0.09,
    "police": 0.05,
    "internal": 0.06,
    "ambulance": 0.04,
}
_TYPES: Final = {"self": "crisis.self_referral.received", "carer_or_relative": "crisis.carer_call.received"}
_CALLS: Final = {  # by design; the codes are those of a drop-in or call (4.4)
    "advice_only": 0.46,
    "signposted_outside_the_nhs": 0.16,
    "non_urgent_nhs_referral": 0.17,
    "urgent_face_to_face_referral": 0.09,
    "caller_disconnected": 0.08,
    "emergency_services_notified": 0.03,
    "other": 0.01,
}
_NEED: Final = {"need": "crisis_response"}


class Referrals:
    """The stream of crisis referrals."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("referrals")
        self._helped_on = HelpedOn(world)
        count = world.count(REFERRALS)
        self.moments = world.calendar.moments(count, self._chance)
        self._priorities = labels(PRIORITIES, count, self._chance)
        self._sources = labels(_SOURCES, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """From the first ring to what was arranged."""
        world, chance, priority = self._world, self._chance, self._priorities[number]
        source = self._sources[number]
        anonymous = source == "self" and chance.random() < 0.04
        story = world.scribe.story(None if anonymous else world.people.anybody(chance))
        setting = _SETTINGS.get(priority, "urgent")
        referral = self._received(story, at, source, priority, setting)
        accepted = in_minutes(at, chance.lognormvariate(1.8, 0.7))
        if story.who is not None and chance.random() < 0.9:
            self._accepted(story, referral, accepted, priority, setting)
        triaged = in_minutes(accepted, chance.lognormvariate(2.8, 0.6))
        self._triaged(story, triaged, priority, setting)
        if story.who is not None:
            self._helped_on.tell(story, triaged, _DUE_H.get(priority))

    def _received(self, story: Story, at: int, source: str, priority: str, setting: str) -> str:
        event_type = _TYPES.get(source, "crisis.referral.received")
        if source == "self":
            person = self._by_self(anonymous=story.who is None)
        elif source == "carer_or_relative":
            person = self._by_carer()
        else:
            person = self._by_others(at, source, priority)
        # What a caller says of injury and means is asked of everybody, and not always answered.
        person |= {
            "means_present": self._chance.choice(("no", "no", "not_asked", "unknown", "yes")),
            "injury_or_ingestion": self._chance.choice(("no", "no", "no", "not_asked", "yes")),
            "what_helps_now": words.now_and_then(self._chance, 0.4, words.HELPS),
            "threshold_confirmed": self._chance.choice(("none",) * 8 + ("serious_harm", "life_risk")),
            "received_at": clock(at, self._chance),
            "language_interpreter": None if story.who is None else story.who.language,
        }
        return self._world.scribe.tell(story, story.crisis, event_type, at, person, setting=setting, **_NEED)

    def _by_self(self, *, anonymous: bool) -> dict[str, Any]:
        chance = self._chance
        adjusted = chance.random() < 0.08
        return {
            "channel": chance.choice(("phone", "nhs_111", "nhs_111", "nhs_111", "text", "web", "walk_in")),
            "own_words": words.now_and_then(chance, 0.7, words.OWN_WORDS),
            "wants": words.now_and_then(chance, 0.5, words.WANTS),
            "safe_to_call_back": chance.choice(("yes",) * 6 + ("no", "unknown", "not_asked")),
            "anonymous": anonymous,
            "adjustments": "Text before ringing. No strip lights." if adjusted else None,
            "communication_need": words.now_and_then(chance, 0.05, words.COMMUNICATION),
        }

    def _by_carer(self) -> dict[str, Any]:
        chance = self._chance
        return {
            "channel": chance.choice(("phone", "nhs_111", "nhs_111")),
            "source": "carer_or_relative",
            "caller_relation": chance.choice(
                ("partner", "parent", "child", "sibling", "friend", "not_asked")
            ),
            "caller_contact": words.now_and_then(chance, 0.7, ("01632 960302, after six",)),
            "caller_words": words.now_and_then(chance, 0.8, words.CARER_WORDS),
            "caller_wants_anonymity": chance.choice(("no", "no", "no", "yes", "not_asked")),
            "person_knows_of_call": chance.choice(("yes", "no", "unknown", "not_asked")),
            "carer_own_need": chance.choice(("no", "yes", "not_asked")),
        }

    def _by_others(self, at: int, source: str, priority: str) -> dict[str, Any]:
        return {
            "source": source,
            "referrer_contact": {"role": "duty doctor", "number": "01632 960301"},
            "priority": priority,
            "referral_reason": words.now_and_then(self._chance, 0.8, ("Has not slept and asks for help.",)),
            "team_type": "crisis_resolution_home_treatment",
            "next_action_owner": "crisis",
            "next_contact_at": instant(in_hours(at, 1)),
        }

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


class LineContacts:
    """The stream of helpline calls in which nobody gave a name: counted, and nothing more."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("line contacts")
        count = world.count(LINE_CONTACTS)
        self.moments = world.calendar.moments(count, self._chance)
        self._outcomes = labels(_CALLS, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """One call. T13 aims at 20 s; in September 2025 it took 230 s to be answered on average."""
        chance, scribe = self._chance, self._world.scribe
        story = scribe.story(None, chance.choices(("northmoor", "southmoor"), (54, 46))[0])
        outcome = self._outcomes[number]
        waited = int(chance.expovariate(1 / 230))
        person = {
            "channel": chance.choice(("nhs_111", "nhs_111", "nhs_111", "phone", "text")),
            "call_offered_at": instant(at),
            "answered_at": None if outcome == "caller_disconnected" else instant(at + waited),
            "contact_outcome": outcome,
        }
        scribe.tell(story, story.crisis, "crisis.line.contact", at, person, written_at=at + waited + 600)
