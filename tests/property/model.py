"""What a careful clerk would know of each person from the events so far: their wishes, their incidents."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tests.property.canaries import HOUR_US

Facts = Mapping[str, Any]

_KINDS = {
    "person.permission.given": "permission",
    "person.permission.withdrawn": "withdrawal",
    "person.objection.raised": "objection",
}


class Clerk:
    """Keeps, for the oracle, what an event changes. Written from domain.md R3, R34, R36, R53."""

    def __init__(self) -> None:
        self.wishes: dict[str, list[Facts]] = defaultdict(list)
        self.incidents: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def hears(self, event_type: str, event: Facts, publisher: str, logged_at_us: int) -> str:
        """Note what follows from the event; returns whom it is about."""
        who = _whom(event, publisher)
        person = event["person"]
        if event_type in _KINDS:
            self.wishes[who].append(
                {
                    "kind": _KINDS[event_type],
                    "by": publisher,
                    "purposes": person["scope_purposes"],
                    "recipients": person["scope_recipients"],
                    "classes": person["scope_classes"],
                    "valid_until": person["valid_until"],
                }
            )
        elif person.get("police_link") is not None:
            self._link(event_type, event, who, logged_at_us)
        return who

    def incident(self, who: str, occurred_at_us: int, logged_at_us: int) -> Facts | None:
        """The latest incident of this person that is open by both clocks: 24 h, in s136 custody 48 (R3)."""
        for one in reversed(self.incidents[who]):
            ends_us = one["opened_us"] + (48 if one["custody"] else 24) * HOUR_US
            if max(occurred_at_us, logged_at_us) < ends_us:
                return one
        return None

    def _link(self, event_type: str, event: Facts, who: str, logged_at_us: int) -> None:
        person, link = event["person"], event["person"]["police_link"]
        custody = event_type == "pos.s136.arrived"
        if not custody and person["threshold_confirmed"] not in {"life_risk", "serious_harm"}:
            return
        opened_us = min((custody and person["arrived_at"]) or event["occurred_at"], logged_at_us)
        for one in self.incidents[who]:
            if (one["force"], one["ref"]) == (link["force"], link["incident_ref"]):
                # A second word on an open incident does not open it anew (R3, R17).
                one["opened_us"] = min(one["opened_us"], opened_us)
                one["custody"] = one["custody"] or custody
                return
        self.incidents[who].append(
            {
                "force": link["force"],
                "ref": link["incident_ref"],
                "local_ref": link["local_ref"],
                "custody": custody,
                "opened_us": opened_us,
            }
        )


def _whom(event: Facts, publisher: str) -> str:
    subject = event["subject"]
    if publisher != "moor-police" and subject["nhs_number"] is not None:
        return f"number {subject['nhs_number']}"
    return f"{publisher} {subject['local_ref']}"
