"""
What may reach which desk, worked out from domain.md 4.5 and 4.5b alone. Imports nothing of ours.

It reads agreements, subscriptions and the classes of the published schemas; the table is copied by hand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

# Y goes; S goes as text written to be shared; A if the person agreed; B as S if the person agreed; H a person
# decides, so nothing goes by itself; N never. A cell whose condition no field can show ("parts the person
# marked for police", "Y if task") is read the careful way. 4.5b has no row for ST: it follows OP. A place of
# safety stands in the crisis team's column; a peer supporter does not (issue text).
TABLE = """
                ID CT LP OP LG SF CL CX AU CO TP SG SC LA RP ST
live    police  Y  H  Y  Y  N  Y  N  N  N  Y  N  H  N  Y  N  Y
live    crisis  Y  Y  Y  Y  Y  Y  Y  H  Y  H  H  H  N  Y  N  Y
live    vcse    S  A  N  Y  N  A  B  N  A  N  N  N  N  Y  N  Y
planned police  N  N  N  N  N  N  N  N  N  N  N  N  N  N  N  N
planned crisis  Y  Y  N  Y  Y  Y  Y  H  Y  H  H  H  N  Y  N  Y
planned vcse    B  A  N  A  N  A  B  H  A  N  H  H  N  A  N  A
"""
CLASSES, *LINES = [line.split() for line in TABLE.strip().splitlines()]
CELLS = {(*line[:2], cls): cell for line in LINES for cls, cell in zip(CLASSES, line[2:], strict=True)}
CONSUMED = {"event_id", "setting", "purpose", "regime", "person.police_link"}  # read by the exchange itself
NUMBER = re.compile(r"(?<!\d)\d{3}[^0-9A-Za-z]{0,3}\d{3}[^0-9A-Za-z]{0,3}\d{4}(?!\d)")
ROOT = Path(__file__).resolve().parent.parent


def _read(pattern: str) -> dict[str, Any]:
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(ROOT.glob(pattern))}


POLICIES, SCHEMAS = _read("policies/*.yaml"), _read("schemas/*.avsc")
AGREEMENTS = {terms["agreement"]: terms for terms in _read("policies/agreements/*.yaml").values()}


class Verdict(NamedTuple):
    may: frozenset[str]  # dotted names of the fields that may go at most
    extent: str | None  # None where domain.md does not say whether the core goes alone


class Case(NamedTuple):
    event_type: str
    event: Mapping[str, Any]  # as published
    publisher: str
    wishes: Sequence[Mapping[str, Any]]  # oldest first: kind, by, purposes, recipients, classes, valid_until
    incident: Mapping[str, Any] | None  # the open one that health confirmed, of this person: force, custody
    today: str
    now_us: int


def verdicts(case: Case) -> dict[str, Verdict]:
    """`desk|type|purpose` -> what may go. No such key: no subscription, hence not even a decision (R3)."""
    found = {}
    for row in POLICIES["subscriptions"]:
        inside = case.incident is not None and case.incident["force"] == row["desk"].partition("/")[0]
        if case.event_type in row["event_types"] and (inside or not row.get("incident_scoped")):
            mine = case if inside else case._replace(incident=None)
            found[f"{row['desk']}|{case.event_type}|{row['purpose']}"] = _verdict(row, mine)
    return found


def present_fields(case: Case) -> dict[str, tuple[dict[str, Any], Any]]:
    """Every field that has a value and goes or stays as one: dotted name -> schema, value."""
    units: dict[str, tuple[dict[str, Any], Any]] = {}
    for field in SCHEMAS[case.event_type]["fields"]:
        name, value = field["name"], case.event[field["name"]]
        inner = field["type"]["fields"] if field["class"] == "part" else ()
        parts = {f"{name}.{one['name']}": (one, value[one["name"]]) for one in inner}
        units |= parts or {name: (field, value)}
    return {name: unit for name, unit in units.items() if unit[1] is not None and name not in CONSUMED}


def _verdict(row: Mapping[str, Any], case: Case) -> Verdict:
    kind = POLICIES["area"]["agencies"][row["desk"].partition("/")[0]]["kind"]
    column = "vcse" if row["desk"].endswith("/peer") else "police" if kind == "police" else "crisis"
    urgent, terms = case.event["setting"] != "planned", _agreement(row, case)
    table = "live" if urgent and row["purpose"] in {"P1", "P4", "P5", "P6", "P7"} else "planned"
    present = {name: one for name, one in present_fields(case).items() if one[0]["class"] != "RP"}
    core = {name for name, (field, _) in present.items() if field["class"] == "core"}
    named = set(terms["event_types"][case.event_type]) if _person_part_may(column, terms, case) else set()
    person = {n for n in named & set(present) - core if _goes(row, (table, column), terms, present[n], case)}
    # R42: to those who must respond, whatever was signed; to others as part of what was signed and agreed.
    yes = any(_agrees(case, row["desk"], row["purpose"], field["class"]) for field, _ in present.values())
    sure = column == "crisis" and urgent and row["purpose"] in {"P1", "P4", "P5"}
    agreed = terms is not None and (urgent or column != "police") and (yes or column != "vcse")
    may = frozenset(person | (core if sure or agreed else set()))
    extent = "full" if len(may) == len(present) else "minimised" if person else "core" if may else "none"
    return Verdict(may, None if extent == "core" and not sure else extent)


def _agreement(row: Mapping[str, Any], case: Case) -> Any:
    """The agreement, where it is in force for this flow, place and date (3.2 step 3)."""
    terms: Any = AGREEMENTS.get(row.get("agreement", ""))
    flow = {"publishers": case.publisher, "desks": row["desk"], "purposes": row["purpose"]}
    flow |= {"places": case.event["core"]["area"], "event_types": case.event_type}
    signed = terms and all(one in terms[name] for name, one in flow.items())
    return terms if signed and str(terms["starts"]) <= case.today < str(terms["ends"]) else None


def _person_part_may(column: str, terms: Any, case: Case) -> bool:
    """Whether nothing stops the whole person part: R1, R4, L12, R38, R53."""
    event, inside = case.event, case.incident
    child = event["age_band"] in {"under_16", "age_16_17"} or "child" in event["restrictions"]
    confirmed = event["person"].get("threshold_confirmed") in {"life_risk", "serious_harm"}
    danger = event["setting"] != "planned" and inside and (inside["custody"] or confirmed)
    lawful = terms and event["purpose"][:2] != "PX" and (event["regime"] == "ukgdpr" or terms["gateway"])
    return bool(lawful and {"police": danger, "vcse": not child}.get(column, True))


def _agrees(case: Case, desk: str, purpose: str, field_class: str) -> bool | None:
    """False: the person objects (R34). True: they agreed; the last word counts (R54). None: neither."""
    agency, last = desk.partition("/")[0], None
    for wish in case.wishes:
        mine = {"purposes": {purpose}, "recipients": {desk, agency}, "classes": {field_class}}
        # A permission covers what it names; what an objection or a withdrawal leaves open covers all.
        if all(mine[one] & set(wish[one]) or not (wish[one] or wish["kind"] == "permission") for one in mine):
            if wish["kind"] == "objection":
                return False
            last = wish
    if last is None or last["kind"] != "permission" or last["by"] == agency:
        return None
    return last["valid_until"] is None or last["valid_until"] > case.now_us or None


def _goes(row: Any, place: tuple[str, str], terms: Any, unit: tuple[Any, Any], case: Case) -> bool:
    """Whether one field goes: its cell, wishes, a marker that hides the person (R24), NHS numbers (R36)."""
    field, value = unit
    cell = CELLS[*place, field["class"]]
    if terms["confidentiality"] == "explicit":
        cell = {"Y": "A", "S": "B"}.get(cell, cell)
    hidden = {"location_withheld", "domestic_abuse", "alias"} & set(case.event["restrictions"])
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    number = field.get("nhs_number") or any(map(_is_number, NUMBER.findall(text)))
    if (hidden and field["class"] in {"LP", "CT"}) or (number and not terms["nhs_number_in_clear"]):
        return False
    agrees = _agrees(case, row["desk"], row["purpose"], field["class"])
    said = agrees or (agrees is None and cell in "YS")
    return said and (cell in "YA" or (cell in "SB" and bool(field.get("summary"))))


def _is_number(text: str) -> bool:
    digits = [int(one) for one in text if one.isdigit()]
    return (11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11) % 11 == digits[9]
