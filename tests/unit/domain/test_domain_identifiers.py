"""Identifiers have one spelling: a second would be a second person, whose wishes nobody looks up."""

import pytest

from broker.domain.identifiers import DeskId, EventId, agency_of, event_id_bytes, is_nhs_number, role_of
from broker.errors import PayloadError
from tests import builders


@pytest.mark.parametrize("number", [person.nhs_number for person in builders.PEOPLE])
def test_a_number_that_satisfies_modulus_11_is_one(number: str) -> None:
    assert is_nhs_number(number)


@pytest.mark.parametrize(
    "text",
    [
        "9990000019",
        "999000001",
        "99900000180",
        "999 000 0018",
        "9990000018\n",
        " 9990000018",
        "99900000\uff11\uff18",
        "\u0669\u0669\u06690000018",
        "9990000018\0",
        "",
    ],
)
def test_no_other_spelling_of_a_number_is_one(text: str) -> None:
    assert not is_nhs_number(text)


def test_every_wrong_digit_and_most_swaps_are_noticed() -> None:
    number = builders.PEOPLE[0].nhs_number
    wrong = {number[:at] + digit + number[at + 1 :] for at in range(10) for digit in "0123456789"} - {number}
    assert not any(map(is_nhs_number, wrong))
    swapped = {number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(9)} - {number}
    assert not any(map(is_nhs_number, swapped))


def test_a_check_digit_of_ten_is_no_number() -> None:
    numbers = [first for first in range(999_000_000, 999_000_200) if _check(first) == 10]
    assert numbers
    assert not any(is_nhs_number(f"{first}{last}") for first in numbers for last in range(10))


def _check(first: int) -> int:
    return (11 - sum(int(d) * w for d, w in zip(str(first), range(10, 1, -1), strict=True)) % 11) % 11


def test_an_event_id_has_16_bytes_in_one_spelling() -> None:
    event_id = EventId(builders.event_id(7))
    assert event_id_bytes(event_id).hex() == event_id.replace("-", "")
    for other in (
        event_id.upper(),
        event_id.replace("-", ""),
        f"{{{event_id}}}",
        event_id[:-1],
        f"{event_id} ",
    ):
        with pytest.raises(PayloadError, match="event_id_invalid"):
            event_id_bytes(EventId(other))


def test_a_desk_is_an_agency_and_a_role_in_it() -> None:
    desk = DeskId("northmoor-crisis/crisis-line")
    assert (agency_of(desk), role_of(desk)) == ("northmoor-crisis", "crisis-line")
