"""Safeguarding concerns about adults, and which of them become an enquiry."""

from typing import Any, Final

from broker.simulate import words
from broker.simulate.calendar import OFFICE_DAYS, OFFICE_HOURS, instant
from broker.simulate.figures import ABUSE, CONCERNS, CONVERSION
from broker.simulate.quota import labels, yes
from broker.simulate.scribe import Story, in_hours
from broker.simulate.world import World

_PLANNED: Final[dict[str, Any]] = {"setting": "planned", "purpose": "P3"}
MOST_DAYS_TO_DECIDE: Final = 5
"""By design: no time is published within which it is decided whether a concern becomes an enquiry (T19)"""


class Safeguarding:
    """The stream of concerns."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._chance = world.chance("safeguarding")
        count = world.count(CONCERNS)
        self.moments = world.calendar.moments(count, self._chance, OFFICE_HOURS, OFFICE_DAYS)
        self._kinds = labels(ABUSE, count, self._chance)
        self._enquiries = yes(CONVERSION, count, self._chance)

    def tell(self, number: int, at: int) -> None:
        """A concern, and the enquiry that is made of it."""
        story = self._world.scribe.story(self._world.people.anybody(self._chance))
        self._raised(story, self._kinds[number], at)
        if self._enquiries[number]:
            decided = in_hours(at, self._chance.uniform(4, MOST_DAYS_TO_DECIDE * 24))
            self._opened(story, decided)
            self._closed(story, in_hours(decided, self._chance.uniform(20, 80) * 24))

    def _raised(self, story: Story, kind: str, at: int) -> None:
        chance = self._chance
        asked = chance.choice(("yes", "yes", "no", "unknown"))
        person: dict[str, Any] = {
            "raised_by": words.now_and_then(
                chance, 0.8, ("A care worker", "A neighbour", "A district nurse", "A daughter")
            ),
            "type_of_abuse": [kind],
            "alleged_source": words.now_and_then(
                chance, 0.5, ("A lodger", "Staff of the home", "A relative")
            ),
            "consent_sought": asked,
            "why_consent_not_sought": "not_reached" if asked == "no" else "not_applicable",
            "wishes": words.now_and_then(
                chance, 0.5, ("I want my bank card back and no fuss.", "I want to stay here.")
            ),
            "immediate_safety": words.now_and_then(chance, 0.5, ("Stays with a friend until Monday.",)),
            "crime_suspected": chance.choice(("no", "no", "unknown", "yes")),
            "call_now": words.calls(story.council, story.area),
        }
        self._world.scribe.tell(
            story,
            story.council,
            "sc.safeguarding.concern_raised",
            at,
            person,
            purpose="P3",
            need="crisis_response",
        )

    def _opened(self, story: Story, at: int) -> None:
        chance = self._chance
        person: dict[str, Any] = {
            "decision_at": instant(at),
            "lead_role": "senior social worker",
            "outcomes_wanted": words.now_and_then(
                chance, 0.6, ("I want to be asked first.", "I want it to stop.")
            ),
            "task_community_team": words.now_and_then(
                chance, 0.3, ("Ring every Tuesday and say what you hear.",)
            ),
            "task_social_care": words.now_and_then(chance, 0.5, ("Visit this week.",)),
            "review_at": instant(in_hours(at, 28 * 24)),
            "call_now": words.calls(story.council, story.area),
        }
        self._world.scribe.tell(story, story.council, "sc.safeguarding.s42.opened", at, person, **_PLANNED)

    def _closed(self, story: Story, at: int) -> None:
        chance = self._chance
        person: dict[str, Any] = {
            "enquiry_ended_at": instant(at),
            "risk_outcome": chance.choice(("reduced", "reduced", "removed", "remains", "not_assessed")),
            "outcomes_reached": chance.choice(("yes", "partly", "no", "not_asked", "withheld_by_person")),
            "call_now": words.calls(story.council, story.area),
        }
        self._world.scribe.tell(story, story.council, "sc.safeguarding.s42.closed", at, person, **_PLANNED)
