"""Each rule of the schema linter fails on a schema that breaks it, and the shipped schemas break none."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.policy.delivery_schemas import delivery_schema
from broker.policy.schema_lint import RULES, lint
from tests.builders import SCHEMAS
from tests.unit.schemas.seeding import (
    MARKERS,
    PERMISSION,
    SEEDED,
    TEXT,
    Schema,
    change,
    nested,
    new,
    plan,
    put,
    record,
    seeded,
    several,
    whole,
)

SHIPPED = sorted(SCHEMAS.rglob("*.avsc"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(SCHEMAS)))
def test_a_shipped_schema_breaks_no_rule(path: Path) -> None:
    assert lint(json.loads(path.read_text(encoding="utf-8"))) == ()


@pytest.mark.parametrize(
    ("rule", "path", "mutate"), SEEDED, ids=[f"{r}-{n}" for n, (r, _, _) in enumerate(SEEDED)]
)
def test_a_schema_that_breaks_a_rule_is_found_where_it_breaks_it(
    rule: str, path: str, mutate: Callable[[Schema], None]
) -> None:
    found = {(finding.rule, finding.path) for finding in lint(seeded(mutate))}
    assert (rule, path) in found


def test_every_rule_is_broken_by_a_seeded_schema() -> None:
    assert {rule for rule, _, _ in SEEDED} == set(RULES)


def test_seeding_alone_breaks_no_rule() -> None:
    assert lint(seeded(put("noted", ["null", TEXT]))) == ()


def test_a_finding_says_what_to_do_in_one_line() -> None:
    for _, _, mutate in SEEDED:
        for finding in lint(seeded(mutate)):
            assert len(finding.message) > 20
            assert "\n" not in finding.message


@pytest.mark.parametrize("kind", ["police", "housing", "vcse", "carer", "commissioner", "governance"])
def test_a_permission_may_not_be_published_by_who_would_gain_by_it_or_has_no_care_of_the_person(
    kind: str,
) -> None:
    found = lint(seeded(whole(publishers=["person", kind]), PERMISSION))
    assert [finding.rule for finding in found] == ["publishers"]


def test_an_objection_may_be_published_by_anyone() -> None:
    objection = seeded(whole(wish_kind="objection", publishers=["police", "vcse", "carer"]), PERMISSION)
    assert lint(objection) == ()


def test_the_deepest_nesting_allowed_passes() -> None:
    assert lint(seeded(put("deep", nested(4)))) == ()


def test_a_delivery_is_held_to_the_rules_of_its_event() -> None:
    delivery = delivery_schema(seeded(put("risk_level", "double")))
    assert {finding.rule for finding in lint(delivery)} == {"name_forbidden", "type"}
    assert {finding.path for finding in lint(delivery)} == {"person.risk_level"}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "record", "name": "x", "namespace": "a.b"},
        {"type": "record", "fields": "none"},
        {"type": "record", "fields": [{}, 3, {"name": "a"}, {"name": 3, "type": 4}]},
        {"type": ["null"], "fields": [{"name": "a", "type": {"type": "array"}}], "publishers": [[]]},
        {
            "type": "record",
            "fields": [{"name": "a", "type": {"type": "enum", "symbols": 3}}],
            "wish_kind": [],
        },
    ],
)
def test_what_is_no_schema_is_found_wanting_and_breaks_nothing(schema: Schema) -> None:
    assert lint(schema)


@pytest.mark.parametrize("kind", ["police", "housing", "vcse", "carer", "commissioner", "governance"])
def test_a_marker_is_not_lifted_on_the_word_of_who_has_no_care_of_the_person_but_may_be_set(
    kind: str,
) -> None:
    def told(act: str) -> list[str]:
        mutate = several(whole(marks=act, publishers=["person", kind]), put("marker", MARKERS))
        return [finding.rule for finding in lint(seeded(mutate))]

    assert told("set") == []
    assert told("lifted") == ["marks"]


def test_a_plan_whose_roles_are_a_list_without_police_passes() -> None:
    roles = {"type": "enum", "name": "AuthorRole", "symbols": ["nurse", "unknown"]}
    contact = record("Contact", [{**new("role", roles), "default": "unknown"}])
    plain = plan(
        put("author_role_kind", ["null", roles | {"name": "AuthorRoleKind"}]), put("contact", contact)
    )
    assert lint(seeded(plain)) == ()


def test_a_trait_passes_where_its_rule_means_it() -> None:
    noted = put("noted", ["null", TEXT], **{"class": "AU", "summary": True, "traits": ["for_police"]})
    assert lint(seeded(several(noted, change("person.pets_property", traits=["locates"])))) == ()
