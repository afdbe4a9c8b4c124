"""Towns of the two places: how many live there, how they get to a place of safety, how long officers stay."""

from dataclasses import dataclass
from random import Random
from typing import Final

from broker.simulate.figures import OFFICER_STAY_H, POLICE_VEHICLE_BETWEEN
from broker.simulate.quota import spread

# Invented. QM and QS begin no postcode of the United Kingdom.
_TOWNS: Final = (
    ("Wethermoor", "northmoor", "QM1", 0.20),
    ("Harrowfold", "northmoor", "QM2", 0.16),
    ("Little Quarrow", "northmoor", "QM3", 0.08),
    ("Cold Assart", "northmoor", "QM4", 0.10),
    ("Mickleford Quay", "southmoor", "QS1", 0.17),
    ("Sandling Ferry", "southmoor", "QS2", 0.13),
    ("Upper Tarnley", "southmoor", "QS3", 0.09),
    ("Brackwater", "southmoor", "QS4", 0.07),
)


@dataclass(frozen=True, slots=True)
class Town:
    """Where people live and are found."""

    name: str
    area: str
    """place of the published list"""
    postcode: str
    """its first half"""
    share: float
    """of the population"""
    police_vehicle: float
    """how much conveyance leans to police vehicles: a share, before the whole is held to what is published"""
    emergency_department: float
    """how much it leans to emergency departments, against 1"""
    officer_stay_h: float
    """mean hours that officers stay after arrival"""


def draw_towns(chance: Random) -> tuple[Town, ...]:
    """The same towns every time, each with habits drawn anew."""
    count = len(_TOWNS)
    vehicle = spread(*POLICE_VEHICLE_BETWEEN, count)
    department = spread(0.5, 1.6, count)
    stay = [
        OFFICER_STAY_H[0] * (OFFICER_STAY_H[1] / OFFICER_STAY_H[0]) ** step for step in spread(0, 1, count)
    ]
    for habits in (vehicle, department, stay):
        chance.shuffle(habits)
    return tuple(
        Town(*told, *habits) for told, *habits in zip(_TOWNS, vehicle, department, stay, strict=True)
    )
