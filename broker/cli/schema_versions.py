"""`candour schema check`, `version` and `publish`: how the published language may change, and who is told."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from broker.errors import EXIT_DONE, EXIT_NO, ConfigurationError, UsageError
from broker.policy.schema_check import NOT_RECORDED, Checked, Fault, check_schemas
from broker.policy.schema_publish import RegistryClient, publish
from broker.settings import shipped
from broker.wire.avro import schema_text

_PASSWORD = "CANDOUR_REGISTRY_PASSWORD"  # noqa: S105 - the name of a variable


def register_versions(commands: Any) -> None:
    """Adds `check`, `version` and `publish` to the group `schema`."""
    check = commands.add_parser(
        "check",
        help="compare every schema with its last version",
        description="Refuses what would break a reader or writer of the last version, or silently release "
        "more. Exit 0 when every schema is its last recorded version, 1 when one is not.",
    )
    check.add_argument("--json", action="store_true", help="one object a line: schema, code, path, message")
    check.set_defaults(run=run_check)
    version = commands.add_parser(
        "version",
        help="record what is new as the next minor version (another patch, where only words differ)",
        description="Writes versions/<event type>/<version>.json for every schema that passes `check`. "
        "Exit 1 when one does not: that one is not recorded.",
    )
    version.set_defaults(run=run_version)
    register = commands.add_parser(
        "publish",
        help="register every version in a registry that speaks Confluent's protocol",
        description="For discovery: the exchange itself asks no registry. A second time changes nothing. "
        f"A password is read from {_PASSWORD}.",
    )
    register.add_argument("--registry", required=True, metavar="URL", help="such as https://registry.example")
    register.add_argument("--user", default="", help="name to sign in with")
    register.add_argument("--json", action="store_true", help="one object a line: subject, version, id")
    register.set_defaults(run=run_publish)
    for command in (check, version, register):
        command.add_argument("--folder", type=Path, default=None, help="folder of schemas; as shipped")
    for command in (check, version):
        command.add_argument("--policies", type=Path, default=None, help="the policy folder; as shipped")


def run_check(arguments: argparse.Namespace) -> int:
    """Prints what is wrong with each schema's change. Exit 0 when nothing is, else 1."""
    checked = _checked(arguments)
    advice = "Is not its last recorded version: run `candour schema version`."
    shown = [Fault(one.shown, NOT_RECORDED, "", advice) for one in checked.missing]
    faults = sorted([*checked.faults, *shown])
    for fault in faults:
        print(json.dumps(asdict(fault)) if arguments.json else _line(fault))
    if not arguments.json:
        print(f"{len(faults)} faults", file=sys.stderr)
    return EXIT_NO if faults else EXIT_DONE


def run_version(arguments: argparse.Namespace) -> int:
    """Records what passes the check. Exit 0 when everything does, else 1."""
    checked = _checked(arguments)
    for one in checked.missing:
        path = _folder(arguments) / one.folder / one.name / f"{one.version}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema_text(one.schema), encoding="utf-8")
        print(f"{one.shown} {one.version}")
    for fault in checked.faults:
        print(_line(fault), file=sys.stderr)
    return EXIT_NO if checked.faults else EXIT_DONE


def run_publish(arguments: argparse.Namespace) -> int:
    """Registers every recorded version, oldest first. Exit 1 when the registry refuses one."""
    client = RegistryClient(arguments.registry, arguments.user, os.environ.get(_PASSWORD, ""))
    refused = 0
    for one in publish(_folder(arguments), client):
        refused += bool(one.problem)
        if arguments.json:
            print(json.dumps(asdict(one)))
        else:
            told = one.problem or ("registered" if one.new else "known")
            print(f"{one.subject} {one.version}: {told}", file=sys.stderr if one.problem else sys.stdout)
    return EXIT_NO if refused else EXIT_DONE


def _checked(arguments: argparse.Namespace) -> Checked:
    try:
        return check_schemas(_folder(arguments), arguments.policies or shipped("policies"))
    except ConfigurationError as error:
        raise UsageError(str(error)) from None


def _folder(arguments: argparse.Namespace) -> Path:
    folder: Path = arguments.folder or shipped("schemas")
    return folder


def _line(fault: Fault) -> str:
    return f"{fault.schema}: {fault.path or 'the schema as a whole'}: {fault.message} [{fault.code}]"
