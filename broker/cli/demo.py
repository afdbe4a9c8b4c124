"""`candour demo`: plays one night of three invented people on a fresh exchange, checks what came of it."""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from broker.errors import EXIT_DONE, EXIT_NO, CandourError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from broker.proof.demo.client import Cast
    from broker.proof.demo.expected import Cell, Result
    from broker.proof.demo.observe import Run
    from broker.proof.demo.script import Step
    from broker.settings import Settings

LANES = 4
NIGHT_BEGAN_HOURS_AGO = 9
SETTLE_S = 15.0
_LOOK_S = 0.1


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `demo`."""
    demo = subparsers.add_parser(
        "demo",
        help="play one night on a fresh exchange and show who got what",
        description="Makes an exchange in a folder of its own, plays one night of three invented people on "
        "it, shows who got what, checks it against what was written down by hand, stops everything. "
        "Exit 0 when all is as expected, 1 when not.",
    )
    demo.add_argument("--expected", type=Path, metavar="FILE", help="check against this CSV instead")
    demo.add_argument(
        "--keep",
        type=lambda text: Path(text).expanduser().absolute(),
        metavar="DIR",
        help="make the exchange there and leave its folder, to look around in",
    )
    demo.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Plays, shows, checks. 0: all as expected; 1: the cells that differ are named."""
    from broker.proof.demo import show
    from broker.proof.demo.expected import EXPECTED, read_expected
    from broker.proof.demo.script import read_script

    started_s = time.monotonic()
    steps = read_script()
    expected = read_expected(arguments.expected or EXPECTED, {step.label for step in steps})
    out = show.console()
    with _exchange(arguments.keep, out) as folder:
        night = _night(folder, steps, out)
    problems = _show(out, night, expected)
    out.print(f"Took {time.monotonic() - started_s:.0f} s. Everything is stopped.")
    if arguments.keep is not None:
        _say_how_to_look(out, arguments.keep, night)
    return EXIT_NO if problems else EXIT_DONE


@contextmanager
def _exchange(keep: Path | None, out: "Console") -> Iterator[Path]:
    """A fresh exchange, running; stopped at the end whatever happens, and its folder removed unless kept."""
    from broker.onebox.passing import passing_exchange
    from broker.onebox.record import StartOptions

    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise UsageError(
            f"{keep} is not empty. --keep makes a new exchange: name a folder that is not there yet."
        )
    out.print("Starting an exchange of its own: Kafka, OPA, the workers.", style="bold")
    options = StartOptions(lanes=LANES, workers=1)
    try:
        with passing_exchange(
            "demo", options, lambda line: out.print(f"  {line}", style="dim"), keep
        ) as folder:
            yield folder
    except CandourError:
        if keep is None:
            out.print("Its logs go with its folder. To keep them: candour demo --keep DIR", soft_wrap=True)
        raise


def _night(folder: Path, steps: "Sequence[Step]", out: "Console") -> "Run":
    from broker.proof.demo.client import Cast
    from broker.settings import load_settings

    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=NIGHT_BEGAN_HOURS_AGO)
    out.print()
    out.print("The night, hours and minutes after dusk:", style="bold")
    settings = load_settings(folder)
    with Cast(settings.agencies_folder) as cast:
        cast.play(steps, began, lambda step: out.print(f"  {step.clock:6}  {step.agency:17} {step.says}"))
        return _settled(settings, steps, cast)


def _settled(settings: "Settings", steps: "Sequence[Step]", cast: "Cast") -> "Run":
    """The run once it is all there: each reply has come, but the last deliveries may be on their way."""
    from broker.proof.demo.books import read_books
    from broker.proof.demo.observe import Run, faults
    from broker.registry.keyring import KeyRing

    keyring = KeyRing.load(settings.keys_folder)
    deadline_s = time.monotonic() + SETTLE_S
    while True:
        night = Run(steps, cast.played, read_books(settings, keyring), cast.deliveries(), cast.refused())
        if not any(faults(night)) or time.monotonic() > deadline_s:
            return night
        time.sleep(_LOOK_S)


def _show(out: "Console", night: "Run", expected: "Mapping[Cell, Result]") -> list[str]:
    from broker.proof.demo import show
    from broker.proof.demo.expected import differences
    from broker.proof.demo.observe import faults, results

    found = results(night)
    parts: list[Callable[[], None]] = [
        lambda: show.show_table(out, night, found),
        lambda: show.show_police(out, night, found),
        lambda: show.show_refusal(out, night),
        lambda: show.show_books(out, night),
    ]
    for part in parts:
        out.print()
        part()
    out.print()
    problems = [*faults(night), *differences(expected, found)]
    if problems:
        show.show_problems(out, problems)
    else:
        out.print(f"All {len(expected)} rows of the expectation hold.", style="bold green")
    return problems


def _say_how_to_look(out: "Console", folder: Path, night: "Run") -> None:
    event_id = night.played.event_ids["alex-assessed"]
    out.print("To look around in it:")
    for command in ("up", "status", f"explain {event_id}", "down"):
        out.print(f"  candour {command} --dir {folder}", soft_wrap=True)
