"""The inbox of one desk: what the exchange sent it, verified, opened, each delivery once."""

import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Final, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from broker.domain.identifiers import DeskId, role_of
from broker.errors import DependencyError, PayloadError
from consumers.kit.again import Again, Place
from consumers.kit.client import inbox_consumer
from consumers.kit.delivery import Received
from consumers.kit.language import Language
from consumers.kit.opening import Refusal, open_message, read_deliveries
from consumers.kit.profile import Profile
from consumers.kit.store import InboxStore

SCHEMA_UNKNOWN: Final = "schema_unknown"

_POLL_S: Final = 0.5
_JOIN_S: Final = 60.0
_Part = tuple[str, int]


class Inbox:
    """Receives for one desk, at least once, and drops what the application took before, restarts included.

    What came under a schema that this desk did not have yet is read again first, once it has it: nothing
    is lost to a desk that renews its schemas within the 30 days of its topic.

    Several inboxes of one desk share its partitions. What is not genuine, not for this desk or not
    readable is not handed out: it is kept in `refused`, and by its place in the agency's folder.
    """

    def __init__(
        self,
        profile: Profile,
        language: Language,
        desk: DeskId,
        *,
        on_refused: Callable[[Refusal], None] = lambda _: None,
    ) -> None:
        """Raises UsageError when the agency has no such desk."""
        self._on_refused = on_refused
        self._profile = profile
        self._language = language
        self._desk = profile.desk(desk)
        self._store = InboxStore(profile.folder / f"inbox-{role_of(desk)}.sqlite")
        self._readable: list[Place] = []
        self._again = Again(profile, self._store.refused(SCHEMA_UNKNOWN))
        self._consumer: Consumer = inbox_consumer(profile, f"{profile.agency}.{role_of(desk)}")
        self._assigned: set[_Part] | None = None
        self._ended: set[_Part] = set()
        self._pending: list[Received] = []
        self._next: dict[_Part, int] = {}
        self.refused: list[Refusal] = []
        self._consumer.subscribe([self._desk.topic], on_assign=self._on_assign, on_revoke=self._on_revoke)

    @property
    def at_end(self) -> bool:
        """Whether everything that was there when last looked has been handed out."""
        return self._again.done and self._assigned is not None and self._assigned <= self._ended

    def poll(self, timeout_s: float = _POLL_S) -> Sequence[Received]:
        """The new deliveries of the next message; empty when there is none within `timeout_s`.

        Call `took` when the application has them: what was not taken comes again after a restart.

        Raises:
            DependencyError: Kafka refuses to serve this desk.
        """
        if not self._again.done:
            return self._read_again()
        message = self._consumer.poll(timeout_s)
        if message is None:
            return ()
        place = (str(message.topic()), int(message.partition() or 0))
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                self._ended.add(place)
            elif error.code() in _FINAL or error.fatal():
                raise DependencyError("kafka_refuses")
            return ()
        self._ended.discard(place)
        fresh = self._open(message)
        self._pending.extend(fresh)
        self._next[place] = int(message.offset() or 0) + 1
        return fresh

    def took(self) -> None:
        """The application has everything handed out so far: it does not come again."""
        if self._pending:
            self._store.take(received.delivery_id for received in self._pending)
            self._pending.clear()
        while self._readable:
            self._store.accept(*self._readable.pop(), SCHEMA_UNKNOWN)
        self._commit()

    def deliveries(self, *, follow: bool) -> Iterator[Received]:
        """Everything there is, one by one; with `follow` also what comes. Asking on takes what came before.

        Raises:
            DependencyError: Kafka does not let this desk in within a minute.
        """
        patience_s = time.monotonic() + _JOIN_S
        while follow or not self.at_end:
            yield from self.poll()
            self.took()
            if self._assigned is None and time.monotonic() > patience_s:
                raise DependencyError("kafka_not_reached")

    def close(self) -> None:
        """Leave the group, so that another inbox of this desk can take over at once.

        What was handed out and not taken comes again.
        """
        self._again.close()
        self._consumer.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, message: Message) -> list[Received]:
        try:
            envelope = open_message(message.value(), self._profile, self._desk)
            found, refused = read_deliveries(envelope, self._language)
        except PayloadError as error:
            found, refused = [], [error.code]
        for code in refused:
            self._refuse(message, code)
        known = {received.delivery_id for received in self._pending}
        fresh: list[Received] = []
        for received in found:
            if received.delivery_id not in known and not self._store.has(received.delivery_id):
                known.add(received.delivery_id)
                fresh.append(received)
        return fresh

    def _read_again(self) -> Sequence[Received]:
        """What can be read by now of the next message that could not."""
        message = self._again.next()
        if message is None:
            return ()
        before = len(self.refused)
        fresh = self._open(message)
        if SCHEMA_UNKNOWN not in {one.code for one in self.refused[before:]}:
            # Forgotten once the application has it, no sooner.
            self._readable.append(
                (str(message.topic()), int(message.partition() or 0), int(message.offset() or 0))
            )
        self._pending.extend(fresh)
        return fresh

    def _refuse(self, message: Message, code: str) -> None:
        refusal = Refusal(
            code, str(message.topic()), int(message.partition() or 0), int(message.offset() or 0)
        )
        self._store.refuse(refusal.topic, refusal.partition, refusal.offset, code)
        self.refused.append(refusal)
        self._on_refused(refusal)

    def _commit(self) -> None:
        if not self._next:
            return
        offsets = [TopicPartition(topic, part, offset) for (topic, part), offset in self._next.items()]
        self._next.clear()
        try:
            self._consumer.commit(offsets=offsets, asynchronous=True)
        except KafkaException:
            # Lost to another member, or Kafka is away: the ids in our own file drop what comes again.
            return

    def _on_assign(self, _: Consumer, partitions: list[TopicPartition]) -> None:
        self._assigned = {(part.topic, part.partition) for part in partitions}
        self._ended.clear()

    def _on_revoke(self, _: Consumer, __: list[TopicPartition]) -> None:
        self._assigned = None
        self._next.clear()


_FINAL: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError._AUTHENTICATION,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
    }
)
