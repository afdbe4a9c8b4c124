"""`candour policy`: check the policies, build and sign their bundle."""

import argparse
import json
from pathlib import Path

from broker.errors import EXIT_DONE, EXIT_NO
from broker.policy.bundle import build_signed_bundle
from broker.policy.check import check_policies
from broker.policy.engine import find_opa
from broker.settings import shipped


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `policy check` and `policy build`."""
    policy = subparsers.add_parser("policy", help="check policies; build and sign their bundle")
    commands = policy.add_subparsers(metavar="COMMAND", required=True)

    check = commands.add_parser("check", help="format, types, conventions, agreements, tests, coverage")
    _add_folders(check)
    check.add_argument("--json", action="store_true", help="one object a step: step, passed, details")
    check.set_defaults(run=run_check)

    build = commands.add_parser("build", help="compile agreements and rules into one signed bundle")
    _add_folders(build)
    build.add_argument("--key", type=Path, required=True, help="P-256 private key that signs, PEM")
    build.add_argument("--out", type=Path, required=True, help="folder for data.json and bundle.tar.gz")
    build.add_argument("--json", action="store_true", help="one object: revision, data, bundle")
    build.set_defaults(run=run_build)


def _add_folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policies", type=Path, help="policy folder; as shipped when not given")
    parser.add_argument("--schemas", type=Path, help="folder of event schemas; as shipped when not given")


def run_check(arguments: argparse.Namespace) -> int:
    """Prints a line a step; 0 when all passed, 1 when one did not."""
    policies, schemas = _folders(arguments)
    passed = True
    for finding in check_policies(policies, schemas, find_opa()):
        passed = passed and finding.passed
        if arguments.json:
            found = {"step": finding.step, "passed": finding.passed, "details": list(finding.details)}
            print(json.dumps(found))
        else:
            word = "passed" if finding.passed else "FAILED"
            print(f"{finding.step:12} {word}  {finding.details[0]}")
            for detail in finding.details[1:]:
                print(f"{'':20} {detail}")
    return EXIT_DONE if passed else EXIT_NO


def run_build(arguments: argparse.Namespace) -> int:
    """Builds, signs and says the revision."""
    policies, schemas = _folders(arguments)
    info = build_signed_bundle(policies, schemas, find_opa(), arguments.key, arguments.out)
    if arguments.json:
        paths = {"data": str(info.data_path), "bundle": str(info.bundle_path)}
        print(json.dumps({"revision": info.revision, **paths}))
    else:
        print(f"revision  {info.revision}")
        print(f"bundle    {info.bundle_path}")
        print(f"data      {info.data_path}")
    return EXIT_DONE


def _folders(arguments: argparse.Namespace) -> tuple[Path, Path]:
    return arguments.policies or shipped("policies"), arguments.schemas or shipped("schemas")
