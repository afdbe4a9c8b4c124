"""Checks everything about the policies that can be checked before anybody signs them."""

import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.domain.codes import REASONS
from broker.errors import ConfigurationError
from broker.policy.bundle import restricted_capabilities
from broker.policy.compile import compile_policies
from broker.policy.engine import Run, run_opa

RULE_FOLDERS = ("sharing", "system", "conventions")


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one step of the check."""

    step: str
    passed: bool
    details: tuple[str, ...] = ()
    """what is wrong, or the figure of a step that passed"""


def check_policies(policies: Path, schemas: Path, opa: Path) -> Iterator[Finding]:
    """Run each step in turn; each runs whether or not the one before it passed.

    Raises:
        ConfigurationError: the engine cannot be run.
    """
    steps: tuple[tuple[str, Callable[[], tuple[str, ...]], str], ...] = (
        ("format", lambda: _format(policies, opa), "as opa fmt writes it"),
        ("types", lambda: _types(policies, opa), "strict, against the schema of questions"),
        ("conventions", lambda: _conventions(policies, opa), "each rule says what it is and why"),
        ("agreements", lambda: _compiles(policies, schemas), "sound, and sound beside each other"),
    )
    for step, find, passed in steps:
        problems = find()
        yield Finding(step, passed=not problems, details=problems or (passed,))
    yield from _tests(policies, opa)


def _folders(policies: Path) -> list[Path]:
    return [policies / name for name in RULE_FOLDERS if (policies / name).is_dir()]


def _format(policies: Path, opa: Path) -> tuple[str, ...]:
    run = run_opa(opa, ["fmt", "--list", *_folders(policies)])
    listed = tuple(f"{_short(line, policies)}: run opa fmt -w" for line in run.output.splitlines())
    return listed or _failure(run)


def _types(policies: Path, opa: Path) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory(prefix="candour-check-") as folder:
        capabilities = Path(folder) / "capabilities.json"
        capabilities.write_text(json.dumps(restricted_capabilities(opa)), encoding="utf-8")
        given: list[str | Path] = ["--schema", policies / "schemas", "--capabilities", capabilities]
        return _failure(run_opa(opa, ["check", "--strict", *given, *_folders(policies)]))


def _compiles(policies: Path, schemas: Path) -> tuple[str, ...]:
    try:
        compile_policies(policies, schemas)
    except ConfigurationError as error:
        return tuple(line.strip() for line in str(error).splitlines()[1:])
    return ()


def _conventions(policies: Path, opa: Path) -> tuple[str, ...]:
    try:
        facts = _facts(policies, opa)
    except (ValueError, KeyError, TypeError):
        return ("the rules cannot be parsed; see the step types",)
    with tempfile.TemporaryDirectory(prefix="candour-check-") as folder:
        question = Path(folder) / "facts.json"
        question.write_text(json.dumps(facts), encoding="utf-8")
        query = "data.conventions.problems"
        conventions = policies / "conventions"
        run = run_opa(opa, ["eval", "--format", "json", "--data", conventions, "--input", question, query])
    if run.code != 0:
        return _failure(run)
    return tuple(sorted(json.loads(run.output)["result"][0]["expressions"][0]["value"]))


def _facts(policies: Path, opa: Path) -> dict[str, Any]:
    inspected = run_opa(opa, ["inspect", "--annotations", "--format", "json", "sharing"], folder=policies)
    files = sorted(path.relative_to(policies).as_posix() for path in (policies / "sharing").rglob("*.rego"))
    modules = []
    rules = []
    for file in files:
        if not file.endswith("_test.rego"):
            parsed = run_opa(
                opa, ["parse", "--format", "json", "--json-include", "locations", file], policies
            )
            module = json.loads(parsed.output)
            modules.append({"file": file, "package": _package(module)})
            rules += [_rule(file, rule) for rule in module.get("rules", [])]
    return {
        "inspect": json.loads(inspected.output),
        "modules": modules,
        "rules": rules,
        "reasons": sorted(REASONS),
        "tests": [file for file in files if file.endswith("_test.rego")],
    }


def _package(module: dict[str, Any]) -> str:
    return ".".join(part["value"] for part in module["package"]["path"][1:])


def _rule(file: str, rule: dict[str, Any]) -> dict[str, Any]:
    head = rule["head"]
    key = head.get("key") or {}
    code = key.get("value") if key.get("type") == "string" else ""
    return {"file": file, "row": rule["location"]["row"], "name": head.get("name", ""), "code": code}


def _tests(policies: Path, opa: Path) -> Iterator[Finding]:
    run = run_opa(opa, ["test", "--format", "json", *_folders(policies)])
    try:
        results = json.loads(run.output)
    except ValueError:
        yield Finding("tests", passed=False, details=_failure(run) or ("the tests do not run",))
        return
    failed = [f"{one['package']}.{one['name']}" for one in results if one.get("fail") or one.get("error")]
    yield Finding("tests", passed=not failed, details=tuple(failed) or (f"{len(results)} passed",))
    covered = run_opa(opa, ["test", "--coverage", "--format", "json", *_folders(policies)])
    yield _coverage(policies, covered)


def _coverage(policies: Path, run: Run) -> Finding:
    try:
        report = json.loads(run.output)
        gaps = tuple(
            f"{_short(file, policies)}:{gap['start']['row']} no test reaches this"
            for file, entry in sorted(report["files"].items())
            for gap in entry.get("not_covered", [])
        )
    except (ValueError, KeyError, TypeError):
        return Finding("coverage", passed=False, details=("not known while tests fail",))
    return Finding("coverage", passed=not gaps, details=gaps or (f"{report['coverage']:.0f} % of lines",))


def _failure(run: Run) -> tuple[str, ...]:
    if run.code == 0:
        return ()
    return tuple((run.errors or run.output).strip().splitlines()) or ("the engine failed",)


def _short(name: str, policies: Path) -> str:
    path = Path(name)
    return str(path.relative_to(policies)) if path.is_relative_to(policies) else name
