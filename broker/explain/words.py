"""Words: what each code of a decision means to a governance officer, one sentence or phrase each."""

from collections.abc import Mapping

from broker.domain.codes import MARKINGS, NOTICES, REASONS, REJECTIONS
from broker.domain.quarantine import ActReason
from broker.domain.vocabulary import Extent, Handling, Outcome, Purpose, WishKind

PURPOSES = {
    Purpose.P1: "crisis response now",
    Purpose.P2: "direct care over time",
    Purpose.P3: "adult safeguarding",
    Purpose.P4: "a function under the Mental Health Act",
    Purpose.P5: "police response to a risk to life or of serious harm",
    Purpose.P6: "serious crime, case by case",
    Purpose.P7: "return of somebody missing or absent without leave",
    Purpose.P8: "social care and housing",
    Purpose.P9: "voluntary support",
    Purpose.P10: "support of a carer",
    Purpose.P11: "running the service, in figures only",
    Purpose.P12: "the person's rights, complaints, audit",
    Purpose.P13: "equality monitoring, in figures only",
    Purpose.PX1: "refused purpose: to lower this person's demand",
    Purpose.PX2: "refused purpose: to sanction behaviour",
    Purpose.PX3: "refused purpose: police in planned therapy",
    Purpose.PX4: "refused purpose: to target by diagnosis",
    Purpose.PX5: "refused purpose: vetting or checks by an employer",
    Purpose.PX6: "refused purpose: immigration",
    Purpose.PX7: "refused purpose: fundraising or marketing",
    Purpose.PX8: "refused purpose: research without approval",
}
"""Purposes of use (4.3)"""

BASES = {
    "B1": "direct care: UK GDPR Art. 6(1)(e) and 9(2)(h); confidence by implied consent",
    "B2": "social-care function: UK GDPR Art. 6(1)(c) or (e) and 9(2)(h)",
    "B3": "adult safeguarding: UK GDPR Art. 6(1)(c) or (e) and 9(2)(g) or (h)",
    "B4": "vital interests: UK GDPR Art. 6(1)(d) and 9(2)(c); only of somebody who cannot consent",
    "B5": "serious harm or serious crime, to police: UK GDPR Art. 6(1)(e) and 9(2)(g); overriding public "
    "interest, case by case",
    "B6": "police to health or care: UK GDPR Art. 6(1)(e) and 9(2)(g) or (h); police common-law duties",
    "B7": "police law-enforcement processing: Data Protection Act 2018 Part 3",
    "B8": "Mental Health Act function: UK GDPR Art. 6(1)(c) or (e) and 9(2)(h) or (g); statute",
    "B9": "voluntary sector: explicit consent by default",
    "B10": "compelled by law: UK GDPR Art. 6(1)(c) with the matching part of Art. 9",
    "B11": "statistics: anonymised, or UK GDPR Art. 6(1)(e) and 9(2)(h) or (j) with an opt-out check",
    "B12": "the person's own rights: UK GDPR Art. 6(1)(c)",
}
"""Legal-basis bundles (3.3)"""

ACT_REASONS = {
    ActReason.FIND_FAULT: "to find what was wrong with it",
    ActReason.MENDED: "what made it bad was mended",
    ActReason.SENT_AGAIN: "its publisher sent it again by itself",
    ActReason.NOT_GENUINE: "it was not its publisher's",
    ActReason.NOT_NEEDED: "it is not needed any more",
}
"""Why two holders acted on a payload in quarantine"""

HANDLINGS = {
    Handling.WHOLE: "as published",
    Handling.PSEUDONYM: "under this desk's own name for it",
    Handling.SUMMARY: "as text that was written to be shared",
    Handling.COARSENED: "made coarser (a time to the hour, a date to the year)",
    Handling.PRESENCE: "only as word that there is an entry",
}
"""What happened to a field on its way, after "Went " (design 2.4); printed in this order"""

_CORE = "when, in which area, how urgent and what kind of help; nothing about the person"

OUTCOMES = {
    (Outcome.DELIVERED, Extent.FULL): "Delivered in full: all that the event tells went.",
    (
        Outcome.DELIVERED,
        Extent.MINIMISED,
    ): "Delivered in part: what this desk may have went, the rest stayed.",
    (Outcome.DELIVERED, Extent.CORE): f"Delivered, core only: {_CORE}.",
    (Outcome.DENIED, Extent.NONE): "Denied: nothing went.",
    (Outcome.HELD, Extent.NONE): "Held for a named person to decide. Nothing has gone.",
    (Outcome.HELD, Extent.CORE): f"Held for a named person to decide. The core has gone: {_CORE}.",
    (Outcome.HELD, Extent.MINIMISED): "Held for a named person to decide. What needs no decision has gone.",
    (Outcome.QUARANTINED, Extent.CORE): "In quarantine for this desk: it could not be decided. "
    f"The core has gone: {_CORE}.",
    (Outcome.QUARANTINED, Extent.NONE): "In quarantine for this desk: it could not be decided. Nothing went.",
}
"""Outcome and extent (design promise 2)"""

WHO_DECIDES = {
    "aggregates_only": "Nobody. Commissioners get figures, under disclosure control.",
    "age_policy_missing": "The crisis team, with those who have parental responsibility.",
    "clinical_summary_only": "The author, who can publish a summary that is written to be shared.",
    "class_needs_person": "The named decider of this flow; for classes CX and TP the Caldicott Guardian.",
    "class_never": "Nobody by this way. If the desk must know, a named person tells it.",
    "confidence": "The person, who can be asked; or the parties, who name the ground in the agreement.",
    "core_not_urgent": "The parties, who can sign an agreement for this flow.",
    "identity_unsound": "The publisher, who puts the identifier right in a new event.",
    "location_withheld": "Nobody while the marker stands. A clinician knows how to reach the person safely.",
    "nhs_number_in_text": "The publisher, who can leave the number out of the text in a new event.",
    "no_agreement": "The parties, who can sign an agreement for this flow, place and date.",
    "no_basis": "The parties, who name the legal basis in the agreement.",
    "not_a_child": "Nobody: the approved professionals and the place of safety are alerted in every case.",
    "not_in_agreement": "The parties, who can name the field if the desk cannot do its task without it.",
    "objection": "The person, who can lift the objection; else only a named review, with its reasons.",
    "part3_gateway_missing": "The parties, who quote the gateway in the agreement; or the force, which "
    "publishes under UK GDPR where the work is welfare.",
    "permission_from_beneficiary": "The person, who can tell it to an agency that gains nothing by it.",
    "permission_missing": "The person, who can be asked and can tell it to health or social care.",
    "police_no_clinical": "Nobody: no agreement can allow it. Police ring a clinician, who says what keeps "
    "people safe.",
    "police_not_confirmed": "The place of safety or the crisis desk, which confirms in its own event who it "
    "is and that there is danger. Until then police ring a clinician.",
    "police_planned_care": "Nobody: planned care is between the person and those who care.",
    "best_interests": "A named clinician, in the person's best interests while capacity is lacking.",
    "capable_refusal": "The person; or a named clinician, with reasons, after asking again.",
    "case_by_case": "A named decider of the publishing agency, for this case.",
    "custody_end_only": "Nobody: the time is all that police need to close the incident.",
    "complaint_confined": "Nobody: a complaint goes to the governance officers, who answer the person.",
    "emergency_no_agreement": "Information governance, who review it within one working day.",
    "forbidden_label": "Nobody. The language team takes the field out of the schema.",
    "objection_outweighed": "Information governance, who review it within one working day.",
    "person_deceased": "Nobody by this way. Who may see a record after a death asks its publisher.",
    "police_plan": "Nobody: plans of care are between the person and those who care.",
    "refused_purpose": "Nobody: no agreement can allow it.",
    "rights_only": "The person, who can turn to the officers.",
    "safeguarding_duty": "The safeguarding lead, who answers to the person.",
    "section_115_alone": "Information governance, who name a basis beside the power.",
    "serious_violence_duty": "Nobody: the Act itself leaves patient information out.",
    "volunteer_limits": "Nobody here. A coordinator tells the volunteer what the task needs.",
    "stage_failed": "Operations, who find out what failed.",
    "undecidable": "Operations, who find the rule that fails and have it put right.",
}
"""Why something stayed -> who can change that (N23)"""

WHAT_PUBLISHERS_DO = {
    "event_id_conflict": "Publish it under an id of its own. What was published first under this id stands.",
    "stage_failed": "Nothing: operations find out what failed.",
    "undecidable": "Nothing: operations find the rule that fails.",
}
"""Why a payload is in quarantine -> what its publisher does"""

PUT_RIGHT = "Put it right and publish it as a new event: nothing of it was taken in."

WISHES: Mapping[str, str] = {
    WishKind.PERMISSION: "A permission",
    WishKind.WITHDRAWAL: "A withdrawal of permission",
    WishKind.OBJECTION: "An objection",
    "restriction_set": "A marker that protects the person",
    "restriction_lifted": "The end of a marker that protected the person",
}


def outcome(became: Outcome, extent: Extent) -> str:
    """What became of one event for one desk."""
    return OUTCOMES.get((became, extent), f"{became}, {extent}.".capitalize())


def published(code: str) -> str | None:
    """The published sentence of a code; None where no list has it."""
    for known in (REASONS, REJECTIONS, NOTICES):
        if code in known:
            return known[code]
    return None


def sentence(code: str) -> str:
    """The published sentence of a code, with the code; the code alone where no list has it."""
    said = published(code)
    return f"[{code}]" if said is None else f"{said} [{code}]"


def marking(code: str) -> str:
    """The published sentence of a marking."""
    return MARKINGS.get(code, f"[{code}]")
