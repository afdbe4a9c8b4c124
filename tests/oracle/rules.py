"""
What may reach which desk, worked out from domain.md 2.2, 3.2, 4.5 and 4.5b alone. Imports nothing of ours.

The oracle reads the area, subscriptions and agreements, and the classes of the published schemas; tables
and rules are copied by hand. Where domain.md leaves something open a comment says so, and the narrower
reading counts.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.oracle.clerk import DANGER
from tests.oracle.flow import (
    ENDED,
    Case,
    Flow,
    agrees,
    flow_of,
    gateway_fails,
    is_confirmed,
    is_for_this_place,
    is_life_at_risk,
    is_lifted,
    is_police_work,
    is_refused,
)
from tests.oracle.sources import POLICIES, fields_of, holds_number, present_fields
from tests.oracle.table import BY_PERMISSION, cell_of, lets_go

TURNS_TO_OFFICERS = {"person.complaint", "person.feedback", "person.correction.requested"}
HIDES = {"location_withheld", "domestic_abuse", "alias"}
# R29: legal status, police contact, safeguarding and a stay on a ward are told by the type alone.
NOT_FOR_VOLUNTEERS = (
    *("police.", "pos.s136.", "sc.safeguarding.", "sc.amhp."),
    *("ward.", "cmht.section117.", "crisis.street_triage.", "health.", "disclosure."),
)


class Verdict(NamedTuple):
    """What becomes of it for one subscription."""

    outcome: str
    extent: str
    may: frozenset[str]  # dotted names of the fields that go
    why: frozenset[str] = frozenset()  # the branches that count, in the words of 3.2
    location_withheld: bool = False  # the effect of a marker, which the desk is told (class RP)


def verdicts(case: Case) -> dict[str, Verdict]:
    """`desk|type|purpose` -> what becomes of it. No such key: no subscription, hence no decision (R3)."""
    found = {}
    for row in POLICIES["subscriptions"]:
        if case.event_type in row["event_types"] and is_for_this_place(row, case):
            flow = flow_of(row, case)
            if flow.inside or not row.get("incident_scoped") or (flow.ended and row.get("after_incident")):
                found[f"{row['desk']}|{case.event_type}|{row['purpose']}"] = _verdict(flow)
    return found


def _verdict(flow: Flow) -> Verdict:
    present = present_fields(flow.case.event_type, flow.case.event)
    classes = sorted({field["class"] for field, _ in present.values()} - {"core"})
    core = {name for name, (field, _) in present.items() if field["class"] == "core"}
    said = {one: _hidden(flow, one, _class(flow, one)) for one in classes}
    may, lost = _core(flow, core), False
    for name, (field, value) in present.items():
        kind, names, _ = said.get(field["class"], ("stays", frozenset(), ""))
        goes = kind == "goes" and name in names
        lost = lost or (kind == "hidden" and name in names)
        if goes and holds_number(field, value) and not (flow.terms or {}).get("nhs_number_in_clear"):
            goes = False
        if goes and _is_hidden(flow, field):
            goes, lost = False, True
        may |= {name} if goes else set()
    branches = frozenset(one[2] for one in said.values() if one[2])
    held = any(kind == "held" for kind, _, _ in said.values())
    extent = "none" if not may else "core" if may <= core else "minimised"
    extent = "full" if may == set(present) else extent
    outcome = "held" if held else "delivered" if may else "denied"
    effect = lost and extent not in {"core", "none"}
    return Verdict(outcome, extent, frozenset(may), branches, effect)


def _hidden(
    flow: Flow, field_class: str, said: tuple[str, frozenset[str], str]
) -> tuple[str, frozenset[str], str]:
    """Where somebody is does not wait for a person to decide: no decision takes a marker off (R24)."""
    waits = said[0] == "held" and field_class in {"LP", "CT"} and flow.kind != "person"
    markers = HIDES & (set(flow.case.event["restrictions"]) | flow.case.facts.markers)
    return ("hidden", *said[1:]) if waits and markers else said


def _is_hidden(flow: Flow, field: Mapping[str, Any]) -> bool:
    """R24: nothing that tells where the person is goes to anybody, the live response included."""
    markers = HIDES & (set(flow.case.event["restrictions"]) | flow.case.facts.markers)
    tells = field["class"] in {"LP", "CT"} or "locates" in field.get("traits", ())
    return bool(markers and tells and flow.kind != "person")


def _core(flow: Flow, core: set[str]) -> set[str]:
    """R42: to those who must respond, whatever was signed; to others as part of what was agreed."""
    if flow.responds:
        return set(core)
    terms = flow.terms
    if terms is None or is_refused(flow) or gateway_fails(flow):
        return set()
    named = core & set(terms["event_types"][flow.case.event_type])
    if flow.kind == "police":
        return named if flow.inside and is_police_work(flow) else set()
    classes = {field["class"] for field, _ in present_fields(flow.case.event_type, flow.case.event).values()}
    # No permission can name the core: it goes where the person agreed to anything that comes with it.
    agreed = any(agrees(flow, one) for one in classes)
    needs_a_yes = terms["confidentiality"] == "explicit"
    if _nothing_may(flow) or (needs_a_yes and not agreed):
        return set()
    objects = agrees(flow, "core") is False and not agreed
    return set() if objects and not _is_safeguarding_duty(flow) else named


def _class(flow: Flow, field_class: str) -> tuple[str, frozenset[str], str]:
    """Whether a class goes, is held for a named person, or stays; which of its fields; under what branch."""
    nothing = ("stays", frozenset[str](), "")
    if is_refused(flow) or not flow.case.facts.sound or _nothing_may(flow):
        return nothing
    fields = {n: one for n, one in fields_of(flow.case.event_type).items() if one["class"] == field_class}
    branch = ""
    if flow.terms is not None:
        named = set(flow.terms["event_types"][flow.case.event_type]) & set(fields)
    elif is_life_at_risk(flow) and field_class in {"ID", "LP", "SF", "OP"}:
        named, branch = set(fields), "emergency_no_agreement"
    else:
        return nothing
    held, names = _by_table(flow, field_class, named, fields)
    if not held and not names:
        return nothing
    wish = agrees(flow, field_class)
    if wish is False:
        kind, left, why = _against_an_objection(flow, field_class, names, held=held)
        # 3.2 goes on from step 3 to step 7, so an objection narrows the emergency as it narrows an agreement.
        return kind, left, f"{why} in an emergency" if branch else why
    return ("held", frozenset(named), "") if held else ("goes", frozenset(names), branch)


def _by_table(
    flow: Flow, field_class: str, named: set[str], fields: Mapping[str, Mapping[str, Any]]
) -> tuple[bool, set[str]]:
    """What 4.5 or 4.5b lets go of the fields that were agreed: (whether a person decides, names)."""
    case, purpose = flow.case, flow.row["purpose"]
    if flow.kind == "police" and purpose == "P6":
        return bool(named), set()  # R11: case by case, whatever the class
    marked = case.event_type == "crisis.safety_plan.updated" and field_class == "AU"
    if flow.kind == "police" and case.event_type.endswith("_plan.updated") and not marked:
        return False, set()  # R2: no plan, and of a safety plan only what the person marked for them (4.6)
    if flow.kind == "police" and case.event_type == ENDED:
        return False, {one for one in named if "ended_at" in fields[one].get("traits", ())}  # R21
    if flow.kind == "police" and case.event_type == "pos.s136.handover" and field_class != "OP":
        return False, set()  # R21: of the handover, times and whether officers must stay
    if flow.column == "vol" and field_class in {"LG", "SG", "CO", "CL"}:
        return False, set()  # R29
    turned = purpose == "P12" and case.event_type in TURNS_TO_OFFICERS
    if flow.column == "officer" and field_class in {"ID", "CT", "AU", "TP"} and not turned:
        return False, set()  # R32, R48: of nobody who did not turn to them
    cell = cell_of(flow.column, purpose, case.event["setting"], field_class)
    decides = {
        "det": "Y" if flow.custody or case.event_type.startswith(("police.s136.", "pos.s136.")) else "N",
        "func": "Y" if purpose in {"P3", "P4", "P8"} else "H",
        "task": "Y" if purpose == "P3" else "H",
    }
    cell = decides.get(cell, cell)
    if cell == "N" or (_needs_a_yes(flow, cell) and not agrees(flow, field_class)):
        return False, set()
    if cell == "H":
        return bool(named), set()
    names = {one for one in named if lets_go(cell, fields[one])}
    if flow.column == "amb_ed" and cell == "S":
        names |= {
            one for one in named if "pointer" in fields[one].get("traits", ())
        }  # 4.6 cmht.crisis_plan.updated
    return False, names - ({"incident_ref"} if flow.column == "vol" else set())


def _needs_a_yes(flow: Flow, cell: str) -> bool:
    signed = flow.terms is not None and flow.terms["confidentiality"] == "explicit"
    return (cell.endswith("+") or signed) and cell != "H"


def _against_an_objection(
    flow: Flow, field_class: str, names: set[str], *, held: bool
) -> tuple[str, frozenset[str], str]:
    """3.2 step 7: the person says no."""
    capacity = flow.case.event["capacity"]
    if flow.responds and flow.confirmed in DANGER:
        if field_class in {"SF", "LP"} and names:
            return "goes", frozenset(names), "objection_outweighed"
        return "stays", frozenset(), "objection"
    if flow.responds and capacity in {"has", "lacks"}:
        return "held", frozenset(names), "capable_refusal" if capacity == "has" else "best_interests"
    if _is_safeguarding_duty(flow):
        return ("held" if held else "goes"), frozenset(names), "safeguarding_duty"
    return "stays", frozenset(), "objection"


def _is_safeguarding_duty(flow: Flow) -> bool:
    social = flow.kind in {"social_care", "children_social_care"}
    return bool(flow.row["purpose"] == "P3" and social and flow.terms and flow.terms["basis"] == "B3")


def _nothing_may(flow: Flow) -> bool:
    """Whether something stops the whole person part, and a core that is no emergency (3.2 steps 3 to 6)."""
    case, terms = flow.case, flow.terms
    child = case.event["age_band"] in {"under_16", "age_16_17"}
    child = child or "child" in {*case.event["restrictions"], *case.facts.markers}
    if flow.column in BY_PERMISSION and child:
        return True
    # R51: routine flows stop. What is planned is routine, but for the notice itself and the person's rights.
    routine = not flow.urgent and flow.row["purpose"] != "P12" and case.event_type != "person.deceased"
    if case.facts.deceased and routine:
        return True
    if flow.column == "vol" and case.event_type.startswith(NOT_FOR_VOLUNTEERS):
        return True
    # R38, R19: what went wrong in a detention is children's social care's where a child is detained.
    if flow.kind == "children_social_care" and case.event_type == "broker.legal_alert.raised" and not child:
        return True
    # Whoever commissions sees events about services, which have no place for a person (2.7, R40).
    if flow.kind == "commissioner" and any(
        name.startswith("subject.") for name in fields_of(case.event_type)
    ):
        return True
    # 4.5: for a carer the fact that home treatment or a service exists counts as CL.
    if flow.column == "carer" and not agrees(flow, "CL"):
        return True
    if flow.kind == "police" and not (is_police_work(flow) and is_confirmed(flow)):
        return True
    if terms is None:
        return not is_life_at_risk(flow)
    part3 = case.event["regime"] == "part3" and not terms["gateway"]
    vital = terms["basis"] == "B4" and case.event["capacity"] != "lacks"
    return not case.facts.sound or part3 or vital or gateway_fails(flow) or not is_lifted(flow)
