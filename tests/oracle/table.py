"""The class tables of domain.md 4.5 and 4.5b, copied by hand, and which column a desk stands in."""

from collections.abc import Mapping
from typing import Any

# Y goes; S goes as text written to be shared; H a person decides; N never. With + only if the person agreed.
# first, name, helps, lang, adj, ladj, power, marked, pointer, role: only fields that say they are that.
# det: Y if detained. func: Y if function. task: Y if task.
# Read the narrow way, since domain.md leaves it open or says two things:
# - police CL "N (S under R9)" and TP "Y own informants": R10 and R25 stop both;
# - VCSE professional SF "Y if present with the person": whether they are is by the person's wish;
# - carer TP "own words" cannot be told from others' words: a person decides (R25);
# - 4.5b has no ST: it follows OP, as 4.6 says of a coordinator's name; a volunteer's stays as in 4.5;
# - 4.5b VCSE professional ID "S, if agreed": the name, which 4.6 lists as inbound to the voluntary sector;
# - those who oversee or commission have no column: a commissioner has aggregates only (2.7), and 7.4
#   lets governance see that something was decided: times, places, roles, codes meant for them;
# - a place of safety stands with the crisis team, any agency's peer supporter with VCSE professionals (B9).
LIVE = """
         ID    CT LP OP LG    SF CL CX AU     CO TP SG   SC   LA RP ST
police   Y     H  Y  Y  power Y  N  N  marked Y  N  H    lang Y  N  role
crisis   Y     Y  Y  Y  Y     Y  Y  H  Y      H  H  task ladj Y  N  role
cmht     Y     Y  N  Y  Y     Y  Y  H  Y      H  H  task ladj Y  N  Y
gp       Y     Y  N  Y  Y     Y  Y  H  Y      H  H  task ladj Y  N  Y
amhp     Y     Y  Y  Y  Y     Y  Y  H  Y      H  H  Y    lang Y  N  Y
amb_ed   Y     Y  Y  Y  det   Y  S  N  Y      S  N  S    lang Y  N  role
social   Y     Y  N  Y  func  S  S  H  Y      H  H  Y    ladj Y  N  Y
vcse     S     Y+ N  Y  N     Y+ S+ N  Y+     N  N  H    adj  Y  N  role
vol      first Y+ N  S  N     N  N  N  S      N  N  N    adj  Y  N  role
housing  N     N  N  Y  N     N  N  N  N      N  N  N    N    Y  N  role
carer    Y+    Y+ H  Y+ H     Y+ Y+ N  Y+     N  H  H    N    Y  N  role
overseer N     N  N  Y  code  N  N  N  N      N  N  N    N    Y  N  role
service  N     N  N  Y  N     N  N  N  N      N  N  N    N    Y  N  N
officer  Y     Y  N  Y  code  N  N  N  Y      N  H  N    N    Y  N  role
"""
# No column in 4.5b: AMHP stands with CMHT as in 4.5; ambulance and ED have no part in planned care, but 4.6
# gives them the fact, the time and whom to ring of home treatment, and the pointer to a crisis plan.
# No column in either: governance officers answer for complaints (S15, R32) and hear of nothing else: they get
# what a complaint is made of: who, how to reach them, their words, and of whom.
PLANNED = """
         ID     CT LP OP LG   SF     CL      CX AU CO TP SG   SC   LA RP ST
police   N      N  N  N  N    N      N       N  N  N  N  N    N    N  N  N
crisis   Y      Y  N  Y  Y    Y      Y       H  Y  H  H  H    ladj Y  N  Y
cmht     Y      Y  N  Y  Y    Y      Y       H  Y  H  H  H    ladj Y  N  Y
gp       Y      Y  N  Y  Y    S      Y       H  Y  H  H  H    ladj Y  N  Y
amhp     Y      Y  N  Y  Y    Y      Y       H  Y  H  H  H    lang Y  N  Y
amb_ed   Y      N  N  Y  N    N      pointer N  N  N  N  N    N    Y  N  Y
social   Y      Y  N  Y  func S      S       H  Y  H  H  task ladj Y  N  Y
vcse     name+  Y+ N  Y+ N    Y+     S+      H  Y+ N  H  H    adj  Y+ N  Y+
vol      first+ Y+ N  S+ N    helps+ N       N  S+ N  N  N    adj  S+ N  role
housing  name+  Y+ N  Y  N    N      N       N  S+ N  N  N    adj  Y  N  Y
carer    Y+     Y+ N  Y+ H    Y+     Y+      N  Y+ N  N  N    N    Y+ N  Y+
overseer N      N  N  Y  code N      N       N  N  N  N  N    N    Y  N  role
service  N      N  N  Y  N    N      N       N  N  N  N  N    N    Y  N  N
officer  Y      Y  N  Y  code N      N       N  Y  N  H  N    N    Y  N  role
"""
TRAITS = {
    "first": {"first_name"},
    "name": {"name"},
    "helps": {"helps"},
    "lang": {"language"},
    "adj": {"adjustment"},
    "ladj": {"language", "adjustment"},
    "power": {"power"},
    "marked": {"for_police"},
    "pointer": {"pointer"},
    "role": {"role_or_number"},
    "code": {"oversight"},
}
COLUMN = {
    "police": "police",
    "crisis": "crisis",
    "place_of_safety": "crisis",
    "cmht": "cmht",
    "gp": "gp",
    "ambulance": "amb_ed",
    "ed": "amb_ed",
    "social_care": "social",
    "children_social_care": "social",
    "vcse": "vol",
    "housing": "housing",
    "carer": "carer",
    "governance": "overseer",
    "commissioner": "service",
}
BY_ROLE = {
    **dict.fromkeys(("peer", "vcse/coordinator", "vcse/safe-space"), "vcse"),
    "social_care/amhp-hub": "amhp",
    "ed/liaison": "crisis",
    "governance/officers": "officer",
}
IN_A_CRISIS = {"P1", "P4", "P5", "P6", "P7"}
IN_CARE = {"P2", "P3", "P8", "P9", "P10", "P11", "P12"}
BY_PERMISSION = {"vcse", "vol", "housing", "carer"}


def _cells(table: str) -> dict[tuple[str, str], str]:
    classes, *lines = [line.split() for line in table.strip().splitlines()]
    return {(line[0], one): cell for line in lines for one, cell in zip(classes, line[1:], strict=True)}


TABLES = {"live": _cells(LIVE), "planned": _cells(PLANNED)}


def column_of(kind: str, role: str) -> str:
    """Where a desk stands: by its role where 4.5 knows it, else by the kind of its agency."""
    return BY_ROLE.get(role) or BY_ROLE.get(f"{kind}/{role}") or COLUMN.get(kind, "nobody")


def cell_of(column: str, purpose: str, setting: str, field_class: str) -> str:
    """The cell that counts. A planned contact is read by the planned table; some purposes have none."""
    if setting != "planned" and purpose in IN_A_CRISIS:
        table = "live"
    else:
        table = "planned" if purpose in IN_A_CRISIS | IN_CARE else "none"
    return TABLES.get(table, {}).get((column, field_class), "N")


def lets_go(cell: str, field: Mapping[str, Any]) -> bool:
    """Whether a field is of the kind that the cell lets go."""
    word = cell.removesuffix("+")
    if word in {"Y", "S"}:
        return word == "Y" or bool(field.get("summary"))
    # What the person marked for police was written for them: it goes as text to be shared.
    written = word != "marked" or bool(field.get("summary"))
    return written and bool(TRAITS.get(word, set()) & set(field.get("traits", ())))
