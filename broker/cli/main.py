"""The `candour` command: runs the group of the command and turns errors into messages and exit codes."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from broker.errors import EXIT_USAGE, CandourError

GROUPS = {
    "exchange": ("create", "up", "down", "status"),
    "agency": ("agency",),
    "policy": ("policy",),
    "schema": ("schema",),
    "explain": ("explain",),
    "quarantine": ("quarantine",),
    "demo": ("demo",),
    "simulate": ("simulate",),
    "bench": ("bench",),
    "codes": ("codes",),
}
"""Module under `broker.cli` -> the commands it registers; only the one at hand is imported"""

EXIT_INTERRUPTED = 130
EXIT_BROKEN_PIPE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code (design 4). Never raises for what a caller can put right."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        arguments = _parser(words).parse_args(words)
        return int(arguments.run(arguments))
    except CandourError as error:
        print(f"candour: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more as it ends; there is nobody left to read it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"broker", "consumers"}:
            raise
        print(
            f"candour: this command needs the package {error.name}, which an agency does without. "
            "Install the exchange's own packages: pip install 'candour[broker]'",
            file=sys.stderr,
        )
        return EXIT_USAGE


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="candour",
        description="Tells each agency in a crisis what it needs to know, and nothing more; and proves it.",
        epilog="Exit codes: 0 done, 1 the answer is no, 2 wrong use, 3 integrity broken, 70 try again, "
        "71 the position of a lane cannot be right.",
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    groups = _groups_for(words)
    for group in groups:
        try:
            module = importlib.import_module(f"broker.cli.{group}")
        except ModuleNotFoundError:
            # Help lists what this installation can do; a command asked for by name says what it lacks.
            if len(groups) == 1:
                raise
            continue
        module.register(subparsers)
    return parser


def _groups_for(words: Sequence[str]) -> list[str]:
    """The group of the command at hand; every group when help is wanted or the command is not known."""
    command = next((word for word in words if not word.startswith("-")), None)
    found = [group for group, commands in GROUPS.items() if command in commands]
    return found or list(GROUPS)


if __name__ == "__main__":
    sys.exit(main())
