"""Calls to police about somebody's mental health: who rang, what police decided, who took it on (RCRP)."""

from typing import Any

from broker.simulate import words
from broker.simulate.calendar import instant
from broker.simulate.figures import ADVICE_SOUGHT, DEPLOYED, ESCALATED, PARTNER_CALLS, POLICE_CALLS
from broker.simulate.quota import labels
from broker.simulate.scribe import Story, in_hours, in_minutes
from broker.simulate.world import World

POLICE = "moor-police"
_CHECKED = 0.2


class PoliceCalls:
    """The stream of calls."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("police calls")
        count = world.count(POLICE_CALLS)
        self.moments = world.calendar.moments(count, self._chance)
        deploy = DEPLOYED[world.scenario.police_calls]
        advice = min(ADVICE_SOUGHT, 1 - deploy - ESCALATED)
        shares = {
            "deploy": deploy,
            "advice": advice,
            "escalated": ESCALATED,
            "not_deploy": 1 - deploy - advice - ESCALATED,
        }
        self._decisions = labels(shares, count, self._chance)
        self._sources = labels({"partner": PARTNER_CALLS, "public": 1 - PARTNER_CALLS}, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """From the call to its end."""
        world, chance = self._world, self._chance
        story = world.scribe.story(world.people.anybody(chance))
        decision, source = self._decisions[number], self._sources[number]
        goes_on = decision in {"not_deploy", "advice"}
        taker = chance.choice(("crisis", "crisis", "ambulance")) if goes_on else None
        call = self._triaged(story, at, decision, source, taker)
        if taker == "crisis" and chance.random() < 0.93:
            self._taken_on(story, call, in_minutes(at, chance.lognormvariate(2.2, 0.5)))
        if taker == "ambulance":
            self._ambulance(story, in_minutes(at, chance.lognormvariate(4.2, 0.5)))
        self._closed(story, decision, in_hours(at, chance.lognormvariate(0.2, 0.9)))

    def _triaged(self, story: Story, at: int, decision: str, source: str, taker: str | None) -> str:
        assert story.who is not None
        chance, deployed = self._chance, decision in {"deploy", "escalated"}
        danger = ("life_risk", "serious_harm", "crime") if deployed else ("none",)
        person: dict[str, Any] = {
            "call_source": source,
            "rcrp_category": chance.choice(
                ("welfare", "welfare", "mh_crisis", "mh_crisis", "walkout", "awol", "medical")
            ),
            "threshold": chance.choice(danger),
            "immediacy": chance.choice(("present", "present", "future", "conditional", "unknown")),
            "decision": decision,
            "passed_to": {"agency_kind": taker, "passed_at": instant(in_minutes(at, 6))} if taker else None,
            "location": {
                "place_type": chance.choice(("private_dwelling", "public_place", "unknown")),
                "description": chance.choice(words.PLACES),
                "postcode": f"{story.who.town.postcode} {chance.randint(1, 9)}ZZ",
            },
            "presenting_safety_facts": words.now_and_then(chance, 0.7, words.SAFETY_FACTS),
            "caller_words": words.now_and_then(chance, 0.3, words.CARER_WORDS)
            if source == "public"
            else None,
            "injury_or_ingestion": chance.choice(("no", "not_asked", "unknown", "yes")),
            "means_present": chance.choice(("no", "not_asked", "unknown", "yes")),
            "language_interpreter": story.who.language,
        }
        if person["rcrp_category"] == "welfare" and source == "public" and chance.random() < _CHECKED:
            self._checked(story, in_minutes(at, 10), decision)
        setting = "emergency_live" if deployed else "urgent"
        return self._world.scribe.tell(
            story, POLICE, "police.mh_call.triaged", at, person, setting=setting, need="crisis_response"
        )

    def _checked(self, story: Story, at: int, decision: str) -> None:
        """A welfare check of its own: somebody has not been seen or heard of."""
        chance = self._chance
        person = {
            "reason": chance.choice(("not_seen_or_heard_from", "message_that_worries", "asked_by_a_service")),
            "last_seen_at": instant(in_hours(at, -chance.uniform(3, 60))),
            "threshold": "life_risk" if decision == "deploy" else "none",
            "decision": decision,
            "concern_text": words.now_and_then(chance, 0.5, words.CARER_WORDS),
            "who_asked": words.now_and_then(chance, 0.5, ("A neighbour", "A sister", "A landlord")),
        }
        asked = {"regime": "part3", "need": "crisis_response"}
        self._world.scribe.tell(story, POLICE, "police.welfare_concern.raised", at, person, **asked)
        if decision == "deploy":
            seen = in_hours(at, chance.uniform(0.3, 5))
            closed = {"concern_closed_at": instant(seen), "concern_outcome": "seen_safe"}
            self._world.scribe.tell(
                story, POLICE, "police.welfare_concern.closed", seen, closed, regime="part3"
            )

    def _taken_on(self, story: Story, call: str, at: int) -> None:
        person = {
            "referral": call,
            "accepted_at": instant(at),
            "accepted_by_role": "shift lead",
            "priority": self._chance.choice(("very_urgent", "urgent")),
            "next_contact_at": instant(in_minutes(at, 45)),
            "call_now": words.calls(story.crisis, story.area),
        }
        self._world.scribe.tell(story, story.crisis, "crisis.referral.accepted", at, person)

    def _ambulance(self, story: Story, at: int) -> None:
        chance = self._chance
        person = {
            "mh_clinician_on_vehicle": chance.choice(("yes", "no", "no")),
            "disposition": chance.choice(
                ("home_followup", "home_followup", "conveyed_ed", "safe_space", "declined_capacity_yes")
            ),
            "left_scene_at": instant(at),
            "injury_or_ingestion": chance.choice(("no", "no", "yes")),
            "care_summary": words.now_and_then(chance, 0.5, ("Warmed, calm, came of their own will.",)),
            "what_helps_now": words.now_and_then(chance, 0.4, words.HELPS),
            "call_now": words.calls("moor-ambulance", story.area),
        }
        self._world.scribe.tell(
            story, "moor-ambulance", "amb.mh_response.outcome", at, person, setting="emergency_live"
        )

    def _closed(self, story: Story, decision: str, at: int) -> None:
        outcome = self._chance.choice(("seen_safe", "handed_over", "not_found"))
        person = {
            "closed_at": instant(at),
            "outcome": "not_deployed" if decision == "not_deploy" else outcome,
        }
        incident = Story(None, story.area, story.episode, story.incident)
        self._world.scribe.tell(incident, POLICE, "police.incident.closed", at, person)
