"""Publishes through the kit and waits until the exchange has answered every event."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from consumers.kit.delivery import Reply
from consumers.kit.replies import ReplyWatch
from tests import builders
from tests.exchange import RunningExchange, language_in

REPLIES_S = 60.0
Record = dict[str, Any]


def publish_and_wait(
    exchange: RunningExchange, agency: str, events: Sequence[tuple[str, Record]], within_s: float = REPLIES_S
) -> Mapping[str, Reply]:
    """Publish (event type, record) pairs; event id -> the exchange's reply. Its transaction is committed."""
    profile = exchange.profile(agency)
    wanted = {record["event_id"] for _, record in events}
    replies: dict[str, Reply] = {}
    with ReplyWatch(profile, language_in(profile.schemas)) as watch:
        exchange.publish(agency, [builders.line(event_type, record) for event_type, record in events])
        until_s = time.monotonic() + within_s
        while wanted - set(replies):
            assert time.monotonic() < until_s, f"{len(wanted - set(replies))} events without a reply"
            # What is told later of an event, such as `delivered`, is not its answer.
            replies |= {one.event_id: one for one in watch.poll() if one.is_answer and one.event_id in wanted}
    return replies
