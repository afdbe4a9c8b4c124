"""Decide: what becomes of a batch, entry by entry in the order of the lane; all of it goes into the plan."""

from collections.abc import Sequence

from broker.ask.client import Asked
from broker.domain.question import Question
from broker.lanes.block import EntryKind
from broker.logs import get_log
from broker.release.admit import Acted, Admitted, Matter, Noticed, Passed, Refused, Repeated
from broker.release.book import Book, Place
from broker.release.duty import Duty
from broker.release.plan import Planner
from broker.release.settle import Moment, Settler

_log = get_log("release")


class Decider:
    """Takes what was admitted and answered to the planner. One for a batch."""

    def __init__(
        self, book: Book, settler: Settler, planner: Planner, duty: Duty, moment: Moment, asked: Asked
    ) -> None:
        self._book, self._settler, self._planner = book, settler, planner
        self._duty, self._moment, self._asked = duty, moment, asked

    def decide(self, admitted: Sequence[Admitted]) -> None:
        """Everything that a batch's entries come to."""
        for one in admitted:
            if isinstance(one, Repeated):
                self._planner.repeat(one)
            elif isinstance(one, Refused):
                if one.cause:
                    self._page(one.place, one.cause)
                self._planner.refuse(one)
            elif isinstance(one, Acted):
                self._planner.act(one)
            elif isinstance(one, Passed):
                self._pass_on(one)
            elif isinstance(one, Noticed):
                self._planner.notice(one)
            else:
                self._decide_matter(one)

    def _pass_on(self, passed: Passed) -> None:
        if passed.cause:
            self._page(passed.place, passed.cause)
        for entry in passed.sends:
            self._planner.forward(entry)
        if passed.hands_over:
            self._planner.hand_over(passed.entry.subject)
        if passed.entry.kind is EntryKind.TAKEN:
            try:
                self._duty.taken(passed.entry)
            except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
                self._page(passed.place, type(error).__name__)

    def _decide_matter(self, matter: Matter) -> None:
        notice = self._taken_in(matter) if matter.waited is None else ""
        blocked = self._book.is_behind(matter.event.subject, matter.place)
        if matter.matches and (blocked or lacks_answers(matter, self._asked)):
            if not matter.answered:
                self._planner.accept(matter, notice)
            if matter.waited is None:
                self._planner.wait(matter)
            return
        settled = self._settler.settle(matter, self._asked.answers, self._asked.undecidable, self._moment)
        for one in settled:
            if one.cause:
                self._page(matter.place, one.cause, desk=one.decision.desk)
        if not matter.answered:
            self._planner.accept(matter, notice, settled)
        self._planner.decide(matter, settled)

    def _taken_in(self, matter: Matter) -> str:
        """What a new event does besides its release. Returns what its publisher is to be told of it."""
        if matter.applied:
            self._planner.apply_wish(matter)
        for entry in matter.sends:
            self._planner.forward(entry)
        try:
            return self._duty.follow(matter)
        except Exception as error:  # noqa: BLE001 - whatever a pure stage raises is this entry's own
            self._page(matter.place, type(error).__name__)
            return ""

    def _page(self, place: Place, cause: str, **where: str) -> None:
        _log.error(
            "a stage failed on an entry",
            lane=self._moment.lane,
            offset=place.offset,
            index=place.index,
            error=cause,
            **where,
        )


def questions_of(admitted: Sequence[Admitted]) -> list[Question]:
    """Every question of a batch; like events share theirs, so each tuple is looked at once."""
    matters = [one for one in admitted if isinstance(one, Matter)]
    tuples = {id(match.questions): match.questions for one in matters for match in one.matches}
    return [question for questions in tuples.values() for question in questions]


def lacks_answers(matter: Matter, asked: Asked) -> bool:
    """Whether a question of this matter has no answer yet."""
    return bool(asked.missing) and any(
        question.hash in asked.missing for match in matter.matches for question in match.questions
    )
