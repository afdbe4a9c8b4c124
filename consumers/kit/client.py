"""The Kafka clients of an agency's programs, made only here."""

import logging
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient

from consumers.kit.profile import Profile

# librdkafka writes to stderr by itself, addresses and all; what matters comes back as errors and reports.
_QUIET = logging.getLogger("candour.kit.kafka")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


def outbox_producer(profile: Profile) -> Producer:
    """Idempotent; the outbox groups by itself, so nothing lingers here."""
    usual: dict[str, Any] = {"linger.ms": 0, "delivery.timeout.ms": 30_000, "retry.backoff.ms": 20}
    return Producer({**_base(profile, usual), "enable.idempotence": True}, logger=_QUIET)


def inbox_consumer(profile: Profile, group: str) -> Consumer:
    """One member of a desk's group: commits only when told, starts at the beginning of what is kept."""
    return _consumer(profile, {"group.id": group, "auto.offset.reset": "earliest"})


def reply_consumer(profile: Profile) -> Consumer:
    """Assigned by hand; its group name is asked for by librdkafka and never joined."""
    return _consumer(profile, {"group.id": f"{profile.agency}.replies", "auto.offset.reset": "error"})


def admin(profile: Profile) -> AdminClient:
    """To ask what is there."""
    return AdminClient(_base(profile, {}), logger=_QUIET)


def _consumer(profile: Profile, settings: Mapping[str, Any]) -> Consumer:
    usual = {"session.timeout.ms": 10_000, "fetch.wait.max.ms": 100, "fetch.error.backoff.ms": 50}
    fixed: dict[str, Any] = {
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
    }
    return Consumer({**_base(profile, usual), **fixed, **settings}, logger=_QUIET)


def _base(profile: Profile, usual: Mapping[str, Any]) -> dict[str, Any]:
    """What the profile may change; what a promise rests on is laid over it by the caller."""
    named = {"bootstrap.servers": profile.bootstrap, "client.id": str(profile.agency), "log_level": 3}
    return {**named, **usual, **profile.kafka}
