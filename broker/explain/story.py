"""Story: everything on record about one event, in order, and which of its decisions are in force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from broker.domain.identifiers import AgencyId, AgreementId, DeskId, EventId, EventType, PolicyRevision
from broker.domain.vocabulary import Extent, Outcome
from broker.explain.leaves import ActLeaf, DecisionLeaf, KnownLeaf, Leaf, QuarantineLeaf, WishLeaf, read_leaf

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a page tells of an agreement besides its name."""

    title: str
    duty_contacts: Mapping[str, str]
    """place -> telephone number"""


@dataclass(frozen=True, slots=True)
class Background:
    """What the leaves refer to: agreements as each policy revision had them, numbers, types of wishes."""

    agreements: Mapping[tuple[PolicyRevision, AgreementId], Terms] = field(default_factory=dict)
    clinician_lines: Mapping[str, str] = field(default_factory=dict)
    """place -> telephone number"""
    wish_types: Mapping[str, EventType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """One event as the record has it, each list in the order in which it was decided."""

    event_id: EventId
    decisions: tuple[DecisionLeaf, ...] = ()
    refusals: tuple[QuarantineLeaf, ...] = ()
    wishes: tuple[WishLeaf, ...] = ()
    acts: tuple[ActLeaf, ...] = ()
    """what two holders did with it in quarantine"""
    unknown: int = 0
    """records of kinds that this version does not know"""

    @property
    def publishers(self) -> tuple[AgencyId, ...]:
        """Who published under this id: one agency, unless two use the same id."""
        known = [leaf.decision.publisher for leaf in self.decisions]
        known += [leaf.publisher for leaf in self.wishes]
        known += [leaf.publisher for leaf in self.refusals]
        known += [leaf.publisher for leaf in self.acts]
        return tuple(dict.fromkeys(known))

    def replaced_by(self, leaf: DecisionLeaf) -> DecisionLeaf | None:
        """The later decision that closes this held one; None where it is in force."""
        for later in self.decisions:
            if later.decision.replaces == leaf.digest:
                return later
        return None

    def replaced(self, leaf: DecisionLeaf) -> DecisionLeaf | None:
        """The held decision that this one closes; None where it closes none."""
        for earlier in self.decisions:
            if leaf.decision.replaces == earlier.digest:
                return earlier
        return None

    def event_type(self, wish_types: Mapping[str, EventType]) -> EventType | None:
        """The event's type; None where it was refused before anything was recorded of it."""
        if self.decisions:
            return self.decisions[0].decision.event_type
        return wish_types.get(self.wishes[0].kind) if self.wishes else None

    def for_desk(self, desk: DeskId) -> "Story":
        """What concerns one desk only."""
        mine = tuple(leaf for leaf in self.decisions if leaf.decision.desk == desk)
        return replace(self, decisions=mine, refusals=(), wishes=(), acts=(), unknown=0)


def tell(event_id: EventId, leaves: Iterable[Leaf]) -> Story | None:
    """The story of an event from its leaves; None where there are none.

    Raises:
        IntegrityError: a leaf is not what its format says.
    """
    read = [read_leaf(leaf) for leaf in leaves]
    if not read:
        return None
    known = sorted((leaf for leaf in read if leaf is not None), key=_when)
    return Story(
        event_id,
        decisions=tuple(leaf for leaf in known if isinstance(leaf, DecisionLeaf)),
        refusals=tuple(leaf for leaf in known if isinstance(leaf, QuarantineLeaf)),
        wishes=tuple(leaf for leaf in known if isinstance(leaf, WishLeaf)),
        acts=tuple(leaf for leaf in known if isinstance(leaf, ActLeaf)),
        unknown=len(read) - len(known),
    )


def document(story: Story, wish_types: Mapping[str, EventType]) -> dict[str, object]:
    """What `explain --json` prints (design 4): the decisions in force, one object each.

    A payload in quarantine stands among them without desk, agreement, answer and purpose.
    """
    in_force = [leaf for leaf in story.decisions if story.replaced_by(leaf) is None]
    return {
        "event_id": story.event_id,
        "event_type": story.event_type(wish_types),
        "decisions": [*map(_decision_document, in_force), *map(_refusal_document, story.refusals)],
    }


def instant(at_us: int) -> datetime:
    """Microseconds since 1970-01-01T00:00Z as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=at_us)


def _decision_document(leaf: DecisionLeaf) -> dict[str, object]:
    decision = leaf.decision
    return {
        "desk": decision.desk,
        "agreement": decision.agreement,
        "answer": decision.answer,
        "outcome": decision.outcome,
        "extent": decision.extent,
        "fields": dict(sorted(decision.fields.items())),
        "reasons": list(decision.reasons),
        "basis": decision.basis,
        "purpose": decision.purpose,
        "policy_revision": decision.policy_revision,
        "decided_at": instant(decision.decided_at_us).isoformat(),
    }


def _refusal_document(leaf: QuarantineLeaf) -> dict[str, object]:
    return {
        "desk": None,
        "agreement": None,
        "answer": None,
        "outcome": Outcome.QUARANTINED,
        "extent": Extent.NONE,
        "fields": {},
        "reasons": [leaf.code],
        "basis": None,
        "purpose": None,
        "policy_revision": leaf.policy_revision,
        "decided_at": instant(leaf.decided_at_us).isoformat(),
    }


def _when(leaf: KnownLeaf) -> tuple[int, object]:
    if isinstance(leaf, ActLeaf):
        return leaf.acted_at_us, leaf.place
    at_us = leaf.applied_at_us if isinstance(leaf, WishLeaf) else _decided_at_us(leaf)
    return at_us, leaf.place


def _decided_at_us(leaf: DecisionLeaf | QuarantineLeaf) -> int:
    return leaf.decision.decided_at_us if isinstance(leaf, DecisionLeaf) else leaf.decided_at_us
