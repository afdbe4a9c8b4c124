"""Builds wishes and restrictions, of invented people."""

from collections.abc import Mapping
from typing import Any

from tests.builders_frame import HOUR_US, OCCURRED_AT_US, PEOPLE, Person, Record, changed, frame


def permission_given(
    person: Person = PEOPLE[0],
    *,
    number: int = 4,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.permission.given` in the person's own channel: for the peer supporters, P1, valid a year.

    Args: as of `detained`.
    """
    record = _wish(person, number, at_us)
    record["person"] |= {"valid_until": at_us + 365 * 24 * HOUR_US}
    return changed(record, changes)


def permission_withdrawn(
    person: Person = PEOPLE[0],
    *,
    number: int = 5,
    at_us: int = OCCURRED_AT_US + HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.permission.withdrawn` in the person's own channel: takes back what `permission_given` gave.

    Args: as of `detained`.
    """
    return changed(_wish(person, number, at_us), changes)


def objection_raised(
    person: Person = PEOPLE[0],
    *,
    number: int = 6,
    at_us: int = OCCURRED_AT_US + HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.objection.raised` in the person's own channel: nothing for P1 to the peer supporters.

    Args: as of `detained`.
    """
    return changed(_wish(person, number, at_us), changes)


def _wish(person: Person, number: int, at_us: int) -> Record:
    record = frame(person, number, at_us, setting="planned", purpose="P12", need="update")
    record |= {"author_role": None, "episode_ref": None, "capacity": "has", "shareable_summary": None}
    record["person"] = {
        "scope_purposes": ["P1"],
        "scope_recipients": ["northmoor-crisis/peer"],
        "scope_classes": [],
        "how": "portal",
        "taken_by_role": None,
        "capacity_ok": "yes",
        "valid_until": None,
        "info_given_version": "2026-04",
    }
    return record


def restriction_set(
    person: Person = PEOPLE[0],
    *,
    number: int = 25,
    at_us: int = OCCURRED_AT_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.restriction.set` in the person's own channel: nobody is told where the person is, for a year.

    Args: as of `detained`.
    """
    return changed(_restriction(person, number, at_us), changes)


def restriction_lifted(
    person: Person = PEOPLE[0],
    *,
    number: int = 26,
    at_us: int = OCCURRED_AT_US + HOUR_US,
    changes: Mapping[str, Any] | None = None,
) -> Record:
    """`person.restriction.lifted` in the person's own channel: takes back what `restriction_set` set.

    Args: as of `detained`.
    """
    return changed(_restriction(person, number, at_us), changes)


def _restriction(person: Person, number: int, at_us: int) -> Record:
    record = frame(person, number, at_us, setting="planned", purpose="P12", need="update")
    record |= {"author_role": None, "episode_ref": None, "capacity": "has", "shareable_summary": None}
    record["person"] = {
        "marker": "location_withheld",
        "reason_code": "person_asked",
        "valid_until": at_us + 365 * 24 * HOUR_US,
    }
    return record
