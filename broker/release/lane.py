"""One lane at work: takes what Faust brings, batch by batch, until another worker has the lane."""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from confluent_kafka import Consumer

from broker import metrics
from broker.ask.client import Asked, Asker
from broker.domain.identifiers import PolicyRevision
from broker.domain.question import Question
from broker.lanes.block import Entry, open_entries
from broker.lanes.lane import Lane
from broker.logs import get_log
from broker.release.admit import Admitted, Matter, Passed, Refused, Repeated, admit, admit_again
from broker.release.book import Book, Place
from broker.release.means import Means
from broker.release.plan import Planner, Tally
from broker.release.settle import Moment, Settler
from broker.settings import Settings

LONDON = ZoneInfo("Europe/London")
_log = get_log("release")


@dataclass(frozen=True, slots=True)
class Block:
    """One record of `lane-log` as Faust brought it."""

    offset: int
    value: bytes
    logged_at_us: int


class LaneWork:
    """Owns one lane for one generation of the consumer group."""

    def __init__(
        self,
        number: int,
        generation: int,
        settings: Settings,
        means: Means,
        asker: Asker,
        settler: Settler,
        threads: ThreadPoolExecutor,
        group: Consumer,
    ) -> None:
        self.number, self.generation = number, generation
        self.ready = self.retired = False
        self._settings, self._means, self._asker = settings, means, asker
        self._settler = settler
        self._threads, self._group = threads, group
        self._queue: deque[Block] = deque()
        self._queued_bytes = 0
        self._arrived, self._room = asyncio.Event(), asyncio.Event()
        self._lane: Lane
        self._book: Book

    async def offer(self, block: Block) -> None:
        """Queue a block; waits while the queue holds more than its bytes (design 2.2.6)."""
        self._queue.append(block)
        self._queued_bytes += len(block.value)
        self._arrived.set()
        while self._queued_bytes > self._settings.lane_queue_bytes and not self.retired:
            self._room.clear()
            await self._room.wait()

    def retire(self) -> None:
        """End after the batch at hand: the lane is another worker's, or will be taken up anew."""
        self.retired = True
        self._arrived.set()
        self._room.set()

    @property
    def position(self) -> int:
        """First offset of `lane-log` that is not yet handled; only once ready."""
        return self._book.position.offset

    def oldest_undecided_us(self) -> int | None:
        """When the log took in what has waited longest for its decision; None where nothing does."""
        known = [self._queue[0].logged_at_us] if self._queue else []
        if self.ready and (waiting := self._book.oldest_waiting_us()) is not None:
            known.append(waiting)
        return min(known, default=None)

    async def run(self) -> None:
        """Fence, read, then decide one batch after another.

        Raises:
            LaneFencedError, PositionError, IntegrityError, RestartError: see `Lane`.
        """
        loop = asyncio.get_running_loop()
        keyring = self._means.keyring
        self._lane = await loop.run_in_executor(
            self._threads, Lane, self._settings, keyring, self.number, self._group
        )
        self._book = Book(self._lane.taken, keyring.placement)
        metrics.observe_revision(self._book.position.revision)
        self._observe()
        self.ready = True
        _log.info(
            "lane taken",
            lane=self.number,
            generation=self.generation,
            position=self._book.position.offset,
            waiting=self._book.waiting_entries,
        )
        while not self.retired:
            blocks = await self._next_blocks()
            if not self.retired:
                await self._work(blocks)

    async def _next_blocks(self) -> list[Block]:
        """What has arrived; nothing, when entries wait and may now be decided."""
        while not self._queue and not self.retired:
            if self._book.waiting_entries and not self._asker.is_away(self._revision):
                return []
            await self._arrival_or_recovery()
        blocks: list[Block] = []
        # A block has up to 256 entries; one is always taken, more only while they are surely few.
        while (
            self._queue and sum(len(block.value) for block in blocks) < self._settings.lane_queue_bytes // 16
        ):
            block = self._queue.popleft()
            self._queued_bytes -= len(block.value)
            blocks.append(block)
        self._room.set()
        return blocks

    async def _arrival_or_recovery(self) -> None:
        self._arrived.clear()
        if not self._book.waiting_entries:
            await self._arrived.wait()
            return
        events = [
            asyncio.ensure_future(self._arrived.wait()),
            asyncio.ensure_future(self._asker.wait_until_back(self._revision)),
        ]
        await asyncio.wait(events, return_when=asyncio.FIRST_COMPLETED)
        for event in events:
            event.cancel()

    @property
    def _revision(self) -> PolicyRevision:
        return PolicyRevision(self._book.position.revision)

    async def _work(self, blocks: Sequence[Block]) -> None:
        entries, offset = await self._open(blocks)
        moment = self._moment()
        interval = self._means.interval_for(moment.today)
        with metrics.timed("match", len(entries)):
            admitted = self._admit(entries, interval)
        if not admitted and offset == self._book.position.offset:
            return
        questions = _questions(admitted)
        with metrics.timed("ask", len(questions)):
            asked = await self._asker.ask(questions, moment.revision)
        planner = Planner(self._means, self._book, self.number, moment)
        with metrics.timed("plan", len(admitted)):
            self._decide(planner, admitted, asked, moment)
            plan = planner.finish(offset)
        with metrics.timed("commit", len(entries)):
            seconds = await asyncio.get_running_loop().run_in_executor(self._threads, self._lane.commit, plan)
        metrics.observe_transaction(seconds, committed=True)
        self._count(planner.tally)
        self._observe()

    async def _open(self, blocks: Sequence[Block]) -> tuple[list[tuple[Place, Entry]], int]:
        """The entries of the blocks from the position on, and the position after them."""
        position = self._book.position.offset
        entries: list[tuple[Place, Entry]] = []
        for block in blocks:
            if block.offset < position:
                continue
            if block.offset > position:
                await asyncio.get_running_loop().run_in_executor(
                    self._threads, self._lane.require_gap_is_empty, position, block.offset
                )
            key = self._means.keyring.lane_key(self.number)
            opened = open_entries(key, self.number, block.value)
            entries += [(Place(block.offset, index), entry) for index, entry in enumerate(opened)]
            position = block.offset + 1
        return entries, position

    def _admit(self, entries: Sequence[tuple[Place, Entry]], interval: str) -> list[Admitted]:
        admitted: list[Admitted] = []
        if not self._asker.is_away(self._revision):
            # Wishes of this batch come after these places, but may only make a decision stricter.
            waiting = list(self._book.waiting())[: self._settings.max_batch]
            admitted += [admit_again(self._means, self._book, one, interval) for one in waiting]
        for place, entry in entries:
            found = admit(self._means, self._book, place, entry, interval)
            if found is not None:
                admitted.append(found)
        return admitted

    def _decide(self, planner: Planner, admitted: Sequence[Admitted], asked: Asked, moment: Moment) -> None:
        for one in admitted:
            if isinstance(one, Repeated):
                planner.repeat(one)
            elif isinstance(one, Refused):
                if one.cause:
                    self._page(one.place, one.cause)
                planner.refuse(one)
            elif isinstance(one, Passed):
                self._pass_on(planner, one)
            else:
                self._decide_matter(planner, one, asked, moment)

    def _pass_on(self, planner: Planner, passed: Passed) -> None:
        if passed.cause:
            self._page(passed.place, passed.cause)
        for entry in passed.sends:
            planner.forward(entry)
        for waiting in passed.hands_over:
            planner.hand_over(waiting)

    def _decide_matter(self, planner: Planner, matter: Matter, asked: Asked, moment: Moment) -> None:
        if matter.waited is None:
            if matter.applied:
                planner.apply_wish(matter)
            planner.accept(matter)
            for entry in matter.sends:
                planner.forward(entry)
        blocked = self._book.is_behind(matter.event.subject, matter.place)
        if matter.matches and (blocked or _lacks_answers(matter, asked)):
            if matter.waited is None:
                planner.wait(matter)
            return
        settled = self._settler.settle(matter, asked.answers, asked.undecidable, moment)
        for one in settled:
            if one.cause:
                self._page(matter.place, one.cause, desk=one.decision.desk)
        planner.decide(matter, settled)

    def _page(self, place: Place, cause: str, **where: str) -> None:
        _log.error(
            "a stage failed on an entry",
            lane=self.number,
            offset=place.offset,
            index=place.index,
            error=cause,
            **where,
        )

    def _moment(self) -> Moment:
        now = datetime.now(UTC)
        return Moment(int(now.timestamp() * 1e6), now.astimezone(LONDON).date().isoformat(), self._revision)

    def _count(self, tally: Tally) -> None:
        metrics.observe_decisions(tally.decisions, self._means.desk_kind)
        for code in tally.codes:
            metrics.observe_quarantined(code)
        metrics.observe_replies(tally.statuses)
        metrics.WISHES.inc(tally.wishes)
        metrics.DUPLICATES.inc(tally.duplicates)

    def _observe(self) -> None:
        position = self._book.position
        metrics.observe_lane(
            self.number,
            position=position.offset,
            asked=position.asked,
            decided=position.decided,
            waiting=position.waiting,
            waiting_entries=position.waiting_entries,
        )


def _questions(admitted: Sequence[Admitted]) -> list[Question]:
    """Every question of a batch; like events share theirs, so each tuple is looked at once."""
    tuples = {id(match.questions): match.questions for one in _matters(admitted) for match in one.matches}
    return [question for questions in tuples.values() for question in questions]


def _matters(admitted: Sequence[Admitted]) -> list[Matter]:
    return [one for one in admitted if isinstance(one, Matter)]


def _lacks_answers(matter: Matter, asked: Asked) -> bool:
    return bool(asked.missing) and any(
        question.hash in asked.missing for match in matter.matches for question in match.questions
    )
