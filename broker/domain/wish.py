"""What a person permitted, withdrew or objected to, folded in log order."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from broker.domain.identifiers import AgencyId, DeskId, agency_of
from broker.domain.vocabulary import AgencyKind, FieldClass, PermissionSource, Purpose, WishKind, WishState


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish and its scope.

    A permission covers only what it names: it has to show that it applies. An objection or a
    withdrawal that leaves a part of its scope open covers everything of that part.
    """

    kind: WishKind
    recorded_by: AgencyId
    recorded_by_kind: AgencyKind
    purposes: frozenset[Purpose]
    recipients: frozenset[str] = field(repr=False)
    """desks (`northmoor-crisis/peer`) or agencies (`northmoor-crisis`)"""
    classes: frozenset[FieldClass]
    valid_until_us: int | None = None
    """microseconds since 1970-01-01T00:00Z; a permission past it no longer counts"""

    def covers(self, purpose: Purpose, desk: DeskId, field_class: FieldClass) -> bool:
        """Whether this wish speaks about this class of field for this desk and purpose."""
        open_ended = self.kind is not WishKind.PERMISSION
        return (
            (purpose in self.purposes or (open_ended and not self.purposes))
            and (
                desk in self.recipients
                or agency_of(desk) in self.recipients
                or (open_ended and not self.recipients)
            )
            and (field_class in self.classes or (open_ended and not self.classes))
        )


@dataclass(frozen=True, slots=True)
class WishView:
    """What the wishes say about one class for one desk and purpose."""

    state: WishState
    permission_source: PermissionSource


def wish_view(
    wishes: Iterable[Wish], purpose: Purpose, desk: DeskId, field_class: FieldClass, at_us: int
) -> WishView:
    """Fold `wishes`, oldest first, for one class, desk and purpose at one instant.

    An objection that covers the case beats any permission, whichever came first; of permissions and
    withdrawals the latest that covers the case counts (issue text; R34, R54). Lifting an objection is
    a decision with a clock of its own (`person.objection.decided`) and no part of this.

    Args:
        wishes: every wish of one subject in log order.
        at_us: instant of the decision, microseconds since 1970-01-01T00:00Z.
    """
    permission: Wish | None = None
    for wish in wishes:
        if not wish.covers(purpose, desk, field_class):
            continue
        if wish.kind is WishKind.OBJECTION:
            return WishView(WishState.OBJECTS, PermissionSource.NONE)
        permission = wish
    if permission is None or permission.kind is WishKind.WITHDRAWAL:
        return WishView(WishState.NONE, PermissionSource.NONE)
    if permission.valid_until_us is not None and permission.valid_until_us <= at_us:
        return WishView(WishState.NONE, PermissionSource.NONE)
    return WishView(WishState.PERMITS, _source(permission, desk))


def _source(permission: Wish, desk: DeskId) -> PermissionSource:
    if permission.recorded_by_kind is AgencyKind.PERSON:
        return PermissionSource.SELF
    if permission.recorded_by == agency_of(desk):
        return PermissionSource.BENEFICIARY
    return PermissionSource.INDEPENDENT
