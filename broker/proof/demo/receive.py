"""One desk of the demo: takes what comes until stopped, and finds again what it was told of an event."""

import threading
import time
from datetime import datetime

from broker.domain.identifiers import DeskId
from broker.errors import CandourError
from consumers.kit.delivery import Delivery, Received, Reply
from consumers.kit.inbox import Inbox
from consumers.kit.language import Language
from consumers.kit.profile import Profile

_POLL_S = 0.1


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
                self._received.extend(self._inbox.poll(_POLL_S))
                self._inbox.took()
        except CandourError as error:
            self.problem = type(error).__name__
        finally:
            self._inbox.close()

    def stop(self) -> None:
        """Stop receiving soon; the inbox leaves its group."""
        self._ended.set()

    def name_of(self, occurred_at: datetime, timeout_s: float) -> str | None:
        """This desk's own name for the event that happened then; None when it does not come in time.

        A desk knows events by names of its own, so it finds one as its staff would: by its time.
        """
        until_s = time.monotonic() + timeout_s
        while time.monotonic() < until_s:
            for delivery in self.deliveries:
                told = delivery.fields.get("occurred_at")
                if told is not None and datetime.fromisoformat(told) == occurred_at:
                    return delivery.event_id
            time.sleep(_POLL_S)
        return None

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What came so far, without replies."""
        return tuple(one for one in tuple(self._received) if isinstance(one, Delivery))

    @property
    def replies(self) -> tuple[Reply, ...]:
        """Replies that came so far, to whatever the desk's agency published."""
        return tuple(one for one in tuple(self._received) if isinstance(one, Reply))

    @property
    def refused(self) -> tuple[str, ...]:
        """Codes of what was not genuine, not for this desk or not readable; and what ended the inbox."""
        codes = tuple(refusal.code for refusal in tuple(self._inbox.refused))
        return codes if self.problem is None else (*codes, self.problem)
