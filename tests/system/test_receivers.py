"""Who gets what of each event type, and who does not, as the domain says it, through a whole exchange."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from broker.registry.topics import BROKER
from tests.builders import Person, Record
from tests.exchange import RunningExchange
from tests.faults.evidence import gather_leaves
from tests.property.canaries import nhs_number
from tests.system.publishing import publish_and_wait
from tests.system.receivers.cases import CASES, Telling, tellings
from tests.system.receivers.own import publish_own
from tests.system.receivers.rows import Row, faults, read_rows
from tests.system.rules import Desks, now_us

pytestmark = pytest.mark.exchange

FIRST_EVENT = 0x60 << 24
EVENTS_EACH = 16


@dataclass
class Season:
    """What was published for each (event type, case), and what each desk opened of it."""

    told: dict[tuple[str, str], Telling] = field(default_factory=dict)
    received: dict[tuple[str, str], list[Record]] = field(default_factory=lambda: defaultdict(list))
    """(event id, desk) -> the fields of each delivery"""

    def faults(self, row: Row) -> Iterable[str]:
        """Where a desk got something else than its row says."""
        record = self.told[row.event_type, row.case].record
        return faults(row, record, self.received.get((record["event_id"], row.desk), []))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return read_rows()


@pytest.fixture(scope="module")
def season(exchange: RunningExchange, rows: list[Row]) -> Season:
    season = Season()
    first: dict[str, list[Telling]] = defaultdict(list)
    then: dict[str, list[Telling]] = defaultdict(list)
    for at, (event_type, case) in enumerate(sorted({(row.event_type, row.case) for row in rows})):
        *before, last = tellings(
            event_type, CASES[case], _somebody(at), FIRST_EVENT + EVENTS_EACH * at, now_us()
        )
        season.told[event_type, case] = last
        for one in before:
            first[one.publisher].append(one)
        then[last.publisher].append(last)
    _publish(exchange, first)
    _publish(exchange, then)
    _open(exchange, season)
    return season


def _somebody(at: int) -> Person:
    name = f"Y{at:04d}"
    number = nhs_number(90_000 + 10 * at)
    return Person(number, f"NICHE-{name}", f"I-{name}", f"Receiver{at:04d}", "Alex", "1988-04-02")


def _publish(exchange: RunningExchange, by_agency: Mapping[str, list[Telling]]) -> None:
    def publish(agency: str) -> None:
        events = [(one.event_type, one.record) for one in by_agency[agency]]
        if agency == BROKER:
            publish_own(exchange, events)
            return
        replies = publish_and_wait(exchange, agency, events)
        for event_type, record in events:
            reply = replies[record["event_id"]]
            # Of an urgent event that nobody acts on its publisher is told so, after it was taken in (R42).
            taken_in = reply.status != "rejected"
            assert taken_in, (event_type, reply.status, reply.code)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish, by_agency))
    exchange.until_quiet()


def _open(exchange: RunningExchange, season: Season) -> None:
    mine = {one.record["event_id"] for one in season.told.values()}
    desks = Desks(exchange.folder)
    letters = {
        body["delivery_id"]: (desk, body["fields"])
        for desk in desks
        for letter in desks.letters(desk)
        for _, _, body in letter.payloads
        if "fields" in body
    }
    for leaf in gather_leaves(exchange.folder):
        delivery_id = leaf.record.get("delivery_id")
        if leaf.kind == "decision" and delivery_id is not None and leaf.record["event_id"] in mine:
            desk, fields = letters[delivery_id]
            season.received[leaf.record["event_id"], desk].append(fields)


def test_each_desk_gets_what_the_domain_says_and_nobody_else_does(season: Season, rows: list[Row]) -> None:
    found = [fault for row in rows for fault in season.faults(row)]
    print(f"\n{len(season.told)} events, {len(rows)} rows, {len(season.received)} deliveries")
    assert not found, "\n".join(found)
