"""The table of the rules R1 to R54: where each is kept, and which tests bear its name."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from broker.errors import ConfigurationError
from broker.policy.engine import run_opa
from broker.policy.schema_places import places

RULES = "docs/policies/rules.yaml"
TABLE = "docs/policies/rules.md"

_FIRST, _LAST = 1, 54
_REGO_TEST = re.compile(r"^(test_(?:r[0-9]+_)+\w+)", re.MULTILINE)
_PYTEST = re.compile(r"^(?:async )?def (test_(?:r[0-9]+_)+\w+)", re.MULTILINE)
_NUMBERS = re.compile(r"(?<=_)r([0-9]+)(?=_)")
_CITED = re.compile(r"\bR([0-9]{1,2})\b")
_HEAD = """# Where each rule is kept

Written by `candour policy rules` from `rules.yaml`, METADATA and tests of `policies/`, the tests through
a running exchange in `tests/system/` and the schemas; `--check` fails when it is out of date. Do not edit.

| rule | what it asks | what Candour does | Rego families | Rego tests | through the exchange |
| --- | --- | --- | --- | --- | --- |"""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where one rule is kept."""

    families: tuple[str, ...]
    """Rego families whose METADATA names it as a source"""
    rego_tests: tuple[str, ...]
    exchange_tests: tuple[str, ...]
    fields: tuple[str, ...]
    """fields of the published language whose doc names it"""


def rule_table(root: Path, policies: Path, schemas: Path, opa: Path) -> str:
    """The whole table, as Markdown.

    Args:
        root: holds `docs/policies/rules.yaml` and `tests/system/`.

    Raises:
        ConfigurationError: rules.yaml is missing a rule, or the engine does not read the METADATA.
    """
    said = _said(root / RULES)
    families = _families(policies, opa)
    rego = _named(sorted((policies / "sharing").rglob("*_test.rego")), _REGO_TEST)
    system = _named(sorted((root / "tests/system").glob("test_*.py")), _PYTEST)
    fields = _fields(schemas)
    kept = {
        number: Kept(families[number], rego[number], system[number], fields[number])
        for number in range(_FIRST, _LAST + 1)
    }
    rows = [_row(number, said[f"R{number}"], one) for number, one in kept.items()]
    return "\n".join([_HEAD, *rows, "", *(_section(number, one) for number, one in kept.items())])


def _said(path: Path) -> Mapping[str, Mapping[str, str]]:
    wanted = {f"R{number}" for number in range(_FIRST, _LAST + 1)}
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        raise ConfigurationError(f"{path} cannot be read; the table is written in a checkout") from None
    if (
        not isinstance(said, dict)
        or set(said) != wanted
        or any(set(one) != {"rule", "does"} for one in said.values())
    ):
        raise ConfigurationError(
            f"{path} needs rule and does for each of R{_FIRST} to R{_LAST}, and no others"
        )
    return said


def _families(policies: Path, opa: Path) -> defaultdict[int, tuple[str, ...]]:
    run = run_opa(opa, ["inspect", "--annotations", "--format", "json", "sharing"], folder=policies)
    try:
        annotations = json.loads(run.output)["annotations"]
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError("the rules cannot be read; run candour policy check") from None
    found: defaultdict[int, set[str]] = defaultdict(set)
    for one in annotations:
        for source in one["annotations"].get("custom", {}).get("source", ()):
            if source.startswith("R"):
                found[int(source[1:])].add(Path(one["location"]["file"]).stem)
    return defaultdict(tuple, {number: tuple(sorted(names)) for number, names in found.items()})


def _named(paths: list[Path], pattern: re.Pattern[str]) -> defaultdict[int, tuple[str, ...]]:
    """Rule number -> tests that bear it in their name, in the order of files."""
    found: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for path in paths:
        for name in pattern.findall(path.read_text(encoding="utf-8")):
            for number in _numbers(name):
                found[number][name] = None
    return defaultdict(tuple, {number: tuple(names) for number, names in found.items()})


def _numbers(test: str) -> Iterator[int]:
    # Only those it begins with: test_r10_r36_not_one_field is of two rules.
    leading = re.match(r"test_(?:r[0-9]+_)+", test)
    return (int(one) for one in _NUMBERS.findall(leading.group() if leading else ""))


def _fields(schemas: Path) -> defaultdict[int, tuple[str, ...]]:
    found: defaultdict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    paths = sorted(schemas.glob("*.avsc"))
    for path in paths:
        for field, doc in _docs(json.loads(path.read_bytes())):
            for number in _CITED.findall(doc):
                found[int(number)][field].add(path.stem)
    return defaultdict(
        tuple, {number: tuple(_spelt(by_field, len(paths))) for number, by_field in found.items()}
    )


def _docs(schema: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for place in places(schema):
        if place.field is not None and place.unit is None:
            yield place.path, str(place.field.get("doc", ""))


def _spelt(by_field: Mapping[str, set[str]], types: int) -> Iterator[str]:
    for field, events in sorted(by_field.items()):
        few = len(events) < types // 2
        yield f"`{field}`" + (f" ({', '.join(sorted(events))})" if few else "")


def _row(number: int, said: Mapping[str, str], kept: Kept) -> str:
    families = ", ".join(f"`{name}`" for name in kept.families)
    counts = f"{len(kept.rego_tests)} | {len(kept.exchange_tests)}"
    return f"| [R{number}](#r{number}) | {said['rule']} | {said['does']} | {families} | {counts} |"


def _section(number: int, kept: Kept) -> str:
    parts = (
        ("Rego tests", [f"`{name}`" for name in kept.rego_tests]),
        ("Tests through the exchange", [f"`{name}`" for name in kept.exchange_tests]),
        ("Fields of the language", list(kept.fields)),
    )
    lines = [f"- {what}: {', '.join(names)}" for what, names in parts if names]
    return "\n".join([f"## R{number}", "", *(lines or ["No test bears its name yet."]), ""])
