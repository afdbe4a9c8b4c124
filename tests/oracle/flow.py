"""One row of the subscriptions, met by one event: who stands where, what was signed, what the person said."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.oracle.clerk import DANGER, Event, Facts
from tests.oracle.sources import AGENCIES, AGREEMENTS, PLACES, kind_of
from tests.oracle.table import BY_PERMISSION, column_of

# R42 and 3.2 steps 3 and 7 name the crisis team, ambulance and ED; 4.5 reads a place of safety as a crisis
# team, so the core and step 7 count it in, and step 3, which lists the three, does not.
RESPONDERS = {"crisis", "ambulance", "ed", "place_of_safety"}
WITHOUT_AGREEMENT = {"crisis", "ambulance", "ed"}
CARE = {"crisis", "place_of_safety", "cmht", "social_care", "children_social_care", "ambulance", "ed", "gp"}
ENDED = "pos.s136.ended"
# R32, R48: never to the team complained of, and any team may be the one; nor who looked at a record.
CONFINED = {"person.complaint", "person.feedback", "person.access_log.viewed"}


class Case(NamedTuple):
    """One event at its place."""

    event_type: str
    event: Event  # as published
    publisher: str
    facts: Facts
    today: str
    now_us: int


class Flow(NamedTuple):
    """One row of the subscriptions, met by one case."""

    case: Case
    row: Mapping[str, Any]
    kind: str
    column: str
    terms: Any  # the agreement in force, or None
    inside: bool  # its agency is in an open incident of this person
    ended: bool  # or was in one that has ended, and the custody known of the person was its own
    custody: (
        bool  # s136 custody as health recorded it: for police in that incident, for others of this person
    )

    @property
    def urgent(self) -> bool:
        return bool(self.case.event["setting"] != "planned")

    @property
    def confirmed(self) -> str:
        """The threshold that health confirms on this very event (R53)."""
        health = kind_of(self.case.publisher) in CARE - {"social_care", "children_social_care"}
        return str(self.case.event["person"].get("threshold_confirmed", "none")) if health else "none"

    @property
    def responds(self) -> bool:
        """A desk that must act now (R42)."""
        live = self.urgent and self.row["purpose"] in {"P1", "P4", "P5"}
        return live and must_act(self.row["desk"])


def must_act(desk: str) -> bool:
    """Whether it is a desk that must act when somebody is in danger (R42); a peer supporter need not."""
    agency, _, role = desk.partition("/")
    kind = kind_of(agency)
    return kind in RESPONDERS and column_of(kind, role) not in BY_PERMISSION


def is_for_this_place(row: Mapping[str, Any], case: Case) -> bool:
    area = case.event["core"]["area"]
    if area in PLACES:
        return area in row.get("places", AGENCIES[row["desk"].partition("/")[0]]["places"])
    # Of a place that nobody knows: it must find somebody who acts, so it meets all rows but the narrowed.
    return bool("places" not in row or row.get("anywhere"))


def flow_of(row: Mapping[str, Any], case: Case) -> Flow:
    agency, _, role = row["desk"].partition("/")
    # Inside a window means by both clocks: when it happened and when it was heard of (design 2.6).
    at_us = max(case.event["occurred_at"], case.now_us)
    mine = [one for one in case.facts.incidents if one["force"] == agency]
    open_ones = [one for one in mine if at_us < one["ends_us"]]
    ends_us = open_ones[-1]["custody_ends_us"] if open_ones else case.facts.custody_ends_us
    custody = at_us < ends_us and (bool(open_ones) or kind_of(agency) != "police")
    kind = kind_of(agency)
    flow = Flow(
        case, row, kind, column_of(kind, role), None, bool(open_ones), _was_its_own(mine, case.facts), custody
    )
    return flow._replace(terms=_agreement(flow))


def _was_its_own(mine: list[Event], facts: Facts) -> bool:
    """R21 follows the incident, not the person: a later custody is nothing to those of an earlier (R3)."""
    if not mine or facts.custody_since_us is None:
        return False
    over_us = mine[-1]["custody_ended_us"]
    ends_us = mine[-1]["ends_us"] if over_us is None else min(over_us, mine[-1]["ends_us"])
    return bool(facts.custody_since_us < ends_us)


def _agreement(flow: Flow) -> Any:
    """The agreement, where it is in force for this flow, place and date (3.2 step 3)."""
    terms: Any = AGREEMENTS.get(flow.row.get("agreement", ""))
    parts = {"publishers": flow.case.publisher, "desks": flow.row["desk"], "purposes": flow.row["purpose"]}
    parts |= {"places": flow.case.event["core"]["area"], "event_types": flow.case.event_type}
    if terms is None or not all(one in terms[name] for name, one in parts.items()):
        return None
    if terms["incident_scoped"] and not (flow.inside or (flow.ended and flow.row.get("after_incident"))):
        return None
    return terms if str(terms["starts"]) <= flow.case.today < str(terms["ends"]) else None


def is_refused(flow: Flow) -> bool:
    """R4: the event's own purpose, or the desk's. R32: a complaint to any but those who answer for it."""
    to_officers = flow.column == "officer" and flow.row["purpose"] == "P12"
    if flow.case.event_type in CONFINED and not to_officers:
        return True
    return any(str(one["purpose"]).startswith("PX") for one in (flow.case.event, flow.row))


def gateway_fails(flow: Flow) -> bool:
    """R12, R13: what cannot carry personal information, or not alone."""
    quoted = set(flow.terms.get("gateways") or ())
    serious_violence = "pcsc_2022_s16" in quoted and kind_of(flow.case.publisher) != "police"
    return serious_violence or quoted == {"cda_1998_s115"}


def is_police_work(flow: Flow) -> bool:
    # R3 says the plain end of custody always follows, 4.5b that in a planned setting police get nothing: the
    # narrower counts.
    # 4.6: what a community team or a ward does is planned care by its nature; a concern is a clinician's act.
    kind = flow.case.event_type
    planned = kind.startswith(("cmht.", "ward.")) and kind != "cmht.concern.raised"
    return flow.urgent and not planned and flow.row["purpose"] in {"P5", "P6", "P7"}


def is_confirmed(flow: Flow) -> bool:
    """R53: an incident that health linked, and danger that health confirms; R21 needs the incident only."""
    if flow.case.event_type == ENDED and flow.row.get("after_incident"):
        return flow.inside or flow.ended
    # That health hands over under section 136 is itself its record of custody (R20, R21).
    recorded = flow.custody or flow.case.event_type == "pos.s136.handover"
    return flow.inside and (recorded or flow.confirmed in DANGER)


def is_lifted(flow: Flow) -> bool:
    """Whether something lifts the duty of confidentiality (3.1, 3.2 step 6)."""
    ground = flow.terms["confidentiality"]
    if ground == "implied":
        return flow.kind in CARE and flow.column not in BY_PERMISSION
    if ground == "public_interest":
        at_end = (
            flow.kind == "police" and flow.case.event_type == ENDED
        )  # R21: no further danger is asked for
        return at_end or flow.custody or flow.confirmed in DANGER
    return ground in {"explicit", "statute", "best_interests"}


def is_life_at_risk(flow: Flow) -> bool:
    """3.2 step 3, the new branch: a life at risk now, in the publisher's word, and nothing was signed."""
    # Which purposes, and whether police's word will do, domain.md does not say; nothing of it goes to police.
    asserted = flow.case.event["person"].get("threshold", "none")
    risk = "life_risk" in {asserted, flow.confirmed}
    live = flow.case.event["setting"] == "emergency_live"
    return flow.terms is None and live and risk and flow.responds and flow.kind in WITHOUT_AGREEMENT


def agrees(flow: Flow, field_class: str) -> bool | None:
    """False: the person objects (R34). True: they agreed; the last word counts (R54). None: neither."""
    desk, purpose = flow.row["desk"], flow.row["purpose"]
    agency, last = desk.partition("/")[0], None
    for wish in flow.case.facts.wishes:
        mine = {"purposes": {purpose}, "recipients": {desk, agency}, "classes": {field_class}}
        # A permission covers what it names; what an objection or a withdrawal leaves open covers all.
        if all(mine[one] & set(wish[one]) or not (wish[one] or wish["kind"] == "permission") for one in mine):
            if wish["kind"] == "objection":
                return False
            last = wish
    if last is None or last["kind"] != "permission" or last["by"] == agency:
        return None
    return last["valid_until"] is None or last["valid_until"] > flow.case.now_us or None
