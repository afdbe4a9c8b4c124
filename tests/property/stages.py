"""Every stage from an agency's envelope to a delivery's bytes, in memory, with the answers of a real OPA."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml

from broker.ask.client import Asked
from broker.domain.identifiers import AgencyId, DeskId, PolicyRevision
from broker.domain.question import Question
from broker.intake.take_in import Received, TakeIn
from broker.lanes.block import Entry, EntryKind, pack, unpack
from broker.lanes.state import Position, Taken
from broker.policy.compile import compile_policies
from broker.registry.agreements import load_agreements
from broker.registry.catalogue import load_catalogue
from broker.registry.keyring import KeyRing
from broker.registry.registry import DatedKey, make_registry
from broker.registry.topics import BROKER, from_topic
from broker.release.admit import Admitted, Matter, Passed, admit
from broker.release.book import Book, Place
from broker.release.means import Means, make_means
from broker.release.settle import Moment, Settled, Settler
from broker.settings import shipped
from broker.wire.envelope import Header, Payload, seal_envelope
from broker.wire.keys import OpeningKey, SigningKey
from tests.contract.opa_process import ask_of_bundle, opa_binary

REVISION = PolicyRevision("as-shipped")
LANES = 4


@dataclass(repr=False)
class Stages:
    """Some lanes' worth of stages with the policies as shipped. Times are microseconds since 1970."""

    folder: Path
    means: Means
    take_in: TakeIn
    signing: Mapping[str, SigningKey] = field(repr=False)
    today: str
    settler: Settler
    books: list[Book]
    _sequence: int = 0

    @classmethod
    def of_shipped(cls, folder: Path, today: str, schemas: Path | None = None) -> Self:
        """Fresh keys; the area, policies and, unless others are given, schemas as shipped."""
        folder.mkdir(parents=True, exist_ok=True)
        schemas = schemas or shipped("schemas")
        document = compile_policies(shipped("policies"), schemas)
        (folder / "data.json").write_text(json.dumps(document), encoding="utf-8")
        area = yaml.safe_load((shipped("policies") / "area.yaml").read_text(encoding="utf-8"))
        signing = {name: SigningKey.generate() for name in area["agencies"]}
        desks = [f"{name}/{role}" for name, entry in area["agencies"].items() for role in entry["desks"]]
        registry = make_registry(
            area,
            {AgencyId(name): [DatedKey(key.verify_key)] for name, key in signing.items()},
            {DeskId(desk): OpeningKey.generate().sealing_key for desk in desks},
        )
        keyring = KeyRing.generate(folder / "keys")
        policy = load_agreements(folder / "data.json")
        means = make_means(
            load_catalogue(schemas),
            registry,
            keyring,
            policy.agreements,
            policy.subscriptions,
            policy.interval_for,
            policy.responders,
            policy.clocks,
            LANES,
        )
        take_in = TakeIn(means.reader, keyring, LANES)
        return cls(folder, means, take_in, signing, today, Settler(means), _empty_books(keyring))

    def forget(self) -> None:
        """Begin with lanes that know nobody."""
        self.books = _empty_books(self.take_in.keyring)

    def publish(
        self, event_type: str, record: Mapping[str, Any], publisher: str, logged_at_us: int
    ) -> tuple[Entry, Admitted]:
        """Seal an event as its agency would, and take it as far as the questions it raises."""
        codec = self.means.catalogue.codecs[event_type]  # type: ignore[index]
        payload = Payload(codec.fingerprint, codec.encode(record))
        entries = self.entries([payload], publisher, logged_at_us)
        (entry,) = [one for one in entries if one.kind is not EntryKind.HEADER]
        return self.through_lanes(entry)

    def through_lanes(self, entry: Entry) -> tuple[Entry, Admitted]:
        """Admit an entry, and everything that lanes tell each other of it, until all is quiet.

        Returns:
            what became of the entry itself, in the lane that decides it.
        """
        interval, found, waiting = self.means.interval_for(self.today), None, [entry]
        while waiting:
            told = unpack(pack(waiting.pop(0)))
            book = self.books[self.means.lane_of(told.subject)]
            self._sequence += 1
            admitted = admit(self.means, book, Place(self._sequence, 0), told, interval)
            assert admitted is not None
            if not isinstance(admitted, Passed):
                assert found is None
                found = (told, admitted)
            waiting += admitted.sends if isinstance(admitted, Passed | Matter) else ()
        assert found is not None
        return found

    def entries(self, payloads: list[Payload], publisher: str, logged_at_us: int) -> list[Entry]:
        """What Intake makes of one envelope, as the lane reads it back."""
        self._sequence += 1
        key = self.signing[publisher]
        ingress = self.take_in.keyring.ingress.sealing_key
        topic = from_topic(AgencyId(publisher))
        ids = (key.key_id, ingress.key_id)
        header = Header(publisher, BROKER, topic, bytes(16), self._sequence, logged_at_us, *ids)
        sealed = seal_envelope(header, payloads, key, ingress)
        received = Received(topic, AgencyId(publisher), self._sequence, logged_at_us, sealed)
        return [unpack(pack(entry)) for _, entry in self.take_in.entries(received)]

    def settle(self, matter: Matter, asked: Asked, now_us: int) -> tuple[Settled, ...]:
        """Its decisions and deliveries, once its questions are answered."""
        return self.settler.settle(
            matter, asked.answers, asked.undecidable, Moment(now_us, self.today, REVISION, 0)
        )

    def opened(self, settled: Settled) -> dict[str, Any]:
        """The record of a delivery, read from its bytes."""
        assert settled.delivery is not None
        extent, event_type = settled.decision.extent, settled.decision.event_type
        codec = self.means.catalogue.delivery_codecs()[settled.delivery.fingerprint]
        assert (
            codec.schema["name"]
            == self.means.catalogue.delivery_codec("core" if extent == "core" else event_type).schema["name"]
        )
        return codec.decode(settled.delivery.body)

    async def ask(self, questions: list[Question]) -> Asked:
        """The answers of a real OPA that has the shipped rules."""
        return await ask_of_bundle(self._bundle(), questions, REVISION)

    def _bundle(self) -> Path:
        bundle = self.folder / "bundle.tar.gz"
        rules = [shipped("policies") / "sharing", self.folder / "data.json", "--ignore", "*.yaml"]
        command = [opa_binary(), "build", *rules, "--ignore", "*_test.rego", "-r", REVISION, "-o", bundle]
        subprocess.run(command, check=True, capture_output=True)
        return bundle


def _empty_books(keyring: KeyRing) -> list[Book]:
    return [Book(Taken(Position(0, REVISION), {}), keyring.placement) for _ in range(LANES)]


def given_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted name -> value of every field that a delivery holds."""
    found: dict[str, Any] = {}
    for key, value in record["fields"].items():
        if key in {"subject", "core", "person"}:
            found |= {f"{key}.{name}": one for name, one in value.items() if one is not None}
        elif value is not None:
            found[key] = value
    return found
