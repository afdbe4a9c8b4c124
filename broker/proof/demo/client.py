"""Plays the evening: every agency publishes through its own kit, every desk receives through its own."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from broker.domain.identifiers import AgencyId, DeskId
from broker.domain.vocabulary import ReplyStatus
from broker.errors import DependencyError
from broker.proof.demo.receive import Receiver
from broker.proof.demo.script import Chapter, Script, Step, instant_of, line_of
from broker.proof.demo.waves import waves
from consumers.kit.delivery import Delivery, Reply
from consumers.kit.language import read_language
from consumers.kit.line import OutgoingEvent, read_line
from consumers.kit.outbox import Outbox
from consumers.kit.profile import Profile, read_profile
from consumers.kit.replies import ReplyWatch

REPLY_S = 20.0
CITED_S = 10.0

LATER = frozenset({ReplyStatus.HANDLED, ReplyStatus.NOT_HANDLED})
"""What a publisher may be told of a referral after its first reply"""


@dataclass(slots=True)
class Played:
    """What the agencies know of the evening so far."""

    event_ids: dict[str, str] = field(default_factory=dict)
    """label -> event id"""
    replies: dict[str, Reply] = field(default_factory=dict)
    """label -> the exchange's first reply"""
    later: dict[str, Reply] = field(default_factory=dict)
    """label -> what its publisher was told afterwards: taken on, or not"""


class Cast:
    """Every agency of an exchange with its outbox open and its desks receiving."""

    def __init__(self, agencies: Path, script: Script, began: datetime) -> None:
        """Opens every agency of the folder.

        Args:
            began: the instant of `+00:00`.

        Raises:
            DependencyError: Kafka does not answer.
        """
        self._open = ExitStack()
        self._profiles: dict[AgencyId, Profile] = {}
        self._outboxes: dict[AgencyId, Outbox] = {}
        self._watches: dict[AgencyId, ReplyWatch] = {}
        self._sent: dict[str, OutgoingEvent] = {}
        self._began = began
        self._clocks = {step.label: step.clock for step in script.steps}
        self.receivers: dict[DeskId, Receiver] = {}
        self.played = Played()
        try:
            for folder in sorted(agencies.iterdir()):
                self._enter(read_profile(folder))
        except BaseException:
            self.close()
            raise

    def _enter(self, profile: Profile) -> None:
        # One exchange, one language: every agency reads the same schemas.
        self.language = read_language(profile.schemas)
        self._profiles[profile.agency] = profile
        self._outboxes[profile.agency] = self._open.enter_context(Outbox(profile))
        self._watches[profile.agency] = self._open.enter_context(ReplyWatch(profile, self.language))
        for desk in profile.desks:
            receiver = self.receivers[desk] = Receiver(profile, self.language, desk)
            self._open.callback(receiver.join)
            receiver.start()

    def play(self, chapter: Chapter, told: Callable[[int], None]) -> None:
        """Publish a chapter: what is told of one person waits for the reply to what was told of them before.

        Args:
            told: called with the number of events that have just been replied to.

        Raises:
            DependencyError: an event had no reply in time.
        """
        for wave in waves(chapter.steps):
            by_agency = {
                agency: [(step, self._event(step)) for step in steps]
                for agency, steps in groupby(sorted(wave, key=_agency), _agency)
            }
            for agency, events in by_agency.items():
                self._outboxes[agency].publish([event for _, event in events])
            for agency, events in by_agency.items():
                self._hear(agency, events)
            told(len(wave))

    def _hear(self, agency: AgencyId, events: Sequence[tuple[Step, OutgoingEvent]]) -> None:
        ids = [event.event_id for _, event in events]
        heard = {reply.event_id: reply for reply in self._watches[agency].replies(ids, REPLY_S)}
        for step, event in events:
            if event.event_id not in heard:
                raise DependencyError(f"no reply to {step.label} within {REPLY_S:.0f} s")
            self.played.event_ids[step.label] = event.event_id
            self.played.replies[step.label] = heard[event.event_id]

    def _event(self, step: Step) -> OutgoingEvent:
        if step.event is None:
            return self._sent[str(step.repeats)]
        event_id = None if step.event_id_of is None else self.played.event_ids[step.event_id_of]
        text = line_of(step.event, self._began, event_id, self._cited(step))
        event = read_line(text, 1, self.language, self._profiles[step.agency].kind)
        self._sent[step.label] = event
        return event

    def _cited(self, step: Step) -> str | None:
        if step.cites is None:
            return None
        happened = instant_of(self._clocks[step.cites], self._began)
        name = self.receivers[DeskId(str(step.cited_at))].name_of(happened, CITED_S)
        if name is None:
            raise DependencyError(f"{step.cited_at} did not receive {step.cites} within {CITED_S:.0f} s")
        return name

    def hear_later(self) -> None:
        """Take up what publishers have been told of their referrals since."""
        labels = {event_id: label for label, event_id in self.played.event_ids.items()}
        for receiver in self.receivers.values():
            for reply in receiver.replies:
                if reply.status in LATER and reply.event_id in labels:
                    self.played.later[labels[reply.event_id]] = reply

    def deliveries(self) -> Mapping[DeskId, tuple[Delivery, ...]]:
        """What every desk has received so far."""
        return {desk: receiver.deliveries for desk, receiver in self.receivers.items()}

    def refused(self) -> Mapping[DeskId, tuple[str, ...]]:
        """What a desk did not take, by code; empty when all is well."""
        return {desk: one.refused for desk, one in self.receivers.items() if one.refused}

    def close(self) -> None:
        """Every agency closes its outbox, every desk leaves its group: all desks at once."""
        for receiver in self.receivers.values():
            receiver.stop()
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _agency(step: Step) -> AgencyId:
    return step.agency
