"""`candour create`, `up`, `down` and `status`: the exchange on this machine."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from broker.cli.folders import add_dir
from broker.errors import EXIT_DONE, EXIT_NO, UsageError
from broker.settings import MAX_LANES

if TYPE_CHECKING:
    from broker.onebox.status import Status

_MOST_WORKERS = 64


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `create`, `up`, `down` and `status`."""
    create = subparsers.add_parser("create", help="make an exchange and start nothing; `up` does it too")
    _add_place(create)
    create.set_defaults(run=run_create)

    up = subparsers.add_parser("up", help="start the exchange on this machine; make it at the first start")
    _add_place(up)
    up.add_argument(
        "--workers", type=_between(1, _MOST_WORKERS), help="intake and release workers, that many of each (1)"
    )
    up.add_argument("--kafka-port", type=_between(1, 65535), help="a free one is chosen otherwise")
    up.add_argument("--opa-port", type=_between(1, 65535), help="a free one is chosen otherwise")
    up.add_argument("--foreground", action="store_true", help="stay until stopped, as containers want it")
    up.add_argument("--without-workers", action="store_true", help=argparse.SUPPRESS)  # for tests
    up.set_defaults(run=run_up)

    down = subparsers.add_parser("down", help="stop the exchange")
    add_dir(down)
    down.set_defaults(run=run_down)

    status = subparsers.add_parser("status", help="how every part is; exit 1 when unwell")
    add_dir(status)
    status.add_argument("--json", action="store_true", help="one object")
    status.set_defaults(run=run_status)


def run_create(arguments: argparse.Namespace) -> int:
    """Makes the folder; one that is there already is no error."""
    from broker.onebox.record import StartOptions
    from broker.onebox.up import make

    _check_opa_url(arguments)
    asked = StartOptions(lanes=arguments.lanes, bootstrap=arguments.bootstrap, opa_url=arguments.opa_url)
    make(arguments.dir, asked, _say)
    return EXIT_DONE


def run_up(arguments: argparse.Namespace) -> int:
    """Starts and waits until everything is ready."""
    from broker.onebox.foreground import stay_up
    from broker.onebox.record import StartOptions
    from broker.onebox.up import up

    _check_opa_url(arguments)
    options = StartOptions(
        lanes=arguments.lanes,
        workers=arguments.workers,
        kafka_port=arguments.kafka_port,
        opa_port=arguments.opa_port,
        bootstrap=arguments.bootstrap,
        opa_url=arguments.opa_url,
    )
    if arguments.foreground:
        return stay_up(arguments.dir, options, _say)
    up(arguments.dir, options, _say, with_workers=not arguments.without_workers)
    return EXIT_DONE


def run_down(arguments: argparse.Namespace) -> int:
    """Stops; stopping what does not run is no error."""
    from broker.onebox.down import down

    started_s = time.monotonic()
    if down(arguments.dir):
        _say(f"stopped in {time.monotonic() - started_s:.1f} s")
    else:
        _say(f"no exchange runs in {arguments.dir}")
    return EXIT_DONE


def run_status(arguments: argparse.Namespace) -> int:
    """Prints how everything is; 1 when unwell."""
    from broker.onebox.status import status

    found = status(arguments.dir)
    if arguments.json:
        print(json.dumps(found.document()))
    else:
        for line in status_lines(found):
            print(line)
    return EXIT_DONE if found.well else EXIT_NO


def status_lines(found: "Status") -> list[str]:
    """The printed table, line by line."""
    lines = [
        f"{'well' if found.well else 'UNWELL'}: {found.phase}, {found.folder}",
        f"Kafka  {found.bootstrap}  {'answers' if found.kafka_answers else 'does not answer'}",
        f"OPA    {', '.join(found.opa_urls)}  "
        + (f"revision {found.opa_revision}" if found.opa_answers else "does not answer"),
        "",
    ]
    if found.parts:
        lines.append(f"{'part':12} {'state':12} {'pid':>8} {'port':>6} {'restarts':>8}  ready")
    for name, part in found.parts.items():
        ready = {True: "yes", False: "no", None: ""}[part.ready]
        pid, port = part.pid or "", part.port or ""
        lines.append(f"{name:12} {part.state:12} {pid:>8} {port:>6} {part.restarts:>8}  {ready}")
    if found.lanes:
        columns = (
            "position",
            "lag",
            "oldest_undecided_s",
            "waiting",
            "asked",
            "decided",
            "balance_difference",
        )
        lines += ["", "lane " + " ".join(f"{column:>18}" for column in columns)]
        for lane, figures in found.lanes.items():
            lines.append(f"{lane:>4} " + " ".join(f"{figures.get(column, 0):>18.0f}" for column in columns))
    if found.lanes:
        told = ", ".join(f"{count} {state}" for state, count in found.quarantine.items())
        lines += ["", f"quarantine: {told}"]
    if found.faults:
        lines += ["", *(f"! {fault}" for fault in found.faults)]
    return lines


def _add_place(parser: argparse.ArgumentParser) -> None:
    add_dir(parser)
    parser.add_argument("--lanes", type=_between(1, MAX_LANES), help="fixed at creation (8)")
    parser.add_argument("--bootstrap", metavar="HOST:PORT", help="use this Kafka instead of starting one")
    parser.add_argument("--opa-url", metavar="URL", help="use this OPA instead of starting one")


def _check_opa_url(arguments: argparse.Namespace) -> None:
    if arguments.opa_url and not arguments.opa_url.startswith(("http://", "https://")):
        raise UsageError("--opa-url must begin with http:// or https://")


def _between(least: int, most: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"a whole number from {least} to {most} is wanted")
        return int(text)

    return whole_number


def _say(line: str) -> None:
    print(line, file=sys.stdout, flush=True)
