"""What an adverse case is told with: people to themselves, and the lines that most cases share."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from broker.simulate import words
from broker.simulate.calendar import instant
from broker.simulate.people import Somebody
from broker.simulate.scribe import Scribe, Story, in_minutes
from broker.simulate.world import World

POLICE: Final = "moor-police"
SUITE: Final = "moor-pos"
AMBULANCE: Final = "moor-ambulance"
PERSON: Final = "moor-person"
LIVE: Final[dict[str, Any]] = {"setting": "emergency_live"}
WISH: Final[dict[str, Any]] = {"setting": "planned", "purpose": "P12", "capacity": "has"}


@dataclass
class Stage:
    """One for all cases of a made-up area."""

    world: World
    chance: Random
    refused: list[dict[str, str]] = field(default_factory=list)
    _used: int = 0

    @property
    def scribe(self) -> Scribe:
        """Writes the lines."""
        return self.world.scribe

    def somebody(self, **changes: Any) -> Somebody:
        """Somebody of whom nothing else is told; by default grown up."""
        number = self.world.people.count + self._used
        self._used += 1
        who = replace(self.world.people.person(number), **changes)
        return who if "born" in changes else replace(who, born=who.born.replace(year=1970 + number % 30))

    def story(self, area: str = "northmoor", **changes: Any) -> Story:
        """A story of such a person."""
        return self.scribe.story(self.somebody(**changes), area)

    def detained(self, story: Story, at: int, place_type: str = "public_place", **more: Any) -> str:
        """Police detain them."""
        person = {
            "detained_at": instant(at),
            "threshold": "life_risk",
            "found_at": {"place_type": place_type, "description": self.chance.choice(words.PLACES)},
            "consulted": "nurse",
            "why_not_consulted": "not_applicable",
            "presenting_safety_facts": self.chance.choice(words.SAFETY_FACTS),
            "ethnicity_officer_perceived": None if story.who is None else story.who.ethnicity,
        }
        return self.scribe.tell(story, POLICE, "police.s136.detained", at, person, **{**LIVE, **more})

    def conveyed(self, story: Story, at: int, destination: str) -> str:
        """Police have brought them somewhere."""
        person = {"mode": "ambulance", "arrived_at": instant(at), "destination": destination}
        return self.scribe.tell(story, POLICE, "police.s136.conveyance", at, person, **LIVE)

    def arrived(self, story: Story, at: int, transfer_of: str | None = None, **more: Any) -> str:
        """They are at the health-based place of safety."""
        person = {
            "pos_type": "health_based",
            "arrived_at": instant(at),
            "transfer_of": transfer_of,
            "presenting_safety_facts": self.chance.choice(words.SAFETY_FACTS),
            "call_now": words.calls(SUITE, story.area),
            "police_link": story.police_link,
        }
        return self.scribe.tell(story, SUITE, "pos.s136.arrived", at, person, **{**LIVE, **more})

    def ended(self, story: Story, at: int, reason: str) -> str:
        """Custody is over."""
        person = {"ended_at": instant(at), "end_reason": reason, "call_now": words.calls(SUITE, story.area)}
        return self.scribe.tell(story, SUITE, "pos.s136.ended", at, person)

    def closed(self, story: Story, at: int) -> str:
        """Police close their incident."""
        incident = Story(None, story.area, story.episode, story.incident)
        person = {"closed_at": instant(at), "outcome": "handed_over"}
        return self.scribe.tell(incident, POLICE, "police.incident.closed", at, person)

    def triaged(self, story: Story, at: int, **more: Any) -> str:
        """The crisis team has triaged them in an emergency."""
        person = {
            "priority": "emergency",
            "threshold_confirmed": more.pop("threshold_confirmed", "none"),
            "plan_now": self.chance.choice(words.PLANS),
            "safety_needs": self.chance.choice(words.NEEDS),
            "call_now": words.calls(story.crisis, story.area),
            "police_link": more.pop("police_link", None),
        }
        return self.scribe.tell(
            story, story.crisis, "crisis.triage.completed", at, person, **{**LIVE, **more}
        )

    def attended(self, story: Story, at: int) -> str:
        """An ambulance crew has been with them."""
        person = {
            "mh_clinician_on_vehicle": "yes",
            "disposition": "home_followup",
            "left_scene_at": instant(at),
            "care_summary": "Warmed, calm.",
            "call_now": words.calls(AMBULANCE, story.area),
        }
        return self.scribe.tell(story, AMBULANCE, "amb.mh_response.outcome", at, person, **LIVE)

    def objects(self, story: Story, at: int, recipients: list[str], purposes: list[str]) -> str:
        """The person says no."""
        return self.scribe.tell(
            story, PERSON, "person.objection.raised", at, scope(recipients, purposes), **WISH
        )

    def permits(self, story: Story, at: int, recipients: list[str], purposes: list[str]) -> str:
        """The person says yes."""
        return self.scribe.tell(
            story, PERSON, "person.permission.given", at, scope(recipients, purposes), **WISH
        )

    def marked(self, story: Story, at: int, marker: str) -> str:
        """A marker is set at the person's wish."""
        person = {"marker": marker, "reason_code": "person_asked"}
        return self.scribe.tell(story, PERSON, "person.restriction.set", at, person, **WISH)

    def refuses(self, event_id: str, code: str, written_at: int) -> None:
        """Note that the exchange must reject this one, if it is told before the last day is over."""
        if written_at < self.world.calendar.ends:
            self.refused.append({"event_id": event_id, "code": code})

    def soon(self, at: int) -> int:
        """A few minutes later."""
        return in_minutes(at, self.chance.randint(15, 40))


def scope(recipients: list[str], purposes: list[str]) -> dict[str, Any]:
    """The scope of a wish."""
    return {
        "scope_purposes": purposes,
        "scope_recipients": recipients,
        "scope_classes": ["ID", "CT", "LP", "OP", "SF", "LG", "CL", "AU", "ST"],
        "how": "verbal",
        "capacity_ok": "yes",
    }
