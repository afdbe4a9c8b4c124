"""An NHS number in clear stays out of every text that goes where the number may not go (R36)."""

import pytest

from broker.release.minimise import tainted_fields
from tests import builders
from tests.unit.release.events import catalogue, event_of

TRIAGED = "crisis.triage.completed"
TEXTS = ("person.what_helps_now", "person.safety_needs", "person.call_now", "shareable_summary")


def tainted(**changes: object) -> frozenset[str]:
    record = builders.triaged(changes={name.replace("__", "."): one for name, one in changes.items()})
    body = catalogue().codecs[TRIAGED].encode(record)  # type: ignore[index]
    return frozenset(tainted_fields(event_of(TRIAGED, record), body))


@pytest.mark.parametrize(
    "text",
    [
        "9990000018",
        "NHS 9990000018, ring her sister",
        "nhs9990000018x",
        "999 000 0018",
        "999-000-0018",
        "999.000.0018",
        "999  000  0018",
        "999\u00a0000\u00a00018",
        "999 - 000 - 0018",
        "999\u2013000\u20130018",
        "(999) 000 0018",
        "999\U0001f319\U0001f319\U0001f319000 0018",
    ],
)
def test_a_text_that_holds_a_number_is_found_however_it_is_grouped(text: str) -> None:
    assert tainted(person__what_helps_now=text) == {"person.what_helps_now"}


@pytest.mark.parametrize(
    "text",
    [
        "9990000019",
        "99900000181",
        "19990000018",
        "01632 960199",
        "2026-11-20 23:41",
        "019aa3f2-7c00-7000-8000-000000000003",
        "no number at all",
    ],
)
def test_a_text_that_holds_none_is_not(text: str) -> None:
    assert tainted(person__what_helps_now=text) == frozenset()


def test_a_part_of_a_record_counts_for_the_whole_unit() -> None:
    found = tainted(person__call_now={"role": "lead for 9990000018", "number": "01632 960102"})
    assert found == {"person.call_now"}


def test_the_field_that_is_the_number_is_the_tables_business_not_a_taint() -> None:
    assert tainted(subject__nhs_number="9990000018") == frozenset()


def test_an_event_id_that_happens_to_spell_a_number_taints_nothing() -> None:
    found = tainted(event_id="019aa3f2-7c00-7000-8000-0a9990000018", subject__phone="020 7946 0018 22")
    assert found == frozenset()
