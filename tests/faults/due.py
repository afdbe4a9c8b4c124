"""What is due for an event of the flow, by hand from policies/subscriptions.yaml; all of it in northmoor."""

from tests.faults.published import Due

CRISIS_LINE, HOME_TREATMENT = "northmoor-crisis/crisis-line", "northmoor-crisis/home-treatment"
SUITE, AMHP, CMHT = "moor-pos/s136-suite", "northmoor-asc/amhp-hub", "moor-cmht/coordinator"
AMBULANCE, NURSE = "moor-ambulance/control", "moor-ed/nurse-in-charge"

_TRIAGED: frozenset[Due] = frozenset({(SUITE, "P1"), (CMHT, "P2"), ("northmoor-crisis/peer", "P1")})
TRIAGED = {
    "northmoor": _TRIAGED,
    "elsewhere-on-the-coast": _TRIAGED,
    # The peer supporters serve northmoor only.
    "southmoor": _TRIAGED - {("northmoor-crisis/peer", "P1")},
}
ARRIVED: frozenset[Due] = frozenset({(CRISIS_LINE, "P1"), (HOME_TREATMENT, "P2"), (AMHP, "P4")})
DETAINED: frozenset[Due] = frozenset(
    {
        (SUITE, "P1"),
        (CRISIS_LINE, "P1"),
        (HOME_TREATMENT, "P1"),
        (AMBULANCE, "P1"),
        (NURSE, "P1"),
        (AMHP, "P4"),
    }
)
CALLED: frozenset[Due] = frozenset({(CRISIS_LINE, "P1"), (AMBULANCE, "P1")})
CLOSED: frozenset[Due] = frozenset({(CRISIS_LINE, "P1"), (SUITE, "P1")})
TAKEN_ON: frozenset[Due] = frozenset({(CMHT, "P2"), ("moor-ed/liaison", "P1")})

# Police ask inside an open incident only; that a detention has ended they are told after it as well (R21).
_POLICE_P5: Due = ("moor-police/control-room", "P5")
_MISSING: Due = ("moor-police/missing-persons", "P7")
TO_POLICE: dict[str, frozenset[Due]] = {
    "pos.s136.arrived": frozenset({_POLICE_P5, _MISSING}),
    "crisis.triage.completed": frozenset({_POLICE_P5, _MISSING, ("moor-police/street-triage", "P6")}),
}
HANDED_OVER_TO_POLICE: frozenset[Due] = frozenset({_POLICE_P5})
ENDED: frozenset[Due] = frozenset(
    {_POLICE_P5, (AMHP, "P4"), (CRISIS_LINE, "P1"), (CMHT, "P2"), ("moor-gp/practice", "P2")}
)
