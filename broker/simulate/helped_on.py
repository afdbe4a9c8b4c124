"""What a crisis team arranges once it has seen somebody: home treatment, another place, a voluntary body."""

from typing import Any, Final

from broker.simulate import words
from broker.simulate.calendar import day_of, instant
from broker.simulate.scribe import Story, clock, in_hours
from broker.simulate.world import World

VOLUNTARY: Final = "harbour-vcs"
_ASSESSED_IN_TIME: Final = 0.7
_OUTCOMES: Final = {
    "home_treatment": 0.24,
    "voluntary_sector": 0.16,
    "crisis_alternative": 0.12,
    "cmht": 0.20,
    "gp": 0.18,
    "none": 0.10,
}
_TO_COORDINATOR: Final[dict[str, Any]] = {
    "scope_purposes": ["P9"],
    "scope_recipients": ["harbour-vcs/coordinator"],
    "scope_classes": ["ID", "CT", "OP", "SF", "AU", "ST"],
    "how": "verbal",
    "capacity_ok": "yes",
}
_WISH: Final[dict[str, Any]] = {"setting": "planned", "purpose": "P12", "capacity": "has"}
_SUPPORT: Final[dict[str, Any]] = {"setting": "planned", "purpose": "P9"}


class HelpedOn:
    """Tells what follows triage. No share of it is published: all of it is by design."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("helped on")

    def tell(self, story: Story, triaged: int, due_h: float | None) -> None:
        """The assessment, face to face, and what was arranged there.

        Args:
            due_h: hours within which somebody should be seen (T1, T2); None: nobody said how soon.
        """
        chance = self._chance
        if chance.random() < 0.35:
            return  # advice was enough
        in_time = chance.random() < _ASSESSED_IN_TIME
        hours = (due_h or 24.0) * (chance.uniform(0.1, 0.95) if in_time else chance.uniform(1.05, 3.0))
        at = in_hours(triaged, hours)
        outcome = chance.choices(list(_OUTCOMES), list(_OUTCOMES.values()))[0]
        self._assessed(story, at, outcome)
        arranged = {
            "home_treatment": self._home_treatment,
            "crisis_alternative": self._alternative,
            "voluntary_sector": self._voluntary,
        }.get(outcome)
        if arranged is not None:
            arranged(story, in_hours(at, chance.uniform(0.5, 3)))

    def _assessed(self, story: Story, at: int, outcome: str) -> None:
        chance = self._chance
        person = {
            "first_attended_contact_at": clock(at, chance),
            "attendance": chance.choice(("on_time", "on_time", "late_but_seen")),
            "place_type": chance.choice(("own_home", "own_home", "clinic", "emergency_department")),
            "seen": "yes",
            "face_to_face_outcome": outcome,
            "care_summary": words.now_and_then(chance, 0.6, ("Slept little, eats, is not alone.",)),
            "safety_needs": words.now_and_then(chance, 0.4, words.NEEDS),
            "what_helps_now": words.now_and_then(chance, 0.5, words.HELPS),
            "wants": words.now_and_then(chance, 0.4, words.WANTS),
            "next_contact_at": instant(in_hours(at, 20)),
            "threshold_confirmed": chance.choice(("none",) * 12 + ("serious_harm",)),
            "call_now": words.calls(story.crisis, story.area),
        }
        self._world.scribe.tell(story, story.crisis, "crisis.assessment.face_to_face", at, person)

    def _home_treatment(self, story: Story, at: int) -> None:
        chance, scribe = self._chance, self._world.scribe
        offered: dict[str, Any] = {
            "offered_at": instant(at),
            "call_now": words.calls(story.crisis, story.area),
        }
        if chance.random() < 0.15:
            offered |= {"offer_response": "declined", "declined_by": chance.choice(("person", "service"))}
            scribe.tell(story, story.crisis, "crisis.home_treatment.offered", at, offered)
            return
        offered |= {"offer_response": "accepted", "declined_by": "not_applicable"}
        scribe.tell(story, story.crisis, "crisis.home_treatment.offered", at, offered)
        begun = in_hours(at, chance.uniform(1, 10))
        person = {
            "start_at": instant(begun),
            "visit_pattern": chance.choice(("several_a_day", "daily", "every_few_days", "by_phone")),
            "plan_now": chance.choice(words.PLANS),
            "what_helps_now": words.now_and_then(chance, 0.6, words.HELPS),
            "if_police_come": words.now_and_then(chance, 0.1, ("Please come without a siren.",)),
            "call_now": words.calls(story.crisis, story.area),
        }
        scribe.tell(story, story.crisis, "crisis.home_treatment.started", begun, person)
        self._ended(story, in_hours(begun, chance.uniform(5, 30) * 24))

    def _ended(self, story: Story, at: int) -> None:
        person = {
            "end_at": instant(at),
            "onward": self._chance.choice(("cmht", "cmht", "gp_only", "voluntary_sector", "admission")),
            "reentry_route": "Ring the crisis line at any hour; no referral is needed.",
            "call_now": words.calls(story.crisis, story.area),
        }
        self._world.scribe.tell(story, story.crisis, "crisis.home_treatment.ended", at, person)

    def _alternative(self, story: Story, at: int) -> None:
        """A place that is not a ward; now and then it is full (S62)."""
        chance, scribe = self._chance, self._world.scribe
        service = chance.choice(("crisis_cafe", "crisis_house", "acute_day_service", "walk_in_crisis_unit"))
        state = chance.choice(("offered", "offered", "offered", "full", "declined"))
        refused = {"full": "service", "declined": "person"}.get(state, "not_applicable")
        calls = words.calls(story.crisis, story.area)
        person = {
            "alternative_service": service,
            "alternative_state": state,
            "offered_at": instant(at),
            "declined_by": refused,
            "service_decline_reason": "full" if state == "full" else "not_applicable",
            "call_now": calls,
        }
        scribe.tell(story, story.crisis, "crisis.alternative.offered", at, person)
        if state == "offered" and chance.random() < 0.8:
            there = in_hours(at, chance.uniform(1, 12))
            attended: dict[str, Any] = {"alternative_service": service, "alternative_state": "attended"}
            attended |= {"attended_at": instant(there), "call_now": calls}
            scribe.tell(story, story.crisis, "crisis.alternative.attended", there, attended)

    def _voluntary(self, story: Story, at: int) -> None:
        """A referral to a voluntary body, which takes it on a day or two later.

        Without the person's yes it does not reach the body, and in Southmoor nothing was signed with it.
        """
        assert story.who is not None
        chance, scribe = self._chance, self._world.scribe
        agreed = chance.random() < 0.85
        if agreed:
            scribe.tell(story, story.crisis, "person.permission.given", at - 1_800, _TO_COORDINATOR, **_WISH)
        kind = chance.choice(("supplement", "step_down", "open_access"))
        sent = {
            "kind": kind,
            "preferred_contact": "Text, then ring after nine",
            "agreed_goals": words.now_and_then(chance, 0.7, words.GOALS),
            "what_helps_now": words.now_and_then(chance, 0.5, words.HELPS),
            "call_now": words.calls(story.crisis, story.area),
        }
        referral = scribe.tell(story, story.crisis, "vcs.referral.sent", at, sent, **_SUPPORT)
        if agreed and story.area == "northmoor" and story.who.age_band(day_of(at)) == "adult":
            self._answered(story, referral, kind, in_hours(at, chance.uniform(4, 48)))

    def _answered(self, story: Story, referral: str, kind: str, at: int) -> None:
        chance, scribe = self._chance, self._world.scribe
        if chance.random() < 0.1:
            person: dict[str, Any] = {"referral": referral, "kind": kind, "declined_at": instant(at)}
            person |= {"decline_reason": chance.choice(("full", "out_of_area")), "told_person": "yes"}
            scribe.tell(story, VOLUNTARY, "vcs.referral.declined", at, person, **_SUPPORT)
            return
        accepted = {"referral": referral, "kind": kind, "accepted_at": instant(at)}
        scribe.tell(story, VOLUNTARY, "vcs.referral.accepted", at, accepted, **_SUPPORT)
        begun = in_hours(at, chance.uniform(24, 240))
        last = chance.choice(("completed", "paused", "ended_by_person"))
        for state, since in (("started", begun), (last, in_hours(begun, 400))):
            status = {"engagement_status": state, "status_since_at": instant(since), "kind": kind}
            scribe.tell(story, VOLUNTARY, "vcs.engagement.status", since, status, **_SUPPORT)
