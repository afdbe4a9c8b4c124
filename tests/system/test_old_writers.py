"""Old writers and old readers through a running exchange whose language has grown since they took theirs.

The exchange runs a language in which a triage may also tell `person.noted` (version 1.1.0), and an agreement
that names it. Agencies have the schemas of before, or of now.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from broker.domain.identifiers import DeskId, EventType
from broker.settings import shipped
from broker.wire.avro import Codec
from broker.wire.versions import VERSIONS, Recorded, kept, read_versions
from consumers.kit.delivery import Delivery
from consumers.kit.inbox import Inbox
from consumers.kit.line import OutgoingEvent
from consumers.kit.outbox import Outbox
from consumers.kit.replies import ReplyWatch
from tests import builders
from tests.builders import SCHEMAS, Person
from tests.exchange import RunningExchange, language_in, wait_until
from tests.system.rules import Night
from tests.unit.schemas.evolving import TRIAGED, agreeing, evolve, record_versions, recorded
from tests.unit.schemas.seeding import TEXT, put
from tests.vectors.make_event_vectors import known

pytestmark = pytest.mark.exchange

CRISIS, SUITE = "northmoor-crisis", "moor-pos/s136-suite"
NOTED = "person.noted"
TOLD = "Zq7xNoted"

RECORDED = read_versions(SCHEMAS / VERSIONS)
OLDER = [
    (name, one)
    for name, versions in RECORDED.items()
    for one in kept(versions, builders.codec(name).fingerprint)
    if one.fingerprint != builders.codec(name).fingerprint
]
"""Every version of the shipped language that is not today's and is still taken"""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("grown")
    schemas = recorded(folder, every=True)
    evolve(schemas, TRIAGED, put("noted", ["null", TEXT]))
    record_versions(schemas)
    policies = Path(shutil.copytree(shipped("policies"), folder / "policies"))
    agreeing(policies, "crisis-and-place-of-safety", TRIAGED, NOTED)
    environment = {"CANDOUR_SCHEMAS": str(schemas), "CANDOUR_POLICIES": str(policies)}
    with RunningExchange(folder / "exchange", lanes=2, environment=environment) as exchange:
        night = Night(exchange)
        yield night
        night.close()


@pytest.fixture(scope="module")
def tonight(exchange: RunningExchange) -> Iterator[Night]:
    """On the language and policies as shipped."""
    night = Night(exchange)
    yield night
    night.close()


@pytest.mark.parametrize(
    ("event_type", "recorded"), OLDER, ids=[f"{name} {one.version}" for name, one in OLDER]
)
def test_every_older_version_of_the_shipped_language_is_taken_in_and_delivered(
    event_type: str, recorded: Recorded, tonight: Night
) -> None:
    person, codec = tonight.somebody(), Codec(recorded.schema)
    agency = builders.PUBLISHERS[event_type]
    record = tonight.record(event_type, person)
    body = codec.encode(known(codec.shape, record))
    event = OutgoingEvent(record["event_id"], EventType(event_type), recorded.fingerprint, body)
    profile = tonight.exchange.profile(agency)
    with ReplyWatch(profile, language_in(profile.schemas)) as watch:
        with Outbox(profile) as outbox:
            outbox.publish([event])
        (reply,) = watch.replies({record["event_id"]}, 60)
    assert (reply.status, reply.code) == ("accepted", None)
    became = tonight.became(record)
    assert [one for one in became.values() if one.delivery is not None and len(one.given) > 4]


def has_schemas_of(night: Night, agency: str, *, before: bool) -> None:
    """Give an agency the language of before it grew, or of now."""
    place = night.exchange.folder / "agencies" / agency
    old = place / "schemas-of-before"
    if before and not old.exists():
        # With what deliveries were before, as an agency is handed them: replies come in the oldest version.
        shutil.copytree(SCHEMAS, old)
    document = json.loads((place / "agency.json").read_text(encoding="utf-8"))
    document["schemas"] = old.name if before else "schemas"
    (place / "agency.json").write_text(json.dumps(document), encoding="utf-8")


def noted(night: Night, person: Person) -> dict[str, Any]:
    """Publish a triage that tells the new field; its event id and the reply's status."""
    record = night.record(TRIAGED, person)
    line = json.loads(builders.line(TRIAGED, record))
    line["person"]["noted"] = TOLD
    night.exchange.publish(CRISIS, [json.dumps(line)])
    return record


def received(night: Night, desk: str) -> tuple[list[Delivery], list[str]]:
    """What the desk's kit hands out by now that it had not taken, and the codes of what it could not."""
    profile = night.exchange.profile(desk.partition("/")[0])
    with Inbox(profile, language_in(profile.schemas), DeskId(desk)) as inbox:
        found = [one for one in inbox.deliveries(follow=False) if isinstance(one, Delivery)]
        return [one for one in found if one.event_type == TRIAGED], [one.code for one in inbox.refused]


def delivered(night: Night, event_id: str) -> int:
    """How many desks the event was delivered to, by the decisions on record."""
    return sum(one.delivery is not None for one in night.became({"event_id": event_id}).values())


def test_an_event_of_an_older_version_is_taken_in_and_delivered(night: Night) -> None:
    has_schemas_of(night, CRISIS, before=True)
    profile = night.exchange.profile(CRISIS)
    assert NOTED.partition(".")[2] not in str(language_in(profile.schemas).events[TRIAGED].schema)  # type: ignore[index]
    record = night.tell(TRIAGED, night.somebody())
    at_suite = night.at(record, SUITE)
    assert at_suite.outcome == "delivered"
    assert "person.safety_needs" in at_suite.given
    assert NOTED not in at_suite.given


def test_a_desk_reads_on_with_older_schemas_while_nothing_new_is_told(night: Night) -> None:
    for before in (True, False):
        has_schemas_of(night, CRISIS, before=before)
        has_schemas_of(night, "moor-pos", before=True)
        night.tell(TRIAGED, night.somebody())
        (*_, last), refused = received(night, SUITE)
        assert refused == []
        assert last.fields["person.safety_needs"]


def test_what_older_schemas_cannot_say_is_kept_until_they_are_renewed(night: Night) -> None:
    has_schemas_of(night, CRISIS, before=False)
    has_schemas_of(night, "moor-pos", before=True)
    received(night, SUITE)
    record = noted(night, night.somebody())
    wait_until(lambda: delivered(night, record["event_id"]) > 0, 30, "the triage is decided")
    assert received(night, SUITE) == ([], ["schema_unknown"])
    assert received(night, SUITE) == ([], ["schema_unknown"])
    has_schemas_of(night, "moor-pos", before=False)
    (late,), refused = received(night, SUITE)
    assert refused == []
    assert late.fields[NOTED] == TOLD
    assert received(night, SUITE) == ([], [])
