"""Planned care and wishes: plans, coordinators, what people permit, take back, object to."""

from typing import Any, Final

from broker.simulate.after_custody import TEAM, TRUST_CODE
from broker.simulate.calendar import OFFICE_DAYS, OFFICE_HOURS, instant
from broker.simulate.figures import FROM_CARE, WISHES
from broker.simulate.quota import labels
from broker.simulate.scribe import Story, in_hours
from broker.simulate.world import World

_PLANNED: Final[dict[str, Any]] = {"setting": "planned", "purpose": "P2"}
_WISH: Final[dict[str, Any]] = {"setting": "planned", "purpose": "P12", "capacity": "has"}
_DAYS: Final = 24


class Care:
    """The stream of what a community team tells."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("care")
        count = world.count(FROM_CARE)
        self.moments = world.calendar.moments(count, self._chance, OFFICE_HOURS, OFFICE_DAYS)
        self._kinds = labels({"coordinator": 0.3, "plan": 0.3, "missed": 0.4}, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """One thing of one person."""
        story = self._world.scribe.story(self._world.people.anybody(self._chance))
        tell = {"plan": self._plan, "coordinator": self._coordinator, "missed": self._missed}
        tell[self._kinds[number]](story, at)

    def _missed(self, story: Story, at: int) -> None:
        chance = self._chance
        missed = ("did_not_attend", "did_not_attend", "cancelled_by_person", "cancelled_by_provider")
        person = {
            "attendance": chance.choice(missed),
            "followup_plan": "The team rings tomorrow morning and offers another time.",
            "safe_contact_note": "Ring before five. Leave no message." if chance.random() < 0.3 else None,
            "next_contact_at": instant(in_hours(at, 20)),
            "contact_24h": {"role": "duty_clinician", "number": "01632 960104"},
        }
        self._world.scribe.tell(story, TEAM, "cmht.appointment.missed", at, person, **_PLANNED)

    def _plan(self, story: Story, at: int) -> None:
        chance = self._chance
        person = {
            "custodian": TRUST_CODE,
            "version": str(chance.randint(1, 9)),
            "author_role_kind": chance.choice(("care_coordinator", "nurse", "psychiatrist", "the_person")),
            "coproduced_with_person": chance.choice(("yes", "yes", "yes", "no", "unknown")),
            "review_due": instant(in_hours(at, _DAYS * 180)),
            "retrieval_url": f"https://plans.example/{chance.randrange(10**6)}",
            "contact_24h": {"role": "duty_clinician", "number": "01632 960104"},
        }
        self._world.scribe.tell(story, TEAM, "cmht.crisis_plan.updated", at, person, **_PLANNED)

    def _coordinator(self, story: Story, at: int) -> None:
        chance = self._chance
        person = {
            "coordinator_name": chance.choice(("Frankie Example", "Harper Sample", "Eden Pattern")),
            "coordinator_role": chance.choice(("care_coordinator", "key_worker", "social_worker")),
            "coordinator_phone": "01632 960105",
            "cover_contact": {"role": "duty_clinician", "number": "01632 960104"},
            "start_at": instant(at),
        }
        self._world.scribe.tell(story, TEAM, "cmht.coordinator.allocated", at, person, **_PLANNED)


class Wishes:
    """The stream of what people permit, take back and object to, and of markers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("wishes")
        count = world.count(WISHES)
        self.moments = world.calendar.moments(count, self._chance)
        shares = {"permission": 0.78, "withdrawn": 0.08, "objection": 0.08, "marker": 0.06}
        self._kinds = labels(shares, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """One wish of one person, and now and then its end."""
        scribe, kind = self._world.scribe, self._kinds[number]
        story = scribe.story(self._world.people.anybody(self._chance))
        by = self._chance.choice(("moor-person", "moor-person", TEAM, "moor-gp"))
        if kind == "marker":
            marker = self._chance.choice(("location_withheld", "domestic_abuse", "staff_or_vip"))
            person = {"marker": marker, "reason_code": "person_asked"}
            scribe.tell(story, by, "person.restriction.set", at, person, **_WISH)
            return
        if kind == "objection":
            scribe.tell(story, by, "person.objection.raised", at, self._scope(("P5", "P9", "P10")), **_WISH)
            return
        permitted = self._scope(("P9", "P10"))
        scribe.tell(story, by, "person.permission.given", at, permitted, **_WISH)
        if kind == "withdrawn":
            later = in_hours(at, self._chance.uniform(2, 24 * 20))
            scribe.tell(story, "moor-person", "person.permission.withdrawn", later, permitted, **_WISH)

    def _scope(self, purposes: tuple[str, ...]) -> dict[str, Any]:
        purpose = self._chance.choice(purposes)
        desks = {
            "P5": ("moor-police",),
            "P9": ("harbour-vcs/coordinator", "harbour-vcs/volunteer"),
            "P10": ("moor-carer/self",),
        }
        return {
            "scope_purposes": [purpose],
            "scope_recipients": [self._chance.choice(desks[purpose])],
            "scope_classes": ["ID", "CT", "OP", "SF", "AU", "ST"],
            "how": self._chance.choice(("portal", "verbal", "written")),
            "capacity_ok": "yes",
            "info_given_version": "2026-04",
        }
