"""A small exchange with Intake before it, two of whose holders act on what is in quarantine."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from broker.cli.two_people import agree, ask, carries
from broker.domain.identifiers import AgencyId
from broker.domain.quarantine import ActReason, QuarantineAct, Request
from broker.intake.take_in import Received, TakeIn
from broker.registry.event_reader import EventReader
from broker.registry.topics import from_topic
from broker.wire.envelope import Header, Payload, seal_envelope
from broker.wire.kept import Kept
from broker.wire.keys import SigningKey
from broker.wire.quarantine_act import ACT_CODEC
from consumers.kit.event_ids import new_event_id
from tests import builders
from tests.unit.release.small_exchange import CALL, MINUTE_US, SmallExchange

T0 = builders.OCCURRED_AT_US + 2 * MINUTE_US
POLICE, GOVERNANCE = AgencyId("moor-police"), AgencyId("moor-governance")
SECRET = "nobody may read this text"
Item = tuple[dict[str, Any], bytes]


class World:
    """A small exchange with Intake before it."""

    def __init__(self, folder: Path) -> None:
        self.exchange = SmallExchange(folder)
        self.now_us = T0
        self._offset = 0

    def put(
        self, agency: AgencyId, payloads: Sequence[Payload], signing_key: SigningKey | None = None
    ) -> None:
        """One envelope, through Intake and every lane it reaches."""
        key = signing_key or self.exchange.signing[agency]
        ingress = self.exchange.keyring.ingress
        header = Header(
            agency,
            "candour",
            from_topic(agency),
            bytes(16),
            self._offset,
            self.now_us,
            key.key_id,
            ingress.key_id,
        )
        self.arrive(agency, seal_envelope(header, payloads, key, ingress.sealing_key))

    def arrive(self, agency: AgencyId, value: bytes) -> None:
        """Any bytes in an agency's topic."""
        self._offset += 1
        self.now_us += 1
        means = self.exchange.means
        take_in = TakeIn(EventReader(means.catalogue, means.registry), means.keyring, means.lanes)
        received = Received(from_topic(agency), agency, self._offset, self.now_us, value)
        for lane, entry in take_in.entries(received):
            self.exchange.work(lane, [entry], self.now_us)

    def bad(self, number: int = 7) -> Item:
        """A call with a byte too many: in quarantine."""
        one = call(number)
        self.put(POLICE, [Payload(one.fingerprint, one.body + b"\0")])
        return self.last()

    def last(self) -> Item:
        """What came into quarantine last."""
        return [one for one in self.exchange.quarantine if "kept" in one[0]][-1]

    def request(self, item: Item, act: str, first: str = "ig-lead", **changes: Any) -> Request:
        record, _ = item
        asked = Request(
            new_event_id(),
            self.now_us,
            QuarantineAct(act),
            record["quarantine_id"],
            bytes.fromhex(record["kept_sha256"]),
            ActReason.MENDED,
            first,
        )
        return replace(asked, **changes)

    def act(
        self, item: Item, act: str, first: str = "ig-lead", second: str = "operations-lead"
    ) -> Kept | None:
        """Both holders do their part, and governance publishes it."""
        payloads, kept = self.both(item, self.request(item, act, first), second)
        self.put(GOVERNANCE, payloads)
        return kept

    def both(self, item: Item, request: Request, second: str) -> tuple[list[Payload], Kept | None]:
        holders, sealed = self.exchange.means.registry.holders, item[1]
        asked = ask(request, item[0], sealed, self.exchange.holders[request.first], holders)
        body, kept = agree(asked, self.exchange.holders[second], holders)
        return [Payload(ACT_CODEC.fingerprint, body), *carries(request.act, kept)], kept

    def told(self) -> dict[str, Any]:
        """The last reply to governance."""
        return [one for desk, one in self.exchange.replies if desk.startswith(GOVERNANCE)][-1]

    def books(self) -> tuple[int, int, int, int]:
        """Quarantined, kept, resubmitted, discarded: of all lanes; checked against each other."""
        places = [book.position for book in self.exchange.books]
        kept = sum(book.kept_payloads for book in self.exchange.books)
        all_, again, ended = (
            sum(getattr(one, name) for one in places) for name in ("quarantined", "resubmitted", "discarded")
        )
        assert all_ == kept + again + ended
        return all_, kept, again, ended

    def acts(self) -> list[str]:
        return [one["act"] for one, _ in self.exchange.quarantine if "act" in one]

    def mend(self, **parts: Any) -> None:
        """From now on the exchange knows something more."""
        means = self.exchange.means
        for name, value in parts.items():
            object.__setattr__(means, name, value)
            object.__setattr__(means.reader, name, value)


def call(number: int = 7) -> Payload:
    codec = builders.codec(CALL)
    record = builders.call_triaged(number=number, changes={"shareable_summary": SECRET})
    return Payload(codec.fingerprint, codec.encode(record))
