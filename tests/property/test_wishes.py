"""What wishes mean, whatever their order: an objection wins, a permission is never wider than it says."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from broker.domain.identifiers import AgencyId, DeskId, agency_of
from broker.domain.vocabulary import (
    AgencyKind,
    FieldClass,
    PermissionSource,
    Purpose,
    WishKind,
    WishState,
)
from broker.domain.wish import Wish, wish_view

DESKS = [
    DeskId(name) for name in ("northmoor-crisis/peer", "northmoor-crisis/crisis-line", "moor-pos/s136-suite")
]
RECIPIENTS = [*DESKS, "northmoor-crisis", "moor-pos", "harbour-vcs"]
PURPOSES = [Purpose.P1, Purpose.P2, Purpose.P5]
CLASSES = [FieldClass.OP, FieldClass.SF, FieldClass.AU, FieldClass.ID]
RECORDERS = [
    (AgencyId("moor-person"), AgencyKind.PERSON),
    (AgencyId("northmoor-crisis"), AgencyKind.CRISIS),
    (AgencyId("moor-pos"), AgencyKind.PLACE_OF_SAFETY),
]
NOW_US = 1_000_000


@st.composite
def wishes(draw: st.DrawFn, kinds: Sequence[WishKind] = tuple(WishKind)) -> Wish:
    by, by_kind = draw(st.sampled_from(RECORDERS))
    return Wish(
        draw(st.sampled_from(kinds)),
        by,
        by_kind,
        draw(st.frozensets(st.sampled_from(PURPOSES))),
        draw(st.frozensets(st.sampled_from(RECIPIENTS))),
        draw(st.frozensets(st.sampled_from(CLASSES))),
        draw(st.sampled_from([None, NOW_US - 1, NOW_US, NOW_US + 1])),
    )


desks, purposes, classes = map(st.sampled_from, (DESKS, PURPOSES, CLASSES))


@given(st.lists(wishes(), max_size=8), purposes, desks, classes, st.randoms(use_true_random=False))
def test_an_objection_beats_every_permission_in_any_order(
    all_wishes: list[Wish], purpose: Purpose, desk: DeskId, field_class: FieldClass, chance: object
) -> None:
    objects = any(
        wish.kind is WishKind.OBJECTION and wish.covers(purpose, desk, field_class) for wish in all_wishes
    )
    chance.shuffle(all_wishes)  # type: ignore[attr-defined]
    state = wish_view(all_wishes, purpose, desk, field_class, NOW_US).state
    assert (state is WishState.OBJECTS) == objects


@given(st.lists(wishes(), max_size=8), purposes, desks, classes)
def test_nothing_is_permitted_that_no_permission_names_in_all_three_parts(
    all_wishes: list[Wish], purpose: Purpose, desk: DeskId, field_class: FieldClass
) -> None:
    view = wish_view(all_wishes, purpose, desk, field_class, NOW_US)
    if view.state is WishState.PERMITS:
        assert any(
            wish.kind is WishKind.PERMISSION
            and purpose in wish.purposes
            and {desk, agency_of(desk)} & wish.recipients
            and field_class in wish.classes
            and (wish.valid_until_us is None or wish.valid_until_us > NOW_US)
            for wish in all_wishes
        )


@given(st.lists(wishes(), max_size=6), wishes(kinds=[WishKind.PERMISSION]), purposes, desks, classes)
def test_an_open_part_of_a_permission_permits_nothing(
    before: list[Wish], wish: Wish, purpose: Purpose, desk: DeskId, field_class: FieldClass
) -> None:
    if not (wish.purposes and wish.recipients and wish.classes):
        assert wish_view([*before, wish], purpose, desk, field_class, NOW_US) == wish_view(
            before, purpose, desk, field_class, NOW_US
        )


@given(st.lists(wishes(), max_size=6), wishes(kinds=[WishKind.WITHDRAWAL]), purposes, desks, classes)
def test_after_a_withdrawal_that_covers_the_case_nothing_is_permitted(
    before: list[Wish], withdrawal: Wish, purpose: Purpose, desk: DeskId, field_class: FieldClass
) -> None:
    if withdrawal.covers(purpose, desk, field_class):
        after = wish_view([*before, withdrawal], purpose, desk, field_class, NOW_US).state
        assert after is not WishState.PERMITS


@given(st.lists(wishes(), max_size=6), wishes(), purposes, desks, classes)
def test_only_a_permission_can_ever_make_things_wider(
    before: list[Wish], wish: Wish, purpose: Purpose, desk: DeskId, field_class: FieldClass
) -> None:
    was = wish_view(before, purpose, desk, field_class, NOW_US).state
    now = wish_view([*before, wish], purpose, desk, field_class, NOW_US).state
    if was is not WishState.PERMITS and now is WishState.PERMITS:
        assert wish.kind is WishKind.PERMISSION


@given(wishes(kinds=[WishKind.PERMISSION]), purposes, desks, classes, st.integers(0, 2 * NOW_US))
def test_a_permission_ends_at_the_instant_it_names_and_not_later(
    wish: Wish, purpose: Purpose, desk: DeskId, field_class: FieldClass, at_us: int
) -> None:
    state = wish_view([wish], purpose, desk, field_class, at_us).state
    covered = wish.covers(purpose, desk, field_class)
    counts = wish.valid_until_us is None or at_us < wish.valid_until_us
    assert (state is WishState.PERMITS) == (covered and counts)


@given(wishes(kinds=[WishKind.PERMISSION]), purposes, desks, classes)
def test_the_agency_that_gains_is_told_apart_from_the_person_and_from_others(
    wish: Wish, purpose: Purpose, desk: DeskId, field_class: FieldClass
) -> None:
    view = wish_view([wish], purpose, desk, field_class, 0)
    if view.state is WishState.PERMITS:
        beneficiary = wish.recorded_by == agency_of(desk)
        assert (view.permission_source is PermissionSource.BENEFICIARY) == beneficiary
        assert (view.permission_source is PermissionSource.SELF) == (wish.recorded_by == "moor-person")
