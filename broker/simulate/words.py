"""What people write in the free fields: invented, neutral, and nothing that tells who somebody is."""

from collections.abc import Mapping
from random import Random
from typing import Any, Final

SAFETY_FACTS: Final = (
    "Cold and wet, no injury seen.",
    "Near the water, calm once spoken to.",
    "Frightened of the crowd, quieter in the car.",
    "Has not slept for two nights and is unsteady.",
    "Says little; stays while somebody sits with them.",
)
HELPS: Final = (
    "A quiet room and one voice. Crowding makes it worse.",
    "To be told each step before it happens.",
    "A hot drink and a blanket. Bright light makes it worse.",
    "To ring a sister first.",
)
OWN_WORDS: Final = (
    "I have not slept for four nights and I am frightened of tonight.",
    "I do not want to be on my own this evening.",
    "It got too much after the letter came.",
)
WANTS: Final = ("Somebody to talk to who stays on the line.", "A visit at home, not a waiting room.")
PLANS: Final = (
    "Two of the team visit tonight and stay until morning.",
    "A call at nine and a visit tomorrow afternoon.",
    "A place at the safe haven this evening, then a call.",
)
NEEDS: Final = ("Not to be alone until the team is there.", "Somebody to hold the tablets until Monday.")
SUMMARIES: Final = (
    "Needs company and calm tonight.",
    "Needs a call before ten.",
    "Prefers to be rung, not visited.",
)
COMMUNICATION: Final = (
    "Lip-reads: face the person when speaking.",
    "Short sentences, one question at a time.",
)
PLACES: Final = (
    "The footbridge by the lock",
    "The bus station",
    "The far end of the pier",
    "Outside the library",
)
GOALS: Final = (
    "To get to the allotment twice a week.",
    "To cook for a friend again.",
    "To sort the letters out.",
)
CARER_WORDS: Final = ("He has stopped answering me and will not eat.", "I cannot leave her alone tonight.")


def now_and_then(chance: Random, share: float, words: tuple[str, ...]) -> str | None:
    """One of them, or nothing: most fields of most events are empty."""
    return chance.choice(words) if chance.random() < share else None


def calls(agency: str, area: str) -> dict[str, Any]:
    """Whom to ring."""
    return dict(_CALLS.get(agency.rpartition("-")[2], {"role": "duty contact", "number": _LINE[area]}))


_LINE: Final = {"northmoor": "01632 960101", "southmoor": "01632 960201"}
_CALLS: Final[Mapping[str, Mapping[str, str]]] = {
    "crisis": {"role": "shift lead", "number": "01632 960102"},
    "pos": {"role": "nurse in charge", "number": "01632 960101"},
    "cmht": {"role": "care coordinator", "number": "01632 960105"},
    "asc": {"role": "duty social worker", "number": "01632 960108"},
    "ambulance": {"role": "clinical desk", "number": "01632 960107"},
    "ed": {"role": "nurse in charge", "number": "01632 960106"},
    "vcs": {"role": "volunteer coordinator", "number": "01632 960109"},
}
