"""`candour simulate`: writes a made-up area, holds it against published figures, plays it to an exchange."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from broker.cli.folders import add_dir, named_folder
from broker.errors import EXIT_DONE, EXIT_NO, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from broker.simulate.check import Row

_CALLS: Final = ("cheshire-after", "cheshire-before", "met-after", "met-before")
_TABLE_WIDTH: Final = 120
_BEGIN: Final = "2026-01-01"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `simulate` with `check` and `play`."""
    parser = subparsers.add_parser(
        "simulate",
        help="write a made-up area, every agency's events, drawn to published figures",
        description="Writes the events of every agency of an area that does not exist, one JSONL file for "
        "each, as that agency would publish them. The same seed gives the same files. docs/simulate.md tells "
        "what is in them and what they are not good for.",
    )
    parser.add_argument("--population", type=_whole, metavar="N", help="people who live there")
    parser.add_argument("--days", type=_whole, metavar="D")
    parser.add_argument("--seed", type=_whole, default=1, metavar="S", help="(%(default)s)")
    parser.add_argument("--out", type=named_folder, metavar="DIR", help="a folder that is not there yet")
    parser.add_argument(
        "--begin", type=_date, default=_date(_BEGIN), metavar="DAY", help=f"the first day ({_BEGIN})"
    )
    parser.add_argument("--check", action="store_true", help="then print the table of `simulate check`")
    parser.add_argument(
        "--json", action="store_true", help="with --check: one object a row instead of the table"
    )
    _scenario(parser)
    parser.set_defaults(run=_write)
    actions = parser.add_subparsers(metavar="ACTION")
    _add_check(actions)
    _add_play(actions)


def _scenario(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--equal",
        action="store_true",
        help="detentions do not differ by ethnicity and deprivation (C27, C29)",
    )
    parser.add_argument(
        "--repeats",
        choices=("usual", "third"),
        default="usual",
        help="third: a third of the detentions are of few people (C36)",
    )
    parser.add_argument(
        "--police-calls",
        choices=_CALLS,
        default=_CALLS[0],
        help="how often police deploy (C22, C23; %(default)s)",
    )


def _add_check(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    check = actions.add_parser(
        "check",
        help="hold a made-up area against published figures",
        description="Counts what the agencies' own lines say, and prints it beside what was published. Exit "
        "1 when a figure is outside its tolerance. Of too few cases a row is shown and not judged.",
    )
    check.add_argument("folder", type=named_folder, metavar="DIR")
    check.add_argument("--json", action="store_true", help="one object a row instead of the table")
    check.set_defaults(run=_check)


def _add_play(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    play = actions.add_parser(
        "play",
        help="publish a made-up area to a running exchange",
        description="Every agency publishes its lines through its own kit, when their time has come. Each "
        "line is moved as a whole so that it was written down at the moment at which it is published: its "
        "other instants keep their distance from that moment. At speed 1 that is real time. Faster, lines "
        "stand closer together than their instants say; only those of one incident keep their distances, "
        "for which its earlier ones are moved into the past. Exit 1 when the exchange rejects anything but "
        "what was seeded for it to reject.",
    )
    play.add_argument("folder", type=named_folder, metavar="DIR")
    play.add_argument(
        "--speed", type=_speed, default=1.0, metavar="X", help="times as fast, or max (%(default)s)"
    )
    add_dir(play)
    play.add_argument("--json", action="store_true", help="one object instead of the lines at the end")
    play.set_defaults(run=_play)


def _write(arguments: argparse.Namespace) -> int:
    """0: written, and within tolerance where --check was asked for; 1: a figure is outside."""
    from rich.console import Console
    from rich.progress import Progress

    from broker.simulate.calendar import Calendar
    from broker.simulate.run import write
    from broker.simulate.world import Scenario, World

    lacking = [name for name in ("population", "days", "out") if getattr(arguments, name) is None]
    if lacking:
        named = " and ".join(f"--{name}" for name in lacking)
        raise UsageError(
            f"{named} is wanted. For example: candour simulate --population 300000 --days 7 --out area"
        )
    scenario = Scenario(not arguments.equal, arguments.repeats, arguments.police_calls)
    world = World.make(
        arguments.seed, arguments.population, Calendar(arguments.begin, arguments.days), scenario
    )
    out = Console(stderr=True)
    with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
        bar = progress.add_task("writing days", total=arguments.days)
        write(world, arguments.out, lambda days: progress.update(bar, completed=days))
    out.print(f"Written to {arguments.out}: one file for each agency, and manifest.json.", soft_wrap=True)
    return _judge(arguments.out, as_json=arguments.json) if arguments.check else EXIT_DONE


def _check(arguments: argparse.Namespace) -> int:
    return _judge(arguments.folder, as_json=arguments.json)


def _judge(folder: Path, *, as_json: bool) -> int:
    from rich.console import Console

    from broker.simulate.check import is_outside, rows
    from broker.simulate.tally import read_tally

    table = rows(read_tally(folder))
    if as_json:
        for row in table:
            print(json.dumps(row.to_json()))
    else:
        # A figure that is broken over lines cannot be read: rather let a narrow terminal wrap.
        _show(Console(width=_TABLE_WIDTH), table)
    return EXIT_NO if is_outside(table) else EXIT_DONE


def _show(out: "Console", table: "tuple[Row, ...]") -> None:
    from rich import box
    from rich.table import Table

    shown = Table(title="Against published figures (domain.md 6.4)", title_justify="left", box=box.SIMPLE)
    for name, side in (("figure", "left"), ("source", "left"), ("published", "right"), ("from", "right")):
        shown.add_column(name, justify="right" if side == "right" else "left")
    for name in ("to", "found", "cases"):
        shown.add_column(name, justify="right")
    shown.add_column("")
    colours = {"ok": "green", "outside": "bold red", "too few": "yellow"}
    for row in table:
        found = "-" if row.found is None else f"{row.found:,.1f}"
        numbers = (f"{row.low:,.1f}", f"{row.high:,.1f}", found, f"{row.cases:,}")
        verdict = f"[{colours[row.verdict]}]{row.verdict}"
        shown.add_row(row.name, row.source, row.published, *numbers, verdict)
    out.print(shown)


def _play(arguments: argparse.Namespace) -> int:
    """0: played, and the exchange refused what it had to refuse and no more; 1: it did not."""
    from rich.console import Console
    from rich.progress import Progress

    from broker.settings import load_settings
    from broker.simulate.order import in_order, read_manifest
    from broker.simulate.player import Player

    manifest = read_manifest(arguments.folder)
    agencies = load_settings(arguments.dir).agencies_folder
    out = Console(stderr=True)
    with (
        Player(agencies, manifest["agencies"], arguments.speed) as player,
        Progress(console=out, transient=True, disable=not out.is_terminal) as progress,
    ):
        bar = progress.add_task("playing lines", total=manifest["lines"])
        summary = player.play(in_order(arguments.folder), lambda _: progress.advance(bar))
    seeded = {one["event_id"]: one["code"] for one in manifest["refused"]}
    as_seeded = summary.rejected == seeded
    found = {
        "published": summary.published,
        "seconds": round(summary.seconds, 1),
        **summary.statuses,
        "rejected_as_seeded": as_seeded,
    }
    if arguments.json:
        print(json.dumps(found))
    else:
        print(", ".join(f"{name} {value}" for name, value in found.items()))
    for event_id in sorted(summary.rejected.keys() ^ seeded.keys()):
        code = summary.rejected.get(event_id)
        print(
            f"! {event_id}: " + ("was not rejected" if code is None else f"rejected, {code}"), file=sys.stderr
        )
    return EXIT_DONE if as_seeded else EXIT_NO


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError("a whole number from 1 is wanted")
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day as 2026-01-01 is wanted") from None


def _speed(text: str) -> float | None:
    """None: as fast as it goes."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise argparse.ArgumentTypeError("a number above 0, or max, is wanted")
    return speed
