"""Safeguarding concerns about adults, and which of them become an enquiry."""

from typing import Any

from broker.simulate import words
from broker.simulate.calendar import OFFICE_DAYS, OFFICE_HOURS
from broker.simulate.figures import ABUSE, CONCERNS, CONVERSION
from broker.simulate.quota import labels, yes
from broker.simulate.scribe import Story
from broker.simulate.world import World


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
