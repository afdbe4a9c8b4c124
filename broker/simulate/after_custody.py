"""From arrival at a place of safety to what follows it: assessment, end, home treatment or a ward."""

from random import Random
from typing import Any, Final

from broker.simulate import words
from broker.simulate.calendar import instant
from broker.simulate.scribe import Story, in_hours, in_minutes
from broker.simulate.world import World

LEGAL_END_H: Final = 24
_EXTENDED: Final = 0.8
_STAYS_ON: Final = frozenset({"informal", "s2", "s3", "s4"})
TRUST_CODE: Final = "ZZ902"
TEAM: Final = "moor-cmht"


class AfterCustody:
    """Tells what health and the council do once somebody has arrived."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance: Random = world.chance("after custody")

    def tell(self, story: Story, keeper: str, end: str, arrived: int, ended: int) -> None:
        """Assessment asked for, custody ended, and where they went.

        Args:
            end: a reason of `pos.s136.ended`.
        """
        asked = in_minutes(arrived, self._chance.randint(20, 120))
        self._assessment(story, keeper, asked)
        self._assessed(story, end, max(asked, ended - 1_800))
        if end == "expired":
            ended = max(ended, in_hours(arrived, LEGAL_END_H))
        elif ended > in_hours(arrived, LEGAL_END_H) and self._chance.random() < _EXTENDED:
            # Not every detention that goes on is extended: what is not lawful happens, too (6.3 item 8).
            self._extended(story, keeper, in_hours(arrived, LEGAL_END_H - 1))
        self._ended(story, keeper, end, ended)
        if end == "discharged" and self._chance.random() < 0.35:
            self._home_treatment(story, in_hours(ended, 2))
        if end in _STAYS_ON:
            self._ward(story, end, in_hours(ended, self._chance.uniform(1, 9)))

    def _assessment(self, story: Story, keeper: str, at: int) -> None:
        assert story.who is not None
        person: dict[str, Any] = {
            "requested_by": "nurse in charge",
            "requested_at": instant(at),
            "legal_basis": "s136",
            "place": "The suite on the first floor",
            "doctors_needed": self._chance.choice(("one", "two", "two")),
            "language_interpreter": story.who.language,
            "nearest_relative_known": self._chance.choice(("yes", "no", "unknown", "not_asked")),
            "call_now": words.calls(keeper, story.area),
        }
        self._world.scribe.tell(story, keeper, "sc.amhp.assessment_requested", at, person, purpose="P4")

    def _assessed(self, story: Story, end: str, at: int) -> None:
        outcome = {"discharged": "no_detention", "transferred": "unknown", "expired": "unknown"}.get(end, end)
        person = {
            "started_at": instant(at - 3_600),
            "completed_at": instant(at),
            "assessment_outcome": outcome,
            "bed_wait_started_at": instant(at) if end in _STAYS_ON else None,
            "least_restrictive_considered": self._chance.sample(("home_treatment", "crisis_alternative"), 1),
            "nr_consulted": self._chance.choice(("yes", "no", "not_practicable", "not_asked")),
            "call_now": words.calls(story.council, story.area),
        }
        self._world.scribe.tell(
            story, story.council, "sc.amhp.assessment_completed", at, person, purpose="P4"
        )

    def _extended(self, story: Story, keeper: str, at: int) -> None:
        person = {
            "extended_at": instant(at),
            "extension_hours": self._chance.choice((4, 8, 12)),
            "extension_reason": self._chance.choice(("condition_unfit", "assessment_started_not_complete")),
            "extended_by_role": "responsible doctor",
            "superintendent_approval": "not_applicable",
            "call_now": words.calls(keeper, story.area),
        }
        self._world.scribe.tell(story, keeper, "pos.s136.extended", at, person, purpose="P4")

    def _ended(self, story: Story, keeper: str, end: str, at: int) -> None:
        person: dict[str, Any] = {
            "ended_at": instant(at),
            "end_reason": end,
            "next_contact_at": instant(in_hours(at, 20)) if end == "discharged" else None,
            "call_now": words.calls(keeper, story.area),
        }
        if self._chance.random() < 0.2:
            person["plan_pointer"] = {
                "custodian": TRUST_CODE,
                "version": str(self._chance.randint(1, 6)),
                "retrieval_url": "https://plans.example/4",
            }
        self._world.scribe.tell(story, keeper, "pos.s136.ended", at, person)

    def _ward(self, story: Story, legal_status: str, at: int) -> None:
        """A stay of weeks, then a contact within three days as T10 asks, or later."""
        chance, planned = self._chance, {"setting": "planned", "purpose": "P2"}
        contact = {"role": "duty_clinician", "number": "01632 960104"}
        person: dict[str, Any] = {"admitted_at": instant(at), "ward_org": TRUST_CODE}
        person |= {"legal_status": legal_status, "contact_24h": contact}
        self._world.scribe.tell(story, TEAM, "ward.admitted", at, person, **planned)
        left = in_hours(at, 24 * chance.lognormvariate(3.2, 0.7))
        person = {
            "discharge_at": instant(left),
            "ward_org": TRUST_CODE,
            "legal_status": "not_applicable",
            "section117_owed": "yes" if legal_status == "s3" else "no",
            "followup_booked_at": instant(in_hours(left, chance.choice((20, 44, 68, 100)))),
            "care_plan_sent_at": instant(in_hours(left, chance.choice((4, 20, 60)))),
            "medicines_supply": chance.choice(("given", "not_needed", "unknown")),
            "contact_24h": contact,
        }
        self._world.scribe.tell(story, TEAM, "ward.discharged", left, person, **planned)

    def _home_treatment(self, story: Story, at: int) -> None:
        person = {
            "start_at": instant(at),
            "visit_pattern": self._chance.choice(("several_a_day", "daily", "every_few_days")),
            "plan_now": self._chance.choice(words.PLANS),
            "what_helps_now": self._chance.choice(words.HELPS),
            "call_now": words.calls(story.crisis, story.area),
        }
        self._world.scribe.tell(story, story.crisis, "crisis.home_treatment.started", at, person)
