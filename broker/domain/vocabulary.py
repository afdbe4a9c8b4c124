"""The closed vocabularies of the exchange: every code that may stand in a question, an answer or a decision.

Values are the codes of `domain.md` 4.1-4.4 and of design 2.4; they are spelt the same in schemas,
policies, decisions, metrics and documents.
"""

from enum import StrEnum


class AgencyKind(StrEnum):
    """What an agency is (design 2.7). Desks have the kind of their agency."""

    POLICE = "police"
    CRISIS = "crisis"
    PLACE_OF_SAFETY = "place_of_safety"
    CMHT = "cmht"
    SOCIAL_CARE = "social_care"
    CHILDREN_SOCIAL_CARE = "children_social_care"
    AMBULANCE = "ambulance"
    ED = "ed"
    GP = "gp"
    VCSE = "vcse"
    HOUSING = "housing"
    PERSON = "person"
    CARER = "carer"
    COMMISSIONER = "commissioner"
    GOVERNANCE = "governance"
    BROKER = "broker"
    """the exchange itself, for the few events it publishes (4.6 `broker.*`); no agency of the registry"""


HEALTH_AND_CARE = frozenset(
    {
        AgencyKind.CRISIS,
        AgencyKind.PLACE_OF_SAFETY,
        AgencyKind.CMHT,
        AgencyKind.SOCIAL_CARE,
        AgencyKind.CHILDREN_SOCIAL_CARE,
        AgencyKind.AMBULANCE,
        AgencyKind.ED,
        AgencyKind.GP,
        AgencyKind.PERSON,
    }
)
"""Kinds whose NHS numbers name the subject (design 2.3); a number from anyone else is a hint only (R36)."""


class Setting(StrEnum):
    """How urgent the publisher says the contact is (4.1). Asserted, never proof (R53)."""

    EMERGENCY_LIVE = "emergency_live"
    URGENT = "urgent"
    PLANNED = "planned"


URGENT = frozenset({Setting.EMERGENCY_LIVE, Setting.URGENT})
"""Settings in which somebody must act now (R42, R43)"""


class Regime(StrEnum):
    """Which data-protection regime the publisher's processing is under (L12)."""

    UKGDPR = "ukgdpr"
    PART3 = "part3"


class Purpose(StrEnum):
    """Purposes of use (4.3). Those that begin with PX are refused whatever an agreement says (R4)."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"
    P6 = "P6"
    P7 = "P7"
    P8 = "P8"
    P9 = "P9"
    P10 = "P10"
    P11 = "P11"
    P12 = "P12"
    P13 = "P13"
    PX1 = "PX1"
    PX2 = "PX2"
    PX3 = "PX3"
    PX4 = "PX4"
    PX5 = "PX5"
    PX6 = "PX6"
    PX7 = "PX7"
    PX8 = "PX8"


class FieldClass(StrEnum):
    """How far a field may go (4.2). `core` is the neutral part, asked as a class of its own (R42)."""

    CORE = "core"
    ID = "ID"
    CT = "CT"
    LP = "LP"
    LA = "LA"
    OP = "OP"
    SF = "SF"
    LG = "LG"
    CL = "CL"
    CX = "CX"
    AU = "AU"
    CO = "CO"
    TP = "TP"
    SG = "SG"
    SC = "SC"
    RP = "RP"
    ST = "ST"


class Handling(StrEnum):
    """What happens to one field on its way to one desk (design 2.4)."""

    WHOLE = "whole"
    COARSENED = "coarsened"
    PSEUDONYM = "pseudonym"
    PRESENCE = "presence"
    SUMMARY = "summary"


class AnswerKind(StrEnum):
    """OPA's word on one question."""

    PERMIT = "PERMIT"
    DENY = "DENY"
    HOLD = "HOLD"


class Outcome(StrEnum):
    """What became of one event for one subscription (design promise 2)."""

    DELIVERED = "delivered"
    DENIED = "denied"
    HELD = "held"
    QUARANTINED = "quarantined"


class Extent(StrEnum):
    """How much of the event went."""

    FULL = "full"
    MINIMISED = "minimised"
    CORE = "core"
    NONE = "none"


class Threshold(StrEnum):
    """Right Care Right Person threshold (4.6 `police.mh_call.triaged`)."""

    NONE = "none"
    CRIME = "crime"
    LIFE_RISK = "life_risk"
    SERIOUS_HARM = "serious_harm"


class WishState(StrEnum):
    """What the person's wishes say about one class, desk and purpose."""

    NONE = "none"
    PERMITS = "permits"
    OBJECTS = "objects"
    OVERRIDDEN = "overridden"


class PermissionSource(StrEnum):
    """Who recorded the permission that counts, so that policy can refuse its beneficiary's word (R54)."""

    NONE = "none"
    SELF = "self"
    INDEPENDENT = "independent"
    BENEFICIARY = "beneficiary"


class Capacity(StrEnum):
    """Capacity for this decision now, as recorded (3.1)."""

    HAS = "has"
    LACKS = "lacks"
    UNKNOWN = "unknown"


class AgeBand(StrEnum):
    """Age band as far as publishers told it (R38)."""

    UNDER_16 = "under_16"
    AGE_16_17 = "age_16_17"
    ADULT = "adult"
    UNKNOWN = "unknown"


class Marker(StrEnum):
    """Restricted-person markers (class RP): consumed here, recipients see the effect only."""

    LOCATION_WITHHELD = "location_withheld"
    DOMESTIC_ABUSE = "domestic_abuse"
    ALIAS = "alias"
    STAFF_OR_VIP = "staff_or_vip"
    CHILD = "child"
    LEGAL_HOLD = "legal_hold"


class MarkerAct(StrEnum):
    """What an event does with a marker of a person (4.6 `person.restriction.set / lifted`)."""

    SET = "set"
    LIFTED = "lifted"


class Trait(StrEnum):
    """What a field is besides its class, where a cell of 4.5 or a rule tells fields of one class apart."""

    FIRST_NAME = "first_name"
    NAME = "name"
    HELPS = "helps"
    """what helps the person now (R23)"""
    LANGUAGE = "language"
    ADJUSTMENT = "adjustment"
    POWER = "power"
    """the power officers act under: all that police may know of legal status"""
    FOR_POLICE = "for_police"
    """what the person marked for police to know"""
    LOCATES = "locates"
    """tells where the person is, although its class is neither LP nor CT (R24)"""
    POINTER = "pointer"
    """where a crisis plan is kept, and no more"""
    ROLE_OR_NUMBER = "role_or_number"
    """of staff: a role or a number, never a name"""
    OVERSIGHT = "oversight"
    """what those who oversee the exchange may know of legal status: a code, never who it is about"""
    ENDED_AT = "ended_at"
    """when custody ended, or officers were free to go: all that police get then (R21)"""


class LegalAlert(StrEnum):
    """What a reported fact shows that the law does not allow, or asks for in vain (R16-R19)."""

    DWELLING = "section_136_in_private_dwelling"
    EXTENSION_GROUND = "extension_ground_not_lawful"
    EXTENSION_LENGTH = "extension_too_long"
    STATION_UNDER_18 = "police_station_under_18"
    STATION_CRITERIA = "police_station_criteria_not_recorded"
    OVER_LIMIT = "detention_over_limit"
    EXPIRED = "detention_expired"
    NOT_CONSULTED = "consultation_not_recorded"


class Gap(StrEnum):
    """What is missing where somebody may be left without support (R42)."""

    NOT_ACCEPTED = "referral_not_accepted"
    """nobody took a referral on within the agreed minutes"""
    NOT_PASSED_ON = "call_not_passed_on"
    """police do not go, and nobody has accepted the call"""
    EXPIRED = "detention_expired"
    """a detention ran out, and nobody says who sees to the person now"""


class WishKind(StrEnum):
    """The three kinds of wish (design 2.8)."""

    PERMISSION = "permission"
    WITHDRAWAL = "withdrawal"
    OBJECTION = "objection"


class DeliveryKind(StrEnum):
    """What a payload in a `to.` topic is."""

    EVENT = "event"
    RECALL = "recall"
    REPLY = "reply"
    RETURNED = "returned"
    """a payload that was not taken in, for its own publisher"""


class ReplyStatus(StrEnum):
    """What a publisher is told of its own payload (design 2.6, 4)."""

    ACCEPTED = "accepted"
    APPLIED = "applied"
    REJECTED = "rejected"
    NOT_DELIVERED = "not_delivered"
    """an urgent event still waits; ring the number"""
    DELIVERED = "delivered"
    """an urgent event that waited has been decided"""
    HANDLED = "handled"
    """an agency has taken this referral on"""
    NOT_HANDLED = "not_handled"
    """nobody took this referral on in the agreed time; ring the number"""
