"""An NHS number in clear stays out of every text that goes where the number may not go (R36)."""

import base64
from collections.abc import Callable

import pytest

from broker.release.nhs_numbers import tainted_fields
from tests import builders
from tests.unit.release.events import event_of

TRIAGED = "crisis.triage.completed"
TEXTS = ("person.what_helps_now", "person.safety_needs", "person.call_now", "shareable_summary")


def tainted(**changes: object) -> frozenset[str]:
    record = builders.triaged(changes={name.replace("__", "."): one for name, one in changes.items()})
    return tainted_fields(event_of(TRIAGED, record))


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


@pytest.mark.parametrize("before", ["", "n", "nh", "nhs", "nhs="])
@pytest.mark.parametrize("number", ["9990000018", "999 000 0018"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_number_in_base64_is_found_wherever_it_begins(
    before: str, number: str, encode: Callable[[bytes], bytes]
) -> None:
    text = encode(f"{before}{number} \u00ff~".encode()).decode()
    for around in (text, text.rstrip("="), f"see {text}, please", f"id={text}", f"x{text}"):
        assert tainted(person__what_helps_now=around) == {"person.what_helps_now"}, around


@pytest.mark.parametrize(
    "text",
    [
        "".join(chr(0xFF10 + int(digit)) for digit in "9990000018"),
        "".join(chr(0x0660 + int(digit)) for digit in "9990000018"),
        "\uff19\uff19\uff19 000 0018",
    ],
)
def test_a_number_in_digits_of_another_script_is_found(text: str) -> None:
    assert tainted(person__what_helps_now=text) == {"person.what_helps_now"}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("known as 99900", "00018 and calm"),
        ("known as 999", "000 0018"),
        ("known as 999 000", "0018."),
        ("999000001", "8"),
        ("known as 99900 ", " 00018"),
    ],
)
def test_a_number_cut_over_two_texts_keeps_both(first: str, then: str) -> None:
    both = {"person.what_helps_now", "shareable_summary"}
    assert tainted(person__what_helps_now=first, shareable_summary=then) == both
    assert tainted(person__what_helps_now=then, shareable_summary=first) == both


def test_a_number_cut_inside_one_unit_keeps_the_unit() -> None:
    found = tainted(person__call_now={"role": "lead for 99900", "number": "00018"})
    assert found == {"person.call_now"}


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("known as 99900", "00019 and calm"),
        ("known as 99900.", "00018"),
        ("known as 199900", "00018"),
        ("known as 99900", "000181"),
        ("since 20.11.2026", "12 tablets"),
        ("ring 01632 960102", "01632 960199"),
    ],
)
def test_two_texts_that_show_none_together_are_not_kept(first: str, then: str) -> None:
    assert tainted(person__what_helps_now=first, shareable_summary=then) == frozenset()


def test_a_reference_is_no_half_of_a_number() -> None:
    assert tainted(incident_ref="99900", shareable_summary="00018 it says") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "9990000019",
        "OTk5MDAwMDAxOQ==",
        "Incomprehensibilities",
        "MDAwMDAw",
        "-_" * 20,
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
