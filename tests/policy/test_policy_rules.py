"""The rules as shipped pass every check, and each step of the check can fail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from broker.policy.check import Finding, check_policies
from broker.settings import shipped

Edit = Callable[[str, str, str], None]
OBJECTION = "sharing/objection/objection.rego"


def found(policies: Path, schemas: Path, opa: Path) -> dict[str, Finding]:
    return {finding.step: finding for finding in check_policies(policies, schemas, opa)}


def test_the_shipped_policies_pass_every_step(schemas: Path, opa: Path) -> None:
    findings = found(shipped("policies"), schemas, opa)
    assert {step: finding.details for step, finding in findings.items() if not finding.passed} == {}
    assert list(findings) == ["format", "types", "conventions", "agreements", "tests", "coverage"]


def test_a_rule_that_is_not_as_opa_fmt_writes_it_fails(
    policies: Path, schemas: Path, opa: Path, edit: Edit
) -> None:
    edit(OBJECTION, "no_objection if", "no_objection   if")
    assert found(policies, schemas, opa)["format"].details == (f"{OBJECTION}: run opa fmt -w",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("input.wish in", "input.wishes in"),
        ("input.wish in", "time.now_ns() in"),
        ("input.wish in", 'http.send({"method": "GET", "url": "x"}) in'),
    ],
    ids=["a part no question has", "the clock", "the network"],
)
def test_a_rule_that_reads_what_it_may_not_fails(
    policies: Path, schemas: Path, opa: Path, edit: Edit, old: str, new: str
) -> None:
    edit(OBJECTION, old, new)
    assert not found(policies, schemas, opa)["types"].passed


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("#   code: objection", "#   code: confidence", "its METADATA says confidence"),
        ("#   owner: information-governance\n", "", "lacks owner"),
        ("#   source: [L6, R27, R34]\n", "", "lacks source"),
        ("[L6, R27, R34]", "[hearsay]", "source hearsay is no number"),
        ('deny contains "objection"', 'deny contains "dislike"', "dislike is no reason"),
        ("# title: No objection\n", "", "needs METADATA with a title"),
        ("# title: Objection\n", "", "the package needs METADATA"),
        ("package candour.objection", "package candour.dissent", "should be candour.objection"),
    ],
)
def test_a_rule_that_does_not_say_what_it_is_fails(
    policies: Path, schemas: Path, opa: Path, edit: Edit, old: str, new: str, problem: str
) -> None:
    edit(OBJECTION, old, new)
    finding = found(policies, schemas, opa)["conventions"]
    assert not finding.passed
    assert any(problem in detail for detail in finding.details), finding.details


def test_a_family_without_tests_fails_conventions_and_coverage(
    policies: Path, schemas: Path, opa: Path
) -> None:
    (policies / "sharing/gateway/gateway_test.rego").unlink()
    findings = found(policies, schemas, opa)
    assert any("needs tests beside it" in detail for detail in findings["conventions"].details)
    assert any("gateway.rego" in detail for detail in findings["coverage"].details)


def test_a_rule_that_lets_more_go_fails_its_tests(
    policies: Path, schemas: Path, opa: Path, edit: Edit
) -> None:
    edit(OBJECTION, '"overridden"}', '"overridden", "objects"}')
    details = found(policies, schemas, opa)["tests"].details
    assert "data.candour.objection_test.test_r34_an_objection_stops" in details
