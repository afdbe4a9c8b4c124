"""A flow of events and wishes by seed: the same seed publishes the same events, ids and people."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests import builders
from tests.builders import Person
from tests.faults import due
from tests.faults.published import Due, Published

POLICE, POS, CRISIS, PERSON = "moor-police", "moor-pos", "northmoor-crisis", "moor-person"
# Every class that the agreement with the peer supporters names, so that a yes is a yes to all of it.
PEER_CLASSES = ["CT", "OP", "SF", "CL", "AU", "ST"]
AT_HOME = {"place_type": "private_dwelling", "description": None, "postcode": None, "map_reference": None}
NOTHING: frozenset[Due] = frozenset()


@dataclass(frozen=True, slots=True)
class Item:
    """One line to publish, and what the checker must know of it."""

    published: Published
    line: str = field(repr=False)

    @property
    def agency(self) -> str:
        """Whose topic it goes through."""
        return self.published.publisher


def nhs_number(number: int) -> str:
    """The `number`th sound NHS number that is never issued (999...); the check digit is modulo 11."""
    for nine in range(999_000_000 + number * 2, 999_999_999):
        digits = f"{nine:09d}"
        check = 11 - sum(int(digit) * (10 - at) for at, digit in enumerate(digits)) % 11
        if check != 10:
            return digits + str(check % 11)
    raise ValueError(number)


def person(number: int) -> Person:
    """An invented person; another for each number."""
    return Person(
        nhs_number(number), f"NICHE-{number}", f"I-{number}", "Example", f"Alex {number}", "1988-04-02"
    )


class Flow:
    """Makes items: each gets the next id, and an `occurred_at` one microsecond after the last."""

    def __init__(self, first_number: int = 1) -> None:
        self._number = first_number - 1
        self._base_us = (int(time.time()) - 3_600) * 1_000_000

    def triaged(self, who: Person, *, linked: bool = False, **changes: object) -> Item:
        """The crisis team has assessed somebody; with `linked`, in a police incident that it confirms."""
        place = str(changes.get("core.area", "northmoor"))
        return self._by_health("crisis.triage.completed", CRISIS, who, due.TRIAGED[place], linked, changes)

    def arrived(self, who: Person, *, linked: bool = False, **changes: object) -> Item:
        """Somebody has arrived at the place of safety; with `linked`, out of a police incident."""
        return self._by_health("pos.s136.arrived", POS, who, due.ARRIVED, linked, changes)

    def handed_over(self, who: Person) -> Item:
        """The place of safety has taken over from police, after an arrival that it linked."""
        published = {"due": NOTHING, "while_open": due.HANDED_OVER_TO_POLICE}
        return self._item("pos.s136.handover", POS, who, _nhs(who), {}, **published)

    def ended(self, who: Person) -> Item:
        """The detention has ended, after an arrival that linked it: police in it hear of it always (R21)."""
        return self._item("pos.s136.ended", POS, who, _nhs(who), {}, due=due.ENDED)

    def taken_on(self, who: Person) -> Item:
        """The crisis team has taken somebody on, whichever referral it was."""
        changes = {"person.referral": None}
        published = {"due": due.TAKEN_ON, "accepts": True}
        return self._item("crisis.referral.accepted", CRISIS, who, _nhs(who), changes, **published)

    def detained(self, who: Person, *, at_home: bool = False, **changes: object) -> Item:
        """Police detain somebody whom they know by a reference of their own; at home the law forbids it."""
        published: dict[str, Any] = {"due": due.DETAINED}
        if at_home:
            changes["person.found_at"] = AT_HOME
            published["alerts"] = frozenset({"section_136_in_private_dwelling"})
        return self._item("police.s136.detained", POLICE, who, _reference(who), changes, **published)

    def called(self, who: Person) -> Item:
        """Police were called about somebody and do not go: somebody must take the person on."""
        published = {"due": due.CALLED, "referral": True}
        return self._item("police.mh_call.triaged", POLICE, who, _reference(who), {}, **published)

    def closed(self, who: Person) -> Item:
        """Police close the incident that somebody is in."""
        published = {"due": due.CLOSED, "closes": True}
        return self._item("police.incident.closed", POLICE, who, _incident(who), {}, **published)

    def wish(self, who: Person, kind: str) -> Item:
        """The person's own word about the peer supporters: `permission`, `withdrawal` or `objection`."""
        event_type = {
            "permission": "person.permission.given",
            "withdrawal": "person.permission.withdrawn",
            "objection": "person.objection.raised",
        }[kind]
        classes = PEER_CLASSES if kind == "permission" else []
        changes: dict[str, object] = {"person.scope_classes": classes}
        return self._item(event_type, PERSON, who, _nhs(who), changes, due=NOTHING, wish=kind)

    def marked(self, who: Person, *, lifted: bool = False, by_police: bool = False) -> Item:
        """Nobody may be told where somebody is, or may again; as the person says, or as police note."""
        act = "lifted" if lifted else "set"
        changes = {"subject.nhs_number": None, "subject.local_ref": who.police_ref} if by_police else {}
        agency, subject = (POLICE, _reference(who)) if by_police else (PERSON, _nhs(who))
        published = {"due": NOTHING, "wish": f"restriction_{act}"}
        return self._item(f"person.restriction.{act}", agency, who, subject, changes, **published)

    def _by_health(
        self,
        event_type: str,
        agency: str,
        who: Person,
        always: frozenset[Due],
        linked: bool,
        changes: dict[str, object],
    ) -> Item:
        published: dict[str, Any] = {"due": always}
        if linked:
            published |= {"while_open": due.TO_POLICE[event_type], "links": (_reference(who), _incident(who))}
        else:
            changes["person.police_link"] = None
        return self._item(event_type, agency, who, _nhs(who), changes, **published)

    def _item(
        self,
        event_type: str,
        agency: str,
        who: Person,
        subject: str,
        changes: Mapping[str, object],
        **published: Any,
    ) -> Item:
        self._number += 1
        at_us = self._base_us + self._number
        record = builders.BUILDERS[event_type](who, number=self._number, at_us=at_us, changes=changes)
        one = Published(record["event_id"], agency, subject, self._number, occurred_at_us=at_us, **published)
        return Item(one, builders.line(event_type, record))


def _nhs(who: Person) -> str:
    return f"nhs:{who.nhs_number}"


def _reference(who: Person) -> str:
    return f"ref:{POLICE}:{who.police_ref}"


def _incident(who: Person) -> str:
    return f"incident:{POLICE}:{who.incident_ref}"
