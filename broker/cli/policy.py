"""`candour policy`: check the policies, build and sign their bundle, say where each rule is kept."""

import argparse
import json
from pathlib import Path

from broker.errors import EXIT_DONE, EXIT_NO
from broker.policy.bundle import build_signed_bundle
from broker.policy.check import check_policies
from broker.policy.engine import find_opa
from broker.policy.rule_table import TABLE, rule_table
from broker.settings import shipped


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `policy check`, `policy build` and `policy rules`."""
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

    rules = commands.add_parser("rules", help="write the table of rules: where each is kept and tested")
    _add_folders(rules)
    rules.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when the table is out of date"
    )
    rules.set_defaults(run=run_rules)


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


def run_rules(arguments: argparse.Namespace) -> int:
    """Writes docs/policies/rules.md of this checkout, or says whether it is up to date."""
    policies, schemas = _folders(arguments)
    root = policies.resolve().parent
    table = rule_table(root, policies, schemas, find_opa())
    path = root / TABLE
    if not arguments.check:
        path.write_text(table, encoding="utf-8")
        print(f"written   {path}")
        return EXIT_DONE
    fresh = path.is_file() and path.read_text(encoding="utf-8") == table
    print("up to date" if fresh else f"{path} is out of date; run candour policy rules")
    return EXIT_DONE if fresh else EXIT_NO


def _folders(arguments: argparse.Namespace) -> tuple[Path, Path]:
    return arguments.policies or shipped("policies"), arguments.schemas or shipped("schemas")
