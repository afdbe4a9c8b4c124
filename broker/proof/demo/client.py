"""Plays the night: every agency publishes through its own kit, every desk receives through its own."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from broker.domain.identifiers import AgencyId, DeskId
from broker.errors import CandourError, DependencyError
from broker.proof.demo.script import Step, line_of
from consumers.kit.delivery import Delivery, Received, Reply
from consumers.kit.inbox import Inbox
from consumers.kit.language import Language, read_language
from consumers.kit.line import OutgoingEvent, read_line
from consumers.kit.outbox import Outbox
from consumers.kit.profile import Profile, read_profile
from consumers.kit.replies import ReplyWatch

REPLY_S = 20.0


class Receiver(threading.Thread):
    """One desk's inbox, read until stopped."""

    def __init__(self, profile: Profile, language: Language, desk: DeskId) -> None:
        super().__init__(name=f"receive {desk}", daemon=True)
        self.desk = desk
        self._inbox = Inbox(profile, language, desk)
        self._ended = threading.Event()
        self._received: list[Received] = []
        self.problem: str | None = None

    def run(self) -> None:
        """Take everything that comes."""
        try:
            while not self._ended.is_set():
                self._received.extend(self._inbox.poll(0.1))
                self._inbox.took()
        except CandourError as error:
            self.problem = type(error).__name__
        finally:
            self._inbox.close()

    def stop(self) -> None:
        """Stop receiving soon; the inbox leaves its group."""
        self._ended.set()

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What came so far, without replies."""
        return tuple(one for one in tuple(self._received) if isinstance(one, Delivery))

    @property
    def refused(self) -> tuple[str, ...]:
        """Codes of what was not genuine, not for this desk or not readable; and what ended the inbox."""
        codes = tuple(refusal.code for refusal in tuple(self._inbox.refused))
        return codes if self.problem is None else (*codes, self.problem)


@dataclass(slots=True)
class Played:
    """What the agencies know of the night so far."""

    event_ids: dict[str, str] = field(default_factory=dict)
    """label -> event id"""
    replies: dict[str, Reply] = field(default_factory=dict)
    """label -> the exchange's reply"""


class Cast:
    """Every agency of an exchange with its outbox open and its desks receiving."""

    def __init__(self, agencies: Path) -> None:
        """Opens every agency of the folder.

        Raises:
            DependencyError: Kafka does not answer.
        """
        self._open = ExitStack()
        self._profiles: dict[AgencyId, Profile] = {}
        self._outboxes: dict[AgencyId, Outbox] = {}
        self._watches: dict[AgencyId, ReplyWatch] = {}
        self._sent: dict[str, OutgoingEvent] = {}
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

    def play(self, steps: Sequence[Step], began: datetime, show: Callable[[Step], None]) -> None:
        """Publish every step in turn, each after the reply to the one before, as a night goes.

        Raises:
            DependencyError: an event had no reply in time.
        """
        for step in steps:
            show(step)
            event = self._event(step, began)
            self._outboxes[step.agency].publish([event])
            replies = self._watches[step.agency].replies([event.event_id], REPLY_S)
            reply = next(iter(replies), None)
            if reply is None:
                raise DependencyError(f"no reply to {step.label} within {REPLY_S:.0f} s")
            self.played.event_ids[step.label] = event.event_id
            self.played.replies[step.label] = reply

    def _event(self, step: Step, began: datetime) -> OutgoingEvent:
        if step.event is None:
            return self._sent[str(step.repeats)]
        event_id = None if step.event_id_of is None else self.played.event_ids[step.event_id_of]
        text = line_of(step.event, began, event_id)
        event = read_line(text, 1, self.language, self._profiles[step.agency].kind)
        self._sent[step.label] = event
        return event

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
