"""Reads `decisions` and `quarantine` from first record to last, and what the leaves of one event refer to."""

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias, TypeVar

from confluent_kafka import KafkaException

from broker import kafka
from broker.domain.identifiers import AgreementId, EventId, PolicyRevision
from broker.errors import DependencyError, IntegrityError
from broker.explain.leaves import Leaf, Place
from broker.explain.quarantine import Item, items_of_lane
from broker.explain.story import Background, Terms
from broker.lanes.store import read_range
from broker.registry.catalogue import load_catalogue
from broker.registry.exchange import ROOT_PUBLIC
from broker.registry.keyring import KeyRing
from broker.registry.registry import read_registry
from broker.registry.topics import DECISIONS, QUARANTINE
from broker.settings import Settings
from broker.wire.block import BlockKey, open_block
from broker.wire.keys import VerifyKey

KAFKA_UNREACHABLE = "kafka_unreachable"
Found = TypeVar("Found")
ReadLane: TypeAlias = Callable[[int, Iterable[tuple[int, bytes]]], list[Found]]

_REACH_S = 3.0
# Most of the time of a short lane is waiting for its end.
_MOST_READERS = 16
_WATERMARKS_S = 10.0


def find_leaves(settings: Settings, event_id: EventId) -> list[Leaf]:
    """Every leaf that names this event, of all lanes; committed records only.

    Reads the whole of `decisions`: there is no index yet (docs/decisions/0016).

    Raises:
        DependencyError: Kafka does not answer.
        IntegrityError: a block does not open with the ledger key, or not where it stands.
        ConfigurationError: the exchange's keys are not there.
    """
    key = KeyRing.load(settings.keys_folder).ledger_key()

    def naming(lane: int, blocks: Iterable[tuple[int, bytes]]) -> list[Leaf]:
        return [
            leaf
            for offset, block in blocks
            for leaf in open_leaves(key, lane, offset, block)
            if event_id.encode() in leaf.content and _names(leaf, event_id)
        ]

    return of_all_lanes(settings, DECISIONS, naming)


def read_quarantine(settings: Settings) -> tuple[Item, ...]:
    """Every payload in quarantine of the last thirty days, oldest first.

    Raises:
        DependencyError: Kafka does not answer.
        IntegrityError: a block does not open with the ledger key, or not where it stands.
        ConfigurationError: the exchange's keys are not there.
    """
    key = KeyRing.load(settings.keys_folder).ledger_key()
    items = of_all_lanes(settings, QUARANTINE, lambda lane, blocks: items_of_lane(key, lane, blocks))
    return tuple(sorted(items, key=lambda item: (item.record["kept_at_us"], item.quarantine_id)))


def of_all_lanes(settings: Settings, topic: str, read: ReadLane[Found]) -> list[Found]:
    """What `read` makes of each lane of a topic, lane by lane; committed records only.

    Args:
        read: is given a lane and its blocks with their offsets, from the first to the last; reads them all.

    Raises:
        DependencyError: Kafka does not answer.
    """
    if not any(answers(server) for server in settings.bootstrap.split(",")):
        raise DependencyError(KAFKA_UNREACHABLE)
    with ThreadPoolExecutor(max_workers=min(settings.lanes, _MOST_READERS)) as pool:
        of_lanes = pool.map(lambda lane: _of_lane(settings, topic, lane, read), range(settings.lanes))
        return [one for of_lane in of_lanes for one in of_lane]


def open_leaves(key: BlockKey, lane: int, offset: int, block: bytes) -> Iterator[Leaf]:
    """The leaves of one record of `decisions`, in order.

    Raises:
        IntegrityError: the block does not open with this key at this place; names the place.
    """
    try:
        contents = open_block(key, f"candour/{DECISIONS}/v1/{lane}".encode(), block)
    except IntegrityError:
        raise IntegrityError(
            f"decisions, lane {lane}, offset {offset}: the block does not open with the ledger key. "
            "Somebody wrote or changed it who is not this exchange; keep everything as it is."
        ) from None
    for index, content in enumerate(contents):
        yield Leaf(Place(lane, offset, index), content)


def read_background(settings: Settings, revisions: Iterable[PolicyRevision]) -> Background:
    """Agreements under these policy revisions, the numbers to ring, and which types are wishes.

    An agreement whose revision is no longer in the folder is left out: the page then gives its name only.

    Raises:
        ConfigurationError, IntegrityError: registry or schemas cannot be read.
    """
    root = VerifyKey.from_bytes((settings.folder / "broker" / ROOT_PUBLIC).read_bytes())
    registry = read_registry(settings.folder, root)
    specs = load_catalogue(settings.schemas_folder).specs
    return Background(
        agreements={
            (revision, AgreementId(name)): Terms(terms["title"], terms["duty_contact"])
            for revision in set(revisions)
            for name, terms in _agreements(settings, revision).items()
        },
        clinician_lines={name: place.clinician_line for name, place in registry.places.items()},
        wish_types={spec.applies: name for name, spec in specs.items() if spec.applies is not None},
    )


def _of_lane(settings: Settings, topic: str, lane: int, read: ReadLane[Found]) -> list[Found]:
    reader = kafka.committed_reader(settings)
    try:
        low, _ = reader.get_watermark_offsets(kafka.at(topic, lane), timeout=_WATERMARKS_S)
        return read(
            lane, ((offset, block or b"") for offset, _, block in read_range(reader, topic, lane, low))
        )
    except KafkaException as error:
        raise DependencyError(KAFKA_UNREACHABLE) from error
    finally:
        reader.close()


def _names(leaf: Leaf, event_id: EventId) -> bool:
    try:
        return bool(json.loads(leaf.content)["event_id"] == event_id)
    except (ValueError, TypeError, KeyError):
        # It holds the id and cannot be read: whoever tells the story says so.
        return True


def _agreements(settings: Settings, revision: PolicyRevision) -> dict[str, Any]:
    try:
        data = json.loads((settings.policy_folder / revision / "data.json").read_bytes())
    except OSError:
        return {}
    return dict(data["agreements"])


def answers(server: str) -> bool:
    """Whether somebody listens at this `host:port`."""
    # Asked first: the client library complains at length of a port that nobody listens on.
    host, _, port = server.strip().rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), _REACH_S):
            return True
    except (OSError, ValueError):
        return False
