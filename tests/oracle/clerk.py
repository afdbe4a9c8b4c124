"""What a careful clerk would know of each person so far: wishes, incidents, custody, markers."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.oracle.sources import SCHEMAS, is_number, kind_of

Event = Mapping[str, Any]
HOUR_US = 3_600_000_000
# Kinds whose NHS number names the person; anybody else's is a hint (R36).
BY_NUMBER = {
    *("crisis", "place_of_safety", "cmht", "social_care", "children_social_care"),
    *("ambulance", "ed", "gp", "person"),
}
# R18: "bed, AMHP or doctor availability" are no grounds; these two are about the person's condition.
EXTENSION_GROUNDS = {"condition_unfit", "assessment_started_not_complete"}
DANGER = {"life_risk", "serious_harm"}


class Facts(NamedTuple):
    """What is known of the person of one event, at its place."""

    wishes: tuple[Event, ...] = ()  # oldest first: kind, by, purposes, recipients, classes, valid_until
    incidents: tuple[Event, ...] = ()  # in order of their links: force, ref, ends_us, custody_ends_us
    custody_since_us: int | None = None
    custody_ends_us: int = 0
    held_until_us: int | None = None  # as told; None: nobody has said yet
    extended_hours: int = 0  # lawfully: R17
    markers: frozenset[str] = frozenset()
    deceased: bool = False  # a notice of death stands (R51)
    sound: bool = True  # that the identifier names this person


@dataclass
class _Known:
    wishes: list[Event] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    markers: list[tuple[str, int | None]] = field(default_factory=list)
    custody: tuple[int, int | None] | None = None
    extended_hours: int = 0
    deceased: bool = False
    family_name: str = ""
    date_of_birth: str = ""


class Clerk:
    """Keeps, for the oracle, what an event changes. Written from domain.md R3, R17, R24, R34, R36, R53."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = defaultdict(_Known)
        self._same: dict[str, str] = {}
        self._closed: dict[tuple[str, str], int] = {}

    def hears(self, event_type: str, event: Event, publisher: str, logged_at_us: int) -> Facts | None:
        """Note what follows from the event, and tell what is known at its place. None: it is refused."""
        schema, kind = SCHEMAS[event_type], kind_of(publisher)
        about_person = bool(schema.get("wish_kind") or schema.get("marks"))
        sound = _is_sound(event, kind)
        if not sound and (event["setting"] == "planned" or about_person):
            # Half a wish, or a marker of nobody, is none: its publisher must hear of it at once.
            return None
        who = self._whom(event, publisher, sound=sound)
        known = self._known[who]
        if schema.get("about") == "incident":
            self._close(event, publisher, logged_at_us)
            return Facts(sound=sound)
        if not sound:
            return Facts(sound=False)
        if kind in BY_NUMBER and self._is_somebody_else(known, event, who):
            if schema.get("wish_kind") == "permission" or schema.get("marks") == "lifted":
                return None  # it would open what another person never opened
            if not about_person:
                return Facts(sound=False)
        link = self._note(known, event_type, event, publisher, logged_at_us)
        facts = self._facts(known, logged_at_us)
        if link is not None:
            # What the force's reference knew comes over behind the event that links it (design 2.3), and so
            # does word that the force has closed the incident before.
            self._join(known, link, who)
            known.incidents[-1]["heard_of_its_end"] = True
        return facts

    def _whom(self, event: Event, publisher: str, *, sound: bool) -> str:
        subject = event["subject"]
        if sound and kind_of(publisher) in BY_NUMBER and subject.get("nhs_number") is not None:
            return f"number {subject['nhs_number']}"
        if sound and subject.get("local_ref") is not None:
            own = f"{publisher} {subject['local_ref']}"
            return self._same.get(own, own)
        if event["incident_ref"] is not None:
            return f"incident {publisher} {event['incident_ref']}"
        return f"event {event['event_id']}"

    def _is_somebody_else(self, known: _Known, event: Event, who: str) -> bool:
        """Name and birth date are both known, and both others: the number is somebody else's (R36)."""
        if not who.startswith("number"):
            return False
        name = "".join(filter(str.isalpha, (event["subject"].get("family_name") or "").casefold()))
        born = event["subject"].get("date_of_birth") or ""
        if name and born and known.family_name and known.date_of_birth:
            length = min(len(born), len(known.date_of_birth))
            if name != known.family_name and born[:length] != known.date_of_birth[:length]:
                return True
        return False

    def _note(
        self, known: _Known, event_type: str, event: Event, publisher: str, logged_at_us: int
    ) -> Event | None:
        """Keep what the event changes; returns the police link that it makes, if any."""
        schema, person = SCHEMAS[event_type], event["person"]
        if schema.get("wish_kind"):
            known.wishes.append(_wish(schema["wish_kind"], publisher, person))
        elif schema.get("marks"):
            known.markers = [one for one in known.markers if one[0] != person["marker"]]
            if schema["marks"] == "set":
                known.markers.append((person["marker"], person["valid_until"]))
        else:
            self._identify(known, event, publisher)
            self._custody(known, event_type, event, logged_at_us)
            if event_type == "person.deceased":
                known.deceased = not person["notice_withdrawn"]
            # R53: the link is one act at the place of safety or the crisis desk, by those alone.
            if person.get("police_link") and kind_of(publisher) in {"place_of_safety", "crisis"}:
                return self._link(known, event_type, event, logged_at_us)
        return None

    def _identify(self, known: _Known, event: Event, publisher: str) -> None:
        subject = event["subject"]
        if kind_of(publisher) in BY_NUMBER and subject.get("nhs_number") is not None:
            name = "".join(filter(str.isalpha, (subject.get("family_name") or "").casefold()))
            known.family_name = known.family_name or name
            known.date_of_birth = known.date_of_birth or (subject.get("date_of_birth") or "")

    def _custody(self, known: _Known, event_type: str, event: Event, logged_at_us: int) -> None:
        """Custody as health records it, its end, and the handover that lets officers go (R9, R17, R21)."""
        told = {
            "pos.s136.arrived": self._arrived,
            "pos.s136.extended": self._extended,
            "pos.s136.ended": self._ended,
            "pos.s136.handover": self._handed_over,
        }.get(event_type)
        if told is not None:
            told(known, event, logged_at_us)

    def _arrived(self, known: _Known, event: Event, logged_at_us: int) -> None:
        since_us, was = _told(event, "arrived_at", logged_at_us), known.custody
        if was is not None and since_us < _custody_ends(was):
            since_us = min(since_us, was[0])  # a transfer does not start the clock again (R17)
        else:
            known.extended_hours = 0
        known.custody = (since_us, None)

    def _extended(self, known: _Known, event: Event, logged_at_us: int) -> None:
        # R17: up to 12 hours, for the person's condition only; how many was not told: all of them.
        person = event["person"]
        if known.custody and person["extension_reason"] in EXTENSION_GROUNDS:
            hours = 12 if person["extension_hours"] is None else min(person["extension_hours"], 12)
            known.extended_hours = max(known.extended_hours, hours)

    def _ended(self, known: _Known, event: Event, logged_at_us: int) -> None:
        ended_us = _told(event, "ended_at", logged_at_us)
        if known.custody is not None:
            known.custody = (known.custody[0], ended_us)
        for one in known.incidents:
            if one["custody"]:
                one["custody_ended_us"] = min(one["custody_ended_us"] or ended_us, ended_us)

    def _handed_over(self, known: _Known, event: Event, logged_at_us: int) -> None:
        # R3 counts from the handover. Where officers must stay on, it is not made before they are let go.
        person = event["person"]
        needed = person["police_presence_needed"] == "yes"
        over_us = person["released_at"] or (None if needed else person["accepted_at"])
        for one in known.incidents:
            if over_us is not None and one["custody"]:
                at_us = min(over_us, logged_at_us)
                one["handed_over_us"] = min(one["handed_over_us"] or at_us, at_us)

    def _link(self, known: _Known, event_type: str, event: Event, logged_at_us: int) -> Event | None:
        person, link = event["person"], event["person"]["police_link"]
        if kind_of(link["force"]) != "police":
            return None
        custody = event_type == "pos.s136.arrived"
        if not custody and person["threshold_confirmed"] not in DANGER:
            return None
        told = _told(event, "arrived_at", logged_at_us) if custody else None
        opened_us = min(event["occurred_at"], logged_at_us) if told is None else told
        for one in known.incidents:
            if (one["force"], one["ref"]) == (link["force"], link["incident_ref"]):
                # A second word on an incident does not open it anew (R3, R17).
                one["opened_us"] = min(one["opened_us"], opened_us)
                one["custody"] = one["custody"] or custody
                one["local_ref"] = link["local_ref"] or one["local_ref"]
                known.incidents.remove(one)
                known.incidents.append(one)
                return dict(link)
        ends = {"custody_ended_us": None, "handed_over_us": None, "opened_us": opened_us}
        names = {"force": link["force"], "ref": link["incident_ref"], "local_ref": link["local_ref"]}
        known.incidents.append({**names, **ends, "custody": custody, "heard_of_its_end": False})
        return dict(link)

    def _join(self, known: _Known, link: Event, who: str) -> None:
        """From now on what the force says of its reference is about this person, too (design 2.3)."""
        if link["local_ref"] is None:
            return
        own = f"{link['force']} {link['local_ref']}"
        if self._same.setdefault(own, who) == who and own in self._known:
            before = self._known.pop(own)
            known.wishes.extend(before.wishes)
            known.markers.extend(before.markers)

    def _close(self, event: Event, publisher: str, logged_at_us: int) -> None:
        if event["incident_ref"] is not None:
            key, at_us = (publisher, event["incident_ref"]), _told(event, "closed_at", logged_at_us)
            self._closed[key] = min(self._closed.get(key, at_us), at_us)

    def _facts(self, known: _Known, logged_at_us: int) -> Facts:
        in_force = {name for name, until in known.markers if until is None or logged_at_us < until}
        incidents = tuple(self._with_its_end(one) for one in known.incidents)
        since_us, ends_us, until_us = None, 0, None
        if known.custody is not None:
            since_us, ends_us, until_us = known.custody[0], _custody_ends(known.custody), known.custody[1]
        return Facts(
            tuple(known.wishes),
            incidents,
            since_us,
            ends_us,
            until_us,
            known.extended_hours,
            frozenset(in_force),
            known.deceased,
        )

    def _with_its_end(self, one: Event) -> Event:
        """The earliest of closed, handover + 12 h, opening + 24 h or, in s136 custody, 48 h (R3)."""
        ends = [one["opened_us"] + (48 if one["custody"] else 24) * HOUR_US]
        ends += [one["handed_over_us"] + 12 * HOUR_US] if one["handed_over_us"] is not None else []
        closed_us = self._closed.get((one["force"], one["ref"])) if one["heard_of_its_end"] else None
        ends += [closed_us] if closed_us is not None else []
        over_us = min(ends) if one["custody_ended_us"] is None else one["custody_ended_us"]
        return {**one, "ends_us": min(ends), "custody_ends_us": over_us if one["custody"] else 0}


def _wish(kind: str, publisher: str, person: Event) -> Event:
    scope = {name: person[f"scope_{name}"] for name in ("purposes", "recipients", "classes")}
    return {"kind": kind, "by": publisher, **scope, "valid_until": person["valid_until"]}


def _is_sound(event: Event, kind: str) -> bool:
    number = event["subject"].get("nhs_number")
    return kind not in BY_NUMBER or number is None or (number.isdigit() and is_number(number))


def _told(event: Event, key: str, logged_at_us: int) -> int:
    """An instant as told, else the event's own; nothing begins or ends later than it was heard of."""
    told = event["person"].get(key)
    return min(event["occurred_at"] if told is None else int(told), logged_at_us)


def _custody_ends(custody: tuple[int, int | None]) -> int:
    # A record of its end may be missing: 24 hours, with an extension 36 (R17), never more than 48 (R3).
    since_us, ended_us = custody
    return min(since_us + 48 * HOUR_US, since_us + 48 * HOUR_US if ended_us is None else ended_us)
