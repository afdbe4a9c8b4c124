"""`candour codes`: the closed lists of codes, each with its sentence."""

import argparse
import json

from broker.domain import codes
from broker.errors import EXIT_DONE

LISTS = {
    "reasons": codes.REASONS,
    "rejections": codes.REJECTIONS,
    "notices": codes.NOTICES,
    "markings": codes.MARKINGS,
    "alerts": codes.ALERTS,
}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `codes`."""
    parser = subparsers.add_parser("codes", help="print every code that a decision or a reply can carry")
    parser.add_argument("--json", action="store_true", help="one object a line: list, code, meaning")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Prints the lists in a fixed order."""
    for name, entries in LISTS.items():
        if not arguments.json:
            print(f"{name}")
        for code, meaning in sorted(entries.items()):
            if arguments.json:
                print(json.dumps({"list": name, "code": code, "meaning": meaning}))
            else:
                print(f"  {code:28} {meaning}")
    return EXIT_DONE
