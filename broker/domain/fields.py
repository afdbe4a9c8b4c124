"""Fields that the exchange treats by name: those it reads itself, and those that hold a reference."""

from broker.domain.identifiers import EventType, FieldName

REFERRAL = FieldName("person.referral")
"""The event that an acceptance or a safety gap is about; each desk gets its own name of it"""

CITATIONS = frozenset({REFERRAL, FieldName("person.about_event")})
"""Events that the exchange cites: in the record as it knows them, each desk gets its own name of them"""

IDENTIFIERS = CITATIONS | {"subject.local_ref", "incident_ref", "episode_ref", "person.transfer_of"}
"""References that an agency or the exchange issued: each desk gets its own name for them (design 2.3)"""

CONSUMED = frozenset(
    {
        "event_id",
        "setting",
        "purpose",
        "regime",
        "confidentiality_position",
        "capacity",
        "restrictions",
        "person.police_link",
    }
)
"""Fields that the exchange itself reads; they are released to nobody, so they do not count as present"""

CITING = frozenset({"crisis.referral.accepted", "vcs.referral.accepted"})
"""Types that cite an event by the name their publisher has for it: another desk has another name for it"""


_QUOTING = CITING | {
    "vcs.referral.received",
    "vcs.referral.declined",
    "crisis.referral.declined",
    "broker.hold.decided",
    "broker.match.confirmed",
    "broker.match.split",
    "broker.override.reviewed",
    "broker.recall.confirmed",
}
"""Types by which an agency cites an event in the words of one desk; only an acceptance takes a referral on"""


def is_consumed(event_type: EventType, name: FieldName) -> bool:
    """Whether the exchange itself reads this field of this type, so that it goes to nobody."""
    return name in CONSUMED or (name in CITATIONS and event_type in _QUOTING)
