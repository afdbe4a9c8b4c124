"""`candour demo`: plays an evening of invented people on a fresh exchange, checks it, writes its page."""

import argparse
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from broker.cli.folders import named_folder
from broker.errors import EXIT_DONE, EXIT_NO, CandourError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from broker.proof.demo.client import Cast
    from broker.proof.demo.expected import Cell, Result
    from broker.proof.demo.observe import Run
    from broker.proof.demo.script import Script
    from broker.settings import Settings

LANES = 4
EVENING_BEGAN_HOURS_AGO = 9
AGREED_MINUTE_MS = 800
"""Nobody who watches waits a quarter of an hour for a safety gap: fifteen such minutes are twelve seconds"""
SETTLE_S = 15.0
PAGE = Path("candour-evening.html")
_LOOK_S = 0.25


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `demo`."""
    demo = subparsers.add_parser(
        "demo",
        help="play one evening on a fresh exchange and show who got what",
        description="Makes an exchange in a folder of its own, plays one evening of forty invented people on "
        "it, shows who got what, checks it against what was written down by hand, writes a page that opens "
        "without a network, stops everything. Exit 0 when all is as expected, 1 when not.",
    )
    demo.add_argument("--expected", type=Path, metavar="FILE", help="check against this CSV instead")
    demo.add_argument(
        "--page", type=Path, default=PAGE, metavar="FILE", help=f"write the page there ({PAGE})"
    )
    demo.add_argument(
        "--as",
        dest="desk",
        metavar="DESK",
        help="write the page of this desk instead: what it received, and nothing else",
    )
    demo.add_argument(
        "--keep",
        type=named_folder,
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
    _refuse_unknown(arguments.desk)
    script = read_script()
    expected = read_expected(arguments.expected or EXPECTED, {step.label for step in script.steps})
    out = show.console()
    with _exchange(arguments.keep, out) as folder:
        evening = _evening(folder, script, expected, out)
    problems = _show(out, evening, expected)
    _write_page(out, arguments.page, arguments.desk, evening, problems)
    out.print(f"Took {time.monotonic() - started_s:.0f} s. Everything is stopped.")
    if arguments.keep is not None:
        _say_how_to_look(out, arguments.keep, evening)
    return EXIT_NO if problems else EXIT_DONE


def _refuse_unknown(desk: str | None) -> None:
    """Raises UsageError naming the desks there are, before anything is started for one that is not there."""
    import yaml

    from broker.settings import shipped

    area = yaml.safe_load((shipped("policies") / "area.yaml").read_text(encoding="utf-8"))
    known = {f"{name}/{role}" for name, agency in area["agencies"].items() for role in agency["desks"]}
    if desk is not None and desk not in known:
        raise UsageError(f"there is no desk {desk}. There are: {', '.join(sorted(known))}.")


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
    os.environ.setdefault("CANDOUR_AGREED_MINUTE_MS", str(AGREED_MINUTE_MS))
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


def _evening(folder: Path, script: "Script", expected: "Mapping[Cell, Result]", out: "Console") -> "Run":
    from broker.proof.demo.client import Cast
    from broker.settings import load_settings

    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=EVENING_BEGAN_HOURS_AGO)
    settings = load_settings(folder)
    with Cast(settings.agencies_folder, script, began) as cast:
        _play(cast, script, out)
        return _settled(settings, script, began, expected, cast)


def _play(cast: "Cast", script: "Script", out: "Console") -> None:
    """Chapter by chapter; a bar where there is a terminal, a line a chapter where there is none."""
    from rich.progress import Progress

    out.print()
    out.print(f"The evening: {len(script.steps)} events of {len(script.people)} people.", style="bold")
    with Progress(console=out, transient=True, disable=not out.is_terminal) as progress:
        bar = progress.add_task("playing", total=len(script.steps))
        for chapter in script.chapters:
            began_s = time.monotonic()
            cast.play(chapter, lambda events: progress.advance(bar, events))
            took_s = time.monotonic() - began_s
            out.print(f"  {chapter.title}: {len(chapter.steps)} events, {took_s:.1f} s", style="dim")


def _settled(
    settings: "Settings",
    script: "Script",
    began: datetime,
    expected: "Mapping[Cell, Result]",
    cast: "Cast",
) -> "Run":
    """The run once it is all there: deliveries and safety gaps may be on their way when the play ends."""
    from broker.proof.demo.books import read_books
    from broker.proof.demo.expected import differences
    from broker.proof.demo.observe import Run, faults, results
    from broker.registry.keyring import KeyRing

    keyring = KeyRing.load(settings.keys_folder)
    deadline_s = time.monotonic() + SETTLE_S
    while True:
        cast.hear_later()
        books = read_books(settings, keyring)
        evening = Run(script, began, cast.played, books, cast.deliveries(), cast.refused())
        late = time.monotonic() > deadline_s
        if late or not (any(faults(evening)) or any(differences(expected, results(evening)))):
            return evening
        time.sleep(_LOOK_S)


def _show(out: "Console", evening: "Run", expected: "Mapping[Cell, Result]") -> list[str]:
    from broker.proof.demo import show
    from broker.proof.demo.expected import differences
    from broker.proof.demo.observe import faults, results

    found = results(evening)
    show.show_chapters(out, evening.script, found)
    parts: list[Callable[[], None]] = [
        lambda: show.show_refusal(out, evening),
        lambda: show.show_books(out, evening),
    ]
    for part in parts:
        out.print()
        part()
    out.print()
    problems = [*faults(evening), *differences(expected, found)]
    if problems:
        show.show_problems(out, problems)
    else:
        out.print(f"All {len(expected)} rows of the expectation hold.", style="bold green")
    return problems


def _write_page(
    out: "Console", path: Path, desk: str | None, evening: "Run", problems: Sequence[str]
) -> None:
    from broker.domain.identifiers import DeskId
    from broker.proof.demo.observe import results
    from broker.proof.demo.page.desk import desk_page
    from broker.proof.demo.page.governance import governance_page

    if desk is None:
        text = governance_page(evening, results(evening), problems)
    else:
        text = desk_page(DeskId(desk), evening.deliveries[DeskId(desk)])
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        raise UsageError(f"{path} cannot be written. Name another file with --page FILE.") from None
    out.print(f"The page is {path}: open it in a browser, it needs no network.", soft_wrap=True)


def _say_how_to_look(out: "Console", folder: Path, evening: "Run") -> None:
    event_id = evening.played.event_ids["jamie-triaged"]
    out.print("To look around in it:")
    for command in ("up", "status", f"explain {event_id}", "down"):
        out.print(f"  candour {command} --dir {folder}", soft_wrap=True)
