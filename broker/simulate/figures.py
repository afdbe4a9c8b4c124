"""Published figures that the made-up area is drawn to. C and T numbers are those of domain.md 5 and 6.1."""

from collections.abc import Mapping
from typing import Final

YEAR_DAYS: Final = 365
WINDOW_YEARS: Final = 5
"""Repeat detentions are counted over so many years (C35)"""
MOST_PEOPLE: Final = 10_000_000
"""Made-up people have NHS numbers from 999, which is never issued: there are not enough for more"""

# --- How often, in 100,000 people a year. Those without a C number are by design, not published.

DETENTIONS: Final = 52.0  # C1: 31,779 in E&W, 60.9 million
REFERRALS: Final = 2_575.0  # C30
LINE_CONTACTS: Final = 350.0 * 12  # C32
CONCERNS: Final = 1_090.0  # C34
AWOL: Final = 12.6  # C26: missing from mental health settings
WALKOUTS: Final = 24.6  # C26: missing from acute settings
DEPARTMENT_ARRIVALS: Final = 400.0  # by design: to emergency departments in a mental-health crisis
POLICE_CALLS: Final = 1_770.0  # C23: 160 in 72 hours in Cheshire, some 1.1 million people
FROM_CARE: Final = 1_400.0  # by design: plans, coordinators, missed appointments
WISHES: Final = 700.0  # by design
IN_CONTACT: Final = 0.06
"""Share of people of whom anything is told in a year. C31: 3.5 % are in contact with services at a time"""

# --- Section 136

FIRST_PLACE: Final[Mapping[str, float]] = {  # C6
    "emergency_department": 0.477,
    "health_based": 0.441,
    "police_station": 0.011,
    "unknown": 0.069,
    "other": 0.002,
}
CONVEYANCE: Final[Mapping[str, float]] = {  # C9
    "ambulance": 0.388,
    "police_vehicle": 0.488,
    "unknown": 0.075,
    "other": 0.049,
}
POLICE_VEHICLE_BETWEEN: Final = (0.03, 0.82)
"""C12 to C14: places differ this much before the whole is held to C9; 10 % and 60 % were seen"""
WHY_POLICE_VEHICLE: Final[
    Mapping[str, float]
] = {  # C11: mostly the first; the order is published, shares are not
    "ambulance_not_available_within_30_minutes": 0.54,
    "ambulance_not_requested": 0.26,
    "safety": 0.12,
    "unknown": 0.08,
}
HEALTH_SEES: Final = 0.625  # C19: about 20,000 of just under 32,000
REPEATERS_PEOPLE: Final = 81 / 2_260  # C35, per detention
REPEATERS_SHARE: Final = 0.177  # C35
ALL_PEOPLE: Final = 1_767 / 2_260  # C35, per detention
STRESS_SHARE: Final = 1 / 3  # C36: of the detentions of one year
UNDER_16: Final = 0.010  # C16, C13: under 18 are 2.9 to 5.4 %
AGE_16_17: Final = 0.034
AGE_UNKNOWN: Final = 0.08  # C17
ETHNICITY_UNKNOWN: Final = 0.03  # C18
BLACK_TO_WHITE: Final = 4.0  # C27
DEPRIVATION_RATES: Final = (3.5, 2.6, 1.9, 1.4, 1.0)  # C29: the most deprived fifth against the least
POPULATION: Final[Mapping[str, float]] = {  # E&W, Census 2021, the groups that officers use
    "white": 0.817,
    "black": 0.040,
    "asian": 0.093,
    "mixed": 0.029,
    "chinese_or_other": 0.021,
}
OTHER_RATES: Final[Mapping[str, float]] = {"asian": 1.1, "mixed": 2.0, "chinese_or_other": 1.5}  # by design
ENDS: Final[Mapping[str, float]] = {  # C37: over half go home; the others by design
    "discharged": 0.55,
    "informal": 0.16,
    "s2": 0.17,
    "s3": 0.03,
    "s4": 0.005,
    "transferred": 0.06,
    "expired": 0.005,
    "unknown": 0.02,
}
INTOXICATED: Final[Mapping[str, float]] = {  # C37: nearly half
    "alcohol": 0.29,
    "drugs": 0.09,
    "both": 0.07,
    "none": 0.45,
    "unknown": 0.10,
}
OFFICER_STAY_H: Final = (1.2, 14.2)  # T7 aims at one hour; C20: mean of the worst place
CLOCK_MISSING: Final = 0.03
"""Share of clock times that are left out, 1 to 5 % (6.3 item 3)"""

# --- Crisis teams

WITHOUT_PRIORITY: Final = 0.054  # C30
PRIORITIES: Final[Mapping[str, float]] = {  # by design, but for the unknown
    "emergency": 0.06,
    "very_urgent": 0.24,
    "urgent": 0.38,
    "routine": 0.266,
    "unknown": WITHOUT_PRIORITY,
}

# --- Police calls

PARTNER_CALLS: Final = 0.36  # C23
ADVICE_SOUGHT: Final = 0.15  # C23
ESCALATED: Final = 1 / 160  # C23
DEPLOYED: Final[Mapping[str, float]] = {  # C23, C22
    "cheshire-before": 0.69,
    "cheshire-after": 0.43,
    "met-before": 0.41,
    "met-after": 0.29,
}

# --- Safeguarding

CONVERSION: Final = 0.287  # C34
ABUSE: Final[Mapping[str, float]] = {  # C34: neglect 32 %; the others by design
    "neglect": 0.32,
    "psychological": 0.15,
    "physical": 0.19,
    "financial": 0.14,
    "self_neglect": 0.08,
    "domestic": 0.07,
    "sexual": 0.04,
    "modern_slavery": 0.01,
}
