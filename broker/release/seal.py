"""Seal: what a batch sends out becomes Kafka records: envelopes to desks, blocks of decisions, of entries."""

import hmac
from collections.abc import Iterator, Mapping, Sequence

from broker.domain.delivery import Delivery
from broker.domain.identifiers import DeskId
from broker.lanes.block import groups, seal_entries
from broker.lanes.state import Outgoing
from broker.registry.keyring import KeyRing
from broker.registry.topics import BROKER, DESK_PARTITIONS, LANE_LOG, to_topic
from broker.release.means import Means
from broker.wire.block import BlockKey, seal_block
from broker.wire.envelope import Header, Payload, grouped, seal_envelope

MAX_BLOCK_BYTES = 700 * 1024
"""Plain bytes of decisions in one Kafka record, well under its 1 MiB"""


def envelopes(
    means: Means, lane: int, now_us: int, deliveries: Sequence[Delivery], streams: dict[str, int]
) -> Iterator[Outgoing]:
    """Deliveries and replies, sealed to their desks.

    Args:
        now_us: microseconds since 1970-01-01T00:00Z; stands in the headers.
        streams: desk -> sequence of its last envelope from this lane; counted on.
    """
    places: dict[tuple[DeskId, int], list[Payload]] = {}
    for delivery in deliveries:
        payload = Payload(delivery.fingerprint, delivery.body)
        places.setdefault((delivery.desk, _partition(means, delivery)), []).append(payload)
    for (desk, partition), payloads in places.items():
        for group in grouped(payloads):
            streams[desk] = streams.get(desk, -1) + 1
            header = _header(means, lane, now_us, desk, streams[desk])
            sealing_key = means.registry.sealing_key(desk)
            sealed = seal_envelope(header, group, means.keyring.delivery, sealing_key)
            yield Outgoing(header.topic, partition, None, sealed)


def blocks(
    ledger_key: BlockKey, topic: str, lane: int, items: Sequence[bytes], key: bytes | None
) -> Iterator[Outgoing]:
    """Decisions or quarantined records, in blocks; `key` is their Kafka key."""
    context = f"candour/{topic}/v1/{lane}".encode()
    for group in _split(items):
        yield Outgoing(topic, lane, key, seal_block(ledger_key, context, group))


def entries(keyring: KeyRing, packed_for: Mapping[int, Sequence[bytes]]) -> Iterator[Outgoing]:
    """Entries for other lanes, or for this one: lane -> packed entries."""
    for lane, packed in packed_for.items():
        for group in groups(packed):
            yield Outgoing(LANE_LOG, lane, None, seal_entries(keyring.lane_key(lane), lane, group))


def _header(means: Means, lane: int, now_us: int, desk: DeskId, sequence: int) -> Header:
    return Header(
        sender=BROKER,
        recipient=desk,
        topic=to_topic(desk),
        stream=hmac.digest(means.keyring.desk_key(desk), b"stream|%d" % lane, "sha256")[:16],
        sequence=sequence,
        time_us=now_us,
        signing_key_id=means.keyring.delivery.key_id,
        sealing_key_id=means.registry.sealing_key(desk).key_id,
    )


def _partition(means: Means, delivery: Delivery) -> int:
    key = means.keyring.desk_key(delivery.desk)
    digest = hmac.digest(key, b"partition|" + delivery.subject.encode(), "sha256")
    return int.from_bytes(digest[:8], "big") % DESK_PARTITIONS


def _split(items: Sequence[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for item in items:
        if group and size + len(item) > MAX_BLOCK_BYTES:
            yield group
            group, size = [], 0
        group.append(item)
        size += len(item) + 4
    if group:
        yield group
