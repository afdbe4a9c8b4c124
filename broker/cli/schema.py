"""`candour schema`: checks the published language and its versions, and writes the schemas of deliveries."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from broker.cli.catalogue import register_catalogue
from broker.cli.schema_versions import register_versions
from broker.errors import EXIT_DONE, EXIT_NO, UsageError
from broker.policy.delivery_schemas import delivery_schemas
from broker.policy.schema_layout import render
from broker.policy.schema_lint import RULES, Finding, lint
from broker.registry.catalogue import DELIVERIES, ENDING
from broker.settings import shipped


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `schema lint`, `deliveries`, `catalogue`, `check`, `version` and `publish`."""
    group = subparsers.add_parser("schema", help="check the published language, generate deliveries")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    check = commands.add_parser(
        "lint",
        help="check schemas against the rules of the published language",
        epilog="Rules: " + ", ".join(RULES) + ". Exit 0 when all pass, 1 when one does not.",
    )
    check.add_argument("files", nargs="*", type=Path, metavar="FILE", help="default: every schema shipped")
    check.add_argument("--json", action="store_true", help="one object a line: file, path, rule, message")
    check.set_defaults(run=run_lint)
    generate = commands.add_parser(
        "deliveries", help="write the schema of each delivery from its event's (after a change)"
    )
    generate.add_argument(
        "--folder", type=Path, default=None, help="folder of schemas; default: the shipped one"
    )
    generate.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file differs")
    generate.set_defaults(run=run_deliveries)
    register_catalogue(commands)
    register_versions(commands)


def run_lint(arguments: argparse.Namespace) -> int:
    """Prints what is wrong in each file. Exit 0 when nothing is, else 1."""
    files = arguments.files or _shipped_files()
    faults = 0
    for path in files:
        for finding in lint(_read(path)):
            faults += 1
            print(_as_json(path, finding) if arguments.json else _as_text(path, finding))
    if not arguments.json:
        print(f"{len(files)} schemas, {faults} faults", file=sys.stderr)
    return EXIT_NO if faults else EXIT_DONE


def run_deliveries(arguments: argparse.Namespace) -> int:
    """Writes each delivery schema that differs from what its event's gives; with --check only names it."""
    folder: Path = arguments.folder or shipped("schemas")
    events = {path.stem: _read(path) for path in sorted(folder.glob(f"*{ENDING}"))}
    if not events:
        raise UsageError(f"{folder} holds no schema (*{ENDING}): name the folder of schemas with --folder.")
    differing = 0
    for name, schema in delivery_schemas(events).items():
        path = folder / DELIVERIES / f"{name}{ENDING}"
        text = render(schema)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        differing += 1
        print(f"{path}: {'differs' if arguments.check else 'written'}")
        if not arguments.check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return EXIT_NO if arguments.check and differing else EXIT_DONE


def _shipped_files() -> list[Path]:
    folder = shipped("schemas")
    return [*sorted(folder.glob(f"*{ENDING}")), *sorted((folder / DELIVERIES).glob(f"*{ENDING}"))]


def _read(path: Path) -> dict[str, Any]:
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): name a schema file.") from None
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path}, line {error.lineno}, column {error.colno}: no JSON from here on."
        ) from None
    except ValueError:
        raise UsageError(f"{path} is no UTF-8 text.") from None
    if not isinstance(schema, dict):
        raise UsageError(f"{path} holds no JSON object: a schema is a record.")
    return schema


def _as_text(path: Path, finding: Finding) -> str:
    place = finding.path or "the schema as a whole"
    return f"{path}: {place}: {finding.message} [{finding.rule}]"


def _as_json(path: Path, finding: Finding) -> str:
    return json.dumps(
        {"file": str(path), "path": finding.path, "rule": finding.rule, "message": finding.message}
    )
