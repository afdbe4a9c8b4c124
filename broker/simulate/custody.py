"""Detentions under section 136, each told twice: as police saw it, and as health did (6.3 item 4)."""

from dataclasses import dataclass
from random import Random
from typing import Any

from broker.simulate import words
from broker.simulate.after_custody import AfterCustody
from broker.simulate.calendar import instant
from broker.simulate.figures import (
    AGE_UNKNOWN,
    CONVEYANCE,
    ENDS,
    ETHNICITY_UNKNOWN,
    FIRST_PLACE,
    HEALTH_SEES,
    INTOXICATED,
    WHY_POLICE_VEHICLE,
)
from broker.simulate.quota import by_place, labels, yes
from broker.simulate.repeats import Detained, who_is_detained
from broker.simulate.scribe import Story, clock, in_hours, in_minutes
from broker.simulate.world import World

POLICE = "moor-police"
SUITE = "moor-pos"
DEPARTMENT = "moor-ed"
SUITE_CODE = "ZZ903"
DEPARTMENT_CODE = "ZZ904"


@dataclass(frozen=True, slots=True)
class _Detention:
    """What is settled of one detention before it is told."""

    place: str
    mode: str
    why_vehicle: str
    seen: bool
    """health publishes its own version of it"""
    end: str
    intoxicated: str
    ethnicity_known: bool
    age_known: bool


class Custody:
    """The stream of detentions."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("custody")
        self.detained: Detained = who_is_detained(world, world.chance("detained"))
        count = len(self.detained.now)
        self.moments = world.calendar.moments(count, self._chance)
        self._settled = _settle(world, self.detained.now, self._chance)
        self._after = AfterCustody(world)

    def tell(self, number: int, at: int) -> None:
        """From the street to what follows the detention."""
        who = self._world.people.person(self.detained.now[number])
        detention, scribe, chance = self._settled[number], self._world.scribe, self._chance
        story = scribe.story(who)
        self._detained(story, detention, at)
        arrived = in_minutes(at, chance.lognormvariate(3.8, 0.45))
        self._conveyed(story, detention, at, arrived)
        released = in_hours(arrived, chance.lognormvariate(0, 0.8) * who.town.officer_stay_h * 0.73)
        ended = max(in_hours(arrived, min(chance.lognormvariate(2.3, 0.5), 34)), released)
        if detention.place == "emergency_department":
            self._in_department(story, arrived)
        elif detention.seen:
            self._in_suite(story, detention, arrived)
        if detention.seen:
            self._handed_over(story, detention, arrived, released)
            self._after.tell(story, self._keeper(detention), detention.end, arrived, ended)
        closed = {"closed_at": instant(released), "outcome": "handed_over"}
        scribe.tell(
            Story(None, story.area, story.episode, story.incident),
            POLICE,
            "police.incident.closed",
            released,
            closed,
        )

    def _keeper(self, detention: _Detention) -> str:
        return DEPARTMENT if detention.place == "emergency_department" else SUITE

    def _detained(self, story: Story, detention: _Detention, at: int) -> None:
        assert story.who is not None
        chance, who = self._chance, story.who
        asked = chance.random() < 0.8
        person: dict[str, Any] = {
            "detained_at": clock(at, chance),
            "threshold": chance.choice(("life_risk", "life_risk", "serious_harm", "none")),
            "found_at": {
                "place_type": chance.choice(("public_place",) * 8 + ("shared_area", "unknown")),
                "description": chance.choice(words.PLACES),
                "postcode": f"{who.town.postcode} {chance.randint(1, 9)}ZZ",
            },
            "alternatives_tried": chance.sample(
                ("advice", "crisis_line", "street_triage"), chance.randint(0, 2)
            ),
            "consulted": chance.choice(("nurse", "doctor", "amhp", "prescribed")) if asked else "none",
            "why_not_consulted": "not_applicable"
            if asked
            else chance.choice(("immediate_danger", "nobody_reached")),
            "presenting_safety_facts": words.now_and_then(chance, 0.8, words.SAFETY_FACTS),
            "injury_or_ingestion": chance.choice(("no", "no", "no", "yes", "unknown")),
            "intoxicated": detention.intoxicated,
            "search_done": chance.choice(("yes", "yes", "no")),
            "restraint_used": chance.choice(("none",) * 5 + ("hands", "handcuffs")),
            "dependants_at_home": chance.choice((None, None, False, True)),
            "language_interpreter": who.language,
            "ethnicity_officer_perceived": who.ethnicity if detention.ethnicity_known else "not_known",
        }
        subject = who.subject(POLICE, by_number=False)
        more: dict[str, Any] = {"setting": "emergency_live", "need": "place_to_be_seen"}
        if not detention.age_known:
            subject.pop("date_of_birth")
            more["age_band"] = "unknown"
        more["shareable_summary"] = chance.choice(words.SUMMARIES)
        self._world.scribe.tell(story, POLICE, "police.s136.detained", at, person, subject=subject, **more)

    def _conveyed(self, story: Story, detention: _Detention, at: int, arrived: int) -> None:
        chance = self._chance
        called = detention.why_vehicle != "ambulance_not_requested"
        person = {
            "requested_ambulance_at": clock(in_minutes(at, chance.randint(1, 8)), chance) if called else None,
            "mode": detention.mode,
            "reason_police_vehicle": detention.why_vehicle,
            "left_scene_at": clock(in_minutes(at, (arrived - at) / 120), chance),
            "arrived_at": clock(arrived, chance),
            "destination": detention.place,
            "police_station_conditions": self._conditions(detention.place),
            "pos_org": {"health_based": SUITE_CODE, "emergency_department": DEPARTMENT_CODE}.get(
                detention.place
            ),
        }
        self._world.scribe.tell(
            story,
            POLICE,
            "police.s136.conveyance",
            arrived,
            person,
            setting="emergency_live",
            need="place_to_be_seen",
        )

    def _conditions(self, place: str) -> str:
        """Why a police station: not always written down (R19)."""
        if place != "police_station":
            return "not_applicable"
        return self._chance.choice(("regulations_met", "regulations_met", "unknown"))

    def _in_department(self, story: Story, arrived: int) -> None:
        chance = self._chance
        person = {
            "arrived_at": clock(arrived, chance),
            "arrived_by": chance.choice(("ambulance", "police_vehicle")),
            "presenting_safety_facts": chance.choice(words.SAFETY_FACTS),
            "injury_or_ingestion": chance.choice(("no", "no", "yes", "unknown")),
            "next_action_owner": chance.choice(("liaison", "ed", "amhp")),
            "what_helps_now": words.now_and_then(chance, 0.5, words.HELPS),
            "threshold_confirmed": chance.choice(("life_risk", "serious_harm", "none")),
            "call_now": words.calls(DEPARTMENT, story.area),
            "police_link": story.police_link,
        }
        self._world.scribe.tell(
            story,
            DEPARTMENT,
            "ed.mh.arrived",
            arrived,
            person,
            setting="emergency_live",
            need="place_to_be_seen",
        )

    def _in_suite(self, story: Story, detention: _Detention, arrived: int) -> None:
        chance = self._chance
        person = {
            "pos_type": "health_based",
            "pos_org": SUITE_CODE,
            "arrived_at": clock(arrived, chance),
            "presenting_safety_facts": chance.choice(words.SAFETY_FACTS),
            "injury_or_ingestion": chance.choice(("no", "no", "no", "yes", "unknown")),
            "intoxicated": detention.intoxicated,
            "what_helps_now": words.now_and_then(chance, 0.6, words.HELPS),
            "communication_need": words.now_and_then(chance, 0.1, words.COMMUNICATION),
            "call_now": words.calls(SUITE, story.area),
            "police_link": story.police_link,
        }
        self._world.scribe.tell(story, SUITE, "pos.s136.arrived", arrived, person, setting="emergency_live")

    def _handed_over(self, story: Story, detention: _Detention, arrived: int, released: int) -> None:
        """Officers stay long where the place lets them: T7 aims at one hour, C20 knew 14 hours on average."""
        keeper, stay = self._keeper(detention), "leave" if released - arrived < 7_200 else "stay"
        person = {
            "requested_at": clock(in_minutes(arrived, 5), self._chance),
            "accepted_at": clock(released, self._chance),
            "accepted_by_role": "nurse in charge",
            "police_presence_needed": "no",
            "why_needed": "not_applicable",
            "released_at": instant(released),
            "call_now": words.calls(keeper, story.area),
        }
        scribe = self._world.scribe
        scribe.tell(story, keeper, "pos.s136.handover", released, person, setting="emergency_live")
        replied = {
            "reply": stay,
            "replied_at": instant(in_minutes(arrived, 20)),
            "released_at": instant(released),
        }
        scribe.tell(
            story, POLICE, "police.s136.handover_replied", released, replied, setting="emergency_live"
        )


def _settle(world: World, numbers: tuple[int, ...], chance: Random) -> list[_Detention]:
    """Every label of the whole period, held to its published share."""
    towns = [world.people.person(number).town for number in numbers]
    counts = [towns.count(town) for town in world.towns]
    lean_place = [{"emergency_department": town.emergency_department} for town in world.towns]
    by_police = CONVEYANCE["police_vehicle"]
    lean_mode = [
        {
            "police_vehicle": town.police_vehicle / by_police,
            "ambulance": (1 - town.police_vehicle) / (1 - by_police),
        }
        for town in world.towns
    ]
    places = dict(zip(world.towns, by_place(counts, FIRST_PLACE, lean_place, chance), strict=True))
    modes = dict(zip(world.towns, by_place(counts, CONVEYANCE, lean_mode, chance), strict=True))
    there, how = [places[town].pop() for town in towns], [modes[town].pop() for town in towns]
    count = len(numbers)
    whys = iter(labels(WHY_POLICE_VEHICLE, how.count("police_vehicle"), chance))
    seen = _seen(there, chance)
    others = zip(
        labels(ENDS, count, chance),
        labels(INTOXICATED, count, chance),
        yes(1 - ETHNICITY_UNKNOWN, count, chance),
        yes(1 - AGE_UNKNOWN, count, chance),
        strict=True,
    )
    return [
        _Detention(place, mode, next(whys) if mode == "police_vehicle" else "not_applicable", sees, *rest)
        for place, mode, sees, rest in zip(there, how, seen, others, strict=True)
    ]


def _seen(places: list[str], chance: Random) -> list[bool]:
    """Which of them health has a record of: all in its own suite, and of the others what C19 leaves."""
    own = places.count("health_based")
    left = round(len(places) * HEALTH_SEES) - own
    elsewhere = iter(yes(max(0.0, left / max(1, len(places) - own)), len(places) - own, chance))
    return [True if place == "health_based" else next(elsewhere) for place in places]
