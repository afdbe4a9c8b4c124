"""One lane at work: takes what Faust brings, batch by batch, until another worker has the lane."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from confluent_kafka import Consumer

from broker import metrics
from broker.ask.client import Asker
from broker.domain.identifiers import PolicyRevision
from broker.lanes.block import Entry, open_entries
from broker.lanes.lane import Lane
from broker.logs import get_log
from broker.release.admit import Admitted, admit, admit_again
from broker.release.book import Book, Place
from broker.release.decide import Decider, questions_of
from broker.release.duty import Duty, Patience
from broker.release.means import Means
from broker.release.plan import Planner, Tally
from broker.release.settle import Moment, Settler
from broker.settings import Settings

LONDON = ZoneInfo("Europe/London")
_LOOK_AGAIN_US = 500_000
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
        self._handled_us = self._look_again_us = 0
        self._patience = Patience(settings.reply_overdue_s * 1_000_000, settings.agreed_minute_ms * 1000)
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

    def has_more(self) -> bool:
        """Whether the log holds an entry that is not yet handled. Blocks on Kafka; only once ready."""
        return self._lane.has_more(self.position)

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
            if self._until_duty_s() == 0.0:
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
        """Until a block arrives, OPA is back for what waits, or somebody must be told of a delay."""
        self._arrived.clear()
        events: list[asyncio.Future[object]] = [asyncio.ensure_future(self._arrived.wait())]
        if self._book.waiting_entries:
            events.append(asyncio.ensure_future(self._asker.wait_until_back(self._revision)))
        await asyncio.wait(events, timeout=self._until_duty_s(), return_when=asyncio.FIRST_COMPLETED)
        for event in events:
            event.cancel()

    def _until_duty_s(self) -> float | None:
        """How long until a clock runs out; None where none runs."""
        now_us = time.time_ns() // 1000
        untold_us, due_us = self._book.oldest_untold_us(), self._book.referrals.next_due_us()
        ends = [] if untold_us is None else [untold_us + self._patience.overdue_us]
        ends += [] if due_us is None else [max(due_us, self._look_again_us)]
        return max(0.0, (min(ends) - now_us) / 1e6) if ends else None

    def _owes(self, moment: Moment, log_until_us: int) -> bool:
        """Whether somebody must be told of a delay now."""
        untold_us, due_us = self._book.oldest_untold_us(), self._book.referrals.next_due_us()
        overdue = untold_us is not None and untold_us + self._patience.overdue_us <= moment.now_us
        return overdue or (due_us is not None and due_us <= min(log_until_us, moment.now_us))

    async def _log_until_us(self, position: int, now_us: int) -> int:
        """Everything that the log took in before this instant has been read.

        Clocks are read by the log, not by ours (design 2.6): an acceptance in time may still lie there.
        Kafka is asked only where a clock ran out.
        """
        due_us = self._book.referrals.next_due_us()
        if due_us is None or due_us > now_us or due_us <= self._handled_us:
            return self._handled_us
        executor = asyncio.get_running_loop().run_in_executor
        if not self._queue and not await executor(self._threads, self._lane.has_more, position):
            return now_us
        self._look_again_us = now_us + _LOOK_AGAIN_US
        return self._handled_us

    @property
    def _revision(self) -> PolicyRevision:
        return PolicyRevision(self._book.position.revision)

    async def _work(self, blocks: Sequence[Block]) -> None:
        entries, offset = await self._open(blocks)
        moment = self._moment()
        interval = self._means.interval_for(moment.today)
        with metrics.timed("match", len(entries)):
            admitted = self._admit(entries, interval)
        log_until_us = await self._log_until_us(offset, moment.now_us)
        if not admitted and offset == self._book.position.offset and not self._owes(moment, log_until_us):
            return
        questions = questions_of(admitted)
        with metrics.timed("ask", len(questions)):
            asked = await self._asker.ask(questions, moment.revision)
        planner = Planner(self._means, self._book, moment)
        duty = Duty(self._means, self._book, planner, moment, self._patience)
        with metrics.timed("plan", len(admitted)):
            Decider(self._book, self._settler, planner, duty, moment, asked).decide(admitted)
            duty.look(log_until_us)
            plan = planner.finish(offset)
        for cause in duty.causes:
            _log.error("a gap or an alert could not be written", lane=self.number, error=cause)
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
            self._handled_us = block.logged_at_us
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

    def _moment(self) -> Moment:
        now = datetime.now(UTC)
        today = now.astimezone(LONDON).date().isoformat()
        return Moment(int(now.timestamp() * 1e6), today, self._revision, self.number)

    def _count(self, tally: Tally) -> None:
        metrics.observe_decisions(tally.decisions, self._means.desk_kind)
        for code in tally.codes:
            metrics.observe_quarantined(code)
        for code in tally.noticed:
            metrics.observe_stream(code)
        metrics.observe_replies(tally.statuses)
        metrics.WISHES.inc(tally.wishes)
        metrics.DUPLICATES.inc(tally.duplicates)
        metrics.SAFETY_GAPS.inc(tally.gaps)
        for alert in tally.alerts:
            metrics.LEGAL_ALERTS.labels(alert).inc()

    def _observe(self) -> None:
        if self.retired:
            return  # the batch at hand may end after another worker has the lane, and tells of it
        position = self._book.position
        metrics.observe_lane(
            self.number,
            position=position.offset,
            asked=position.asked,
            decided=position.decided,
            waiting=position.waiting,
            waiting_entries=position.waiting_entries,
            referrals=len(self._book.referrals),
        )
        metrics.observe_quarantine(
            self.number,
            quarantined=position.quarantined,
            kept=self._book.kept_payloads,
            resubmitted=position.resubmitted,
            discarded=position.discarded,
            expired=position.expired,
        )
