"""Feeds bad inputs to the kit, to Intake and to the lanes in memory, and keeps every word said of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from broker.domain.identifiers import AgencyId, EventType
from broker.domain.vocabulary import AgencyKind
from broker.errors import ConfigurationError, PayloadError
from broker.intake.take_in import Received
from broker.lanes.block import Entry, EntryKind
from broker.registry.topics import BROKER, from_topic
from broker.release.admit import Matter, Refused, Repeated
from broker.wire.envelope import Payload
from consumers.kit.language import read_language
from consumers.kit.line import LineError, read_line
from consumers.kit.profile import Profile
from tests import builders
from tests.builders import Record
from tests.property.canaries import MARK, nhs_number
from tests.property.stages import Stages
from tests.system.envelopes import Forge

NOW_US: Final = 1_795_219_200_000_000
ARRIVED, GIVEN, DETAINED = "pos.s136.arrived", "person.permission.given", "police.s136.detained"
PLANNED: Final = {"setting": "planned", "purpose": "P2"}
URGENT: Final = {"setting": "urgent"}
TAKEN: Final = "accepted"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one input, and everything that was said of it."""

    code: str
    words: str = ""


Answers = Mapping[str, Told]
"""column of the corpus -> what was told there"""
Case = Callable[["Gate"], Answers]
CASES: dict[str, Case] = {}
"""number of the corpus -> what feeds it"""


def case(number: str) -> Callable[[Case], Case]:
    """Register what feeds this input of the corpus."""

    def register(feed: Case) -> Case:
        assert number not in CASES, number
        CASES[number] = feed
        return feed

    return register


class Gate:
    """The way in, without Kafka: bytes that an agency's topic may hold, lines that its programs may write."""

    def __init__(self, folder: Path) -> None:
        self.stages = Stages.of_shipped(folder, "2026-11-20")
        self.language = read_language(builders.SCHEMAS)
        self.planted: set[str] = {MARK}
        """parts of bad inputs that nobody may repeat"""
        self._made = 0

    def somebody(self) -> builders.Person:
        """Somebody of whom nobody here has heard; every text of theirs is a canary."""
        self._made += 1
        number = nhs_number(70_000 + 2 * self._made)
        self.planted.add(number)
        mark = f"{MARK}{self._made}"
        return builders.Person(
            number, f"{mark}-P", f"{mark}-I", f"{mark}Family", f"{mark}Given", "1988-04-02"
        )

    def event(self, event_type: str = ARRIVED, **changes: Any) -> Record:
        """A good event but for the changes (`subject__nhs_number=...`), with an id of its own."""
        self._made += 1
        dotted = {name.replace("__", "."): value for name, value in changes.items()}
        usual: dict[str, Any] = {}
        if event_type == ARRIVED:
            usual = {"shareable_summary": f"{MARK} summary"}
        elif event_type == GIVEN:
            usual = {"person.scope_classes": ["OP"]}
        made = builders.BUILDERS[event_type]
        return made(self.somebody(), number=self._made, at_us=NOW_US, changes=usual | dotted)

    def encoded(self, event_type: str = ARRIVED, **changes: Any) -> bytes:
        """The same, as Avro."""
        return builders.codec(event_type).encode(self.event(event_type, **changes))

    def good(self) -> Payload:
        """A payload with nothing wrong."""
        return Payload(builders.codec(ARRIVED).fingerprint, self.encoded())

    def forge(self, agency: str = "moor-pos") -> Forge:
        """Seals what it is told to, in the name of this agency."""
        ingress = self.stages.take_in.keyring.ingress.sealing_key
        name = AgencyId(agency)
        of_agency = SimpleNamespace(
            agency=name,
            exchange=BROKER,
            topic=from_topic(name),
            signing_key=self.stages.signing[agency],
            sealing_key=ingress,
        )
        return Forge(cast("Profile", of_agency))

    def taken(self, value: bytes | None, agency: str = "moor-pos", stages: Stages | None = None) -> Told:
        """Let Intake take in one record of this agency's topic."""
        name = AgencyId(agency)
        received = Received(from_topic(name), name, 7, NOW_US, value)
        entries = [entry for _, entry in (stages or self.stages).take_in.entries(received)]
        return said([entry for entry in entries if entry.kind is not EntryKind.HEADER])

    def payload(self, fingerprint: bytes, body: bytes, agency: str = "moor-pos") -> Told:
        """Seal one payload soundly and let Intake take it in."""
        return self.taken(self.forge(agency).seal([Payload(fingerprint, body)]), agency)

    def body(self, body: bytes, event_type: str = ARRIVED) -> Told:
        """Bytes that stand where an event of this type should."""
        return self.payload(builders.codec(event_type).fingerprint, body, publisher(event_type))

    def record(self, event_type: str = ARRIVED, agency: str = "", **changes: Any) -> Told:
        """An event that any writer could have written."""
        fingerprint = builders.codec(event_type).fingerprint
        return self.payload(fingerprint, self.encoded(event_type, **changes), agency or publisher(event_type))

    def line(self, text: str, event_type: str = ARRIVED, kind: AgencyKind | None = None) -> Told:
        """Let the kit read a line."""
        registry = self.stages.means.reader.registry
        try:
            event = read_line(text, 3, self.language, kind or registry.kind(AgencyId(publisher(event_type))))
        except LineError as error:
            return Told(error.code, f"{error} {error.fields} {error!r}")
        return Told("field_dropped" if event.notices else TAKEN, f"{event!r}")

    def written(self, event_type: str, name: str, value: Any, kind: AgencyKind | None = None) -> Told:
        """A good line in which `value`, of any JSON type, stands at `name`."""
        settled = {} if event_type == GIVEN else PLANNED
        given = json.loads(builders.line(event_type, self.event(event_type, **settled)))
        *parents, key = name.split(".")
        inside = given
        for parent in parents:
            inside = inside[parent]
        inside[key] = value
        return self.line(json.dumps(given), event_type, kind)

    def everywhere(self, name: str, value: Any, event_type: str = ARRIVED, *, kit: Any = None) -> Answers:
        """`value` at `name` of a planned event, of an urgent one and of a line (there `kit`, if given)."""
        at = name.replace(".", "__")
        planned = PLANNED if event_type == ARRIVED else {"setting": "planned"}
        return {
            "code": self.record(event_type, **{at: value}, **planned),
            "when urgent": self.record(event_type, **{at: value}, **URGENT),
            "at the kit": self.written(event_type, name, value if kit is None else kit),
        }

    def bytes_both(self, make: Callable[[dict[str, str]], bytes], event_type: str = ARRIVED) -> Answers:
        """Bytes made of a planned event and of an urgent one."""
        return {
            "code": self.body(make(PLANNED), event_type),
            "when urgent": self.body(make(URGENT), event_type),
        }

    def admitted(self, event_type: str, record: Record, later_us: int = 0, agency: str = "") -> Any:
        """What the lane makes of an event that Intake took in."""
        _, found = self.stages.publish(event_type, record, agency or publisher(event_type), NOW_US + later_us)
        return found


def publisher(event_type: str) -> str:
    """Who publishes this type here."""
    return builders.PUBLISHERS[EventType(event_type)]


def said(entries: list[Entry]) -> Told:
    """What Intake says of a record that holds one payload."""
    (entry,) = entries
    rejected = entry.kind is EntryKind.REJECTION
    # Reference and number of a good event are its subject, which an entry holds and does not print.
    words = f"{entry!r} {entry.code} {entry.fields}"
    return Told(entry.code if rejected else entry.code or TAKEN, words)


def of_lane(admitted: Any) -> Told:
    """What a lane says of an entry."""
    if isinstance(admitted, Repeated):
        return Told("repeated")
    if isinstance(admitted, Refused):
        return Told(admitted.code, f"{admitted.code} {admitted.fields} {admitted.cause}")
    assert isinstance(admitted, Matter)
    tainted = sorted(set(admitted.tainted.values()))
    return Told(tainted[0] if tainted else admitted.entry.code or TAKEN, f"{dict(admitted.tainted)}")


def refused_at_start(make: Callable[[], object]) -> Told:
    """What is never let into the language or the registry: `make` must refuse to start."""
    try:
        make()
    except ConfigurationError as error:
        return Told("refused_at_start", str(error))
    return Told(TAKEN)


def read(decode: Callable[[], object]) -> Told:
    """What a codec says."""
    try:
        decode()
    except PayloadError as error:
        return Told(error.code, f"{error} {error.fields} {error.__cause__}")
    return Told(TAKEN)


def with_keys(stages: Stages, agency: str, keys: tuple[Any, ...]) -> Stages:
    """The same stages where this agency has these dated keys besides its own."""
    take_in = stages.take_in
    registry = take_in.reader.registry
    name = AgencyId(agency)
    entry = registry.agencies[name]
    more = replace(entry, verify_keys=(*entry.verify_keys, *keys))
    changed = replace(registry, agencies={**registry.agencies, name: more})
    reader = replace(take_in.reader, registry=changed)
    return replace(stages, take_in=replace(take_in, reader=reader))
