"""People missing from where they should be safe: absent without leave, or gone before they were seen."""

from typing import Any, Final

from broker.simulate import words
from broker.simulate.after_custody import TEAM, TRUST_CODE
from broker.simulate.calendar import instant
from broker.simulate.figures import AWOL, DEPARTMENT_ARRIVALS, WALKOUTS
from broker.simulate.quota import labels
from broker.simulate.scribe import Story, clock, in_hours, in_minutes
from broker.simulate.world import World

POLICE: Final = "moor-police"
DEPARTMENT: Final = "moor-ed"
_LOOKED_FOR: Final[dict[str, Any]] = {"purpose": "P7"}
_LIVE: Final[dict[str, Any]] = {"setting": "emergency_live"}


class Missing:
    """The stream of those absent without leave from a ward, liable to be brought back (4.6)."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("missing")
        count = world.count(AWOL)
        self.moments = world.calendar.moments(count, self._chance)
        self._ends = labels({"returned": 0.6, "found": 0.3, "by themselves": 0.1}, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """From the ward's report to their return."""
        story = self._world.scribe.story(self._world.people.anybody(self._chance))
        self._reported(story, at)
        end = self._ends[number]
        if end == "by themselves":
            return
        looked_for(self._world, story, in_minutes(at, self._chance.randint(20, 90)), "service")
        back = in_hours(at, self._chance.lognormvariate(2.2, 0.9))
        if end == "found":
            found(self._world, story, back)
        else:
            self._returned(story, back)

    def _reported(self, story: Story, at: int) -> None:
        chance = self._chance
        person = {
            "liable_to_detention": "yes",
            "return_power": "s18",
            "return_to": TRUST_CODE,
            "last_seen_at": instant(in_minutes(at, -chance.randint(20, 120))),
            "likely_places": words.now_and_then(chance, 0.5, ("A sister's flat, or the allotments.",)),
            "physical_health_needs": words.now_and_then(chance, 0.3, ("Takes insulin twice a day.",)),
            "what_helps_now": chance.choice(words.HELPS),
            "threshold_confirmed": chance.choice(("none", "none", "serious_harm", "life_risk")),
            "call_now": words.calls(TEAM, story.area),
        }
        self._world.scribe.tell(story, TEAM, "health.awol.reported", at, person, **_LIVE, **_LOOKED_FOR)

    def _returned(self, story: Story, at: int) -> None:
        person = {
            "liable_to_detention": "yes",
            "return_power": "s18",
            "return_to": TRUST_CODE,
            "returned_at": instant(at),
            "injury_or_ingestion": self._chance.choice(("no", "no", "no", "yes")),
            "restraint_used": self._chance.choice(("none", "none", "none", "hands")),
        }
        more = {"regime": "part3", **_LOOKED_FOR}
        self._world.scribe.tell(story, POLICE, "police.awol.returned", at, person, **more)


class Department:
    """The stream of people who come to an emergency department in a crisis; some go before they are seen."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("department")
        count = world.count(DEPARTMENT_ARRIVALS)
        self.moments = world.calendar.moments(count, self._chance)
        leaves = WALKOUTS / DEPARTMENT_ARRIVALS
        self._ends = labels({"left": leaves, "assessed": 1 - leaves}, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """From the door to what the liaison team found, or to the empty chair."""
        story, chance = self._world.scribe.story(self._world.people.anybody(self._chance)), self._chance
        self._arrived(story, at)
        referred = in_minutes(at, chance.lognormvariate(3.6, 0.6))
        self._referred(story, referred)
        if self._ends[number] == "left":
            self._left(story, in_minutes(referred, chance.lognormvariate(4.0, 0.6)))
        else:
            self._assessed(story, in_minutes(referred, chance.lognormvariate(3.9, 0.7)))

    def _arrived(self, story: Story, at: int) -> None:
        chance = self._chance
        person = {
            "arrived_at": clock(at, chance),
            "arrived_by": chance.choice(("own_way", "own_way", "ambulance", "with_family_or_friend")),
            "presenting_safety_facts": words.now_and_then(chance, 0.7, words.SAFETY_FACTS),
            "injury_or_ingestion": chance.choice(("no", "yes", "unknown", "not_asked")),
            "next_action_owner": "liaison",
            "call_now": words.calls(DEPARTMENT, story.area),
        }
        need = {"need": "place_to_be_seen", **_LIVE}
        self._world.scribe.tell(story, DEPARTMENT, "ed.mh.arrived", at, person, **need)

    def _referred(self, story: Story, at: int) -> None:
        chance = self._chance
        person = {
            "referred_at": clock(at, chance),
            "priority": chance.choice(("emergency", "very_urgent", "urgent", "unknown")),
            "referral_summary": words.now_and_then(chance, 0.6, ("Fit to be seen; wants to talk.",)),
            "what_helps_now": words.now_and_then(chance, 0.4, words.HELPS),
            "call_now": words.calls(DEPARTMENT, story.area),
        }
        self._world.scribe.tell(story, DEPARTMENT, "ed.liaison.referred", at, person)

    def _assessed(self, story: Story, at: int) -> None:
        """T4 aims at an hour after the referral."""
        chance = self._chance
        person = {
            "assessed_at": clock(at, chance),
            "liaison_outcome": chance.choice(("home_treatment", "cmht", "gp", "gp", "vcse", "none")),
            "plan_now": words.now_and_then(chance, 0.6, words.PLANS),
            "next_contact_at": instant(in_hours(at, 24)),
            "call_now": words.calls(DEPARTMENT, story.area),
        }
        self._world.scribe.tell(story, DEPARTMENT, "ed.liaison.assessed", at, person)

    def _left(self, story: Story, at: int) -> None:
        """Not liable to detention: health leads, and police at the threshold only (4.6)."""
        chance = self._chance
        danger = chance.choice(("none", "none", "none", "life_risk"))
        person = {
            "last_seen_at": instant(in_minutes(at, -20)),
            "capacity_view": chance.choice(("has", "lacks", "not_assessed", "unknown")),
            "concern": words.now_and_then(chance, 0.7, ("Was tearful and said goodbye to the nurse.",)),
            "reasonable_enquiries_done": chance.sample(("searched_site", "rang_person", "rang_contact"), 2),
            "next_action_owner": chance.choice(("ed", "crisis", "liaison")),
            "threshold_confirmed": danger,
            "call_now": words.calls(DEPARTMENT, story.area),
        }
        need = {"need": "crisis_response", **_LIVE}
        self._world.scribe.tell(story, DEPARTMENT, "ed.left_before_assessment", at, person, **need)
        if danger != "none":
            looked_for(self._world, story, in_minutes(at, 30), "service")
            found(self._world, story, in_hours(at, chance.lognormvariate(1.6, 0.8)))


def looked_for(world: World, story: Story, at: int, by: str) -> None:
    """Police look for somebody."""
    person = {
        "last_seen_at": instant(in_minutes(at, -60)),
        "reported_by_kind": by,
        "presenting_safety_facts": "May not be safe alone.",
    }
    world.scribe.tell(story, POLICE, "police.missing.reported", at, person, regime="part3", **_LOOKED_FOR)


def found(world: World, story: Story, at: int) -> None:
    """Police have found them."""
    person = {
        "located_at": instant(at),
        "found_condition": "Well and tired.",
        "destination": "private_home",
        "prevention_interview_done": "withheld_by_person",
    }
    world.scribe.tell(story, POLICE, "police.missing.found", at, person, regime="part3", **_LOOKED_FOR)
