"""`candour agency`: publish an agency's events, receive a desk's deliveries."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from broker.cli.publishing import Progress, PublishRun, Result
from broker.domain.codes import MARKINGS
from broker.domain.identifiers import AgencyId, DeskId, agency_of
from broker.errors import (
    EXIT_DONE,
    EXIT_INTEGRITY,
    EXIT_RESTART,
    EXIT_USAGE,
    DependencyError,
    UsageError,
)
from broker.settings import default_folder
from consumers.kit.delivery import Delivery, Received, Returned
from consumers.kit.inbox import SCHEMA_UNKNOWN, Inbox
from consumers.kit.language import Language, read_language
from consumers.kit.line import LineError, OutgoingEvent, read_line
from consumers.kit.opening import Refusal
from consumers.kit.outbox import Outbox
from consumers.kit.profile import AGENCY_FILE, Profile, read_profile
from consumers.kit.replies import ReplyWatch

WAIT_S = 60.0
MOST_FAULTS_SHOWN = 20

_Subparsers = Any
_RENEW = "Renew `schemas` (docs/agency.md): it is then handed out first."


def register(subparsers: _Subparsers) -> None:
    """Add the command group to the parser of `candour`."""
    group = subparsers.add_parser("agency", help="publish an agency's events, receive a desk's deliveries")
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    publish = commands.add_parser(
        "publish",
        help="publish events, one JSON object a line",
        description="Publishes events. All lines are checked first: one bad line publishes none. "
        "From '-' each line stands alone.",
    )
    publish.add_argument("agency", help="who publishes, such as moor-police")
    publish.add_argument("file", help="a file of JSON lines, or - for standard input")
    publish.add_argument("--wait", action="store_true", help="wait for the exchange's reply to each event")
    publish.add_argument("--timeout", type=float, default=WAIT_S, metavar="S", help="seconds (default: 60)")
    publish.set_defaults(run=run_publish)
    receive = commands.add_parser(
        "receive",
        help="receive deliveries and replies, opened, each once",
        description="Receives what the exchange sent to one desk: verified, opened, each delivery once.",
    )
    receive.add_argument("desk", help="who receives, such as moor-police/control-room")
    receive.add_argument("--follow", action="store_true", help="go on with what comes, until stopped")
    receive.set_defaults(run=run_receive)
    rejected = commands.add_parser(
        "rejected",
        help="which of an agency's payloads were not taken in, why, and its own bytes",
        description="Lists the payloads of the last thirty days that are in quarantine. Takes nothing from "
        "the inbox. --out writes each one's bytes as they came, readable by you only.",
    )
    rejected.add_argument("agency", help="whose payloads, such as moor-police")
    rejected.add_argument("--out", type=Path, metavar="DIR", help="write their bytes into this folder")
    rejected.set_defaults(run=run_rejected)
    for command in (publish, receive, rejected):
        command.add_argument("--json", action="store_true", help="print one JSON object a line")
        command.add_argument("--dir", type=Path, default=None, help="the exchange's folder")


def run_publish(arguments: argparse.Namespace) -> int:
    """`candour agency publish`. 0: all accepted; 1: one rejected or without a reply yet; 2: a line is off."""
    profile, language = _agency(arguments.dir, AgencyId(arguments.agency))
    show = _show_result_json if arguments.json else _show_result
    events: Iterable[OutgoingEvent | LineError]
    if arguments.file == "-":
        events = _each(sys.stdin, language, profile)
    else:
        checked = list(_each(_lines(Path(arguments.file)), language, profile))
        faults = [line for line in checked if isinstance(line, LineError)]
        if faults:
            if arguments.json:
                for fault in faults:
                    show(Result.of_bad_line(fault))
            return _refuse_file(faults, len(checked))
        events = checked
    return _reaching(profile, lambda: _publish(profile, language, events, arguments, show))


def run_receive(arguments: argparse.Namespace) -> int:
    """`candour agency receive`. 3 when something in the desk's topic was not genuine or cannot be read."""
    desk = DeskId(arguments.desk)
    profile, language = _agency(arguments.dir, agency_of(desk))
    profile.desk(desk)
    return _reaching(profile, lambda: _receive(profile, language, desk, arguments))


def run_rejected(arguments: argparse.Namespace) -> int:
    """`candour agency rejected`. 70: Kafka is away."""
    from broker.cli.rejected import document, table, write
    from consumers.kit.rejected import read_rejected

    profile, language = _agency(arguments.dir, AgencyId(arguments.agency))

    def act() -> int:
        found = read_rejected(profile, language)
        if arguments.json:
            for one in found:
                print(json.dumps(document(one)), flush=True)
        else:
            print("\n".join(table(found)), flush=True)
        if arguments.out is not None:
            _tell(f"{write(found, arguments.out, language)} payloads written to {arguments.out}.")
        return EXIT_DONE

    return _reaching(profile, act)


def _publish(
    profile: Profile,
    language: Language,
    events: Iterable[OutgoingEvent | LineError],
    arguments: argparse.Namespace,
    show: Callable[[Result], None],
) -> int:
    watch = ReplyWatch(profile, language) if arguments.wait else None
    progress = Progress(sys.stderr if sys.stderr.isatty() else None)
    try:
        with Outbox(profile) as outbox:
            if outbox.left_over:
                _tell(
                    f"{outbox.left_over} envelopes of an earlier run had not been confirmed; they go first."
                )
            results = PublishRun(outbox, watch, arguments.timeout).results(events)
            worst = EXIT_DONE
            for result in progress.over(results):
                show(result)
                worst = max(worst, result.exit_code)
    finally:
        if watch is not None:
            watch.close()
    return worst


def _receive(profile: Profile, language: Language, desk: DeskId, arguments: argparse.Namespace) -> int:
    show = _show_received_json if arguments.json else _show_received
    with Inbox(profile, language, desk, on_refused=_refused) as inbox:
        for received in inbox.deliveries(follow=arguments.follow):
            show(received)
        return EXIT_INTEGRITY if inbox.refused else EXIT_DONE


def _refused(refusal: Refusal) -> None:
    place = f"{refusal.topic}, partition {refusal.partition}, offset {refusal.offset}"
    what = _RENEW if refusal.code == SCHEMA_UNKNOWN else "Tell the exchange's operators."
    _tell(f"Not handed out ({refusal.code}): {place}. {what}")


def _agency(folder: Path | None, agency: AgencyId) -> tuple[Profile, Language]:
    exchange = folder or default_folder()
    agencies = exchange / "agencies"
    if not (agencies / agency / AGENCY_FILE).is_file() or "/" in agency:
        known = ", ".join(sorted(path.name for path in agencies.iterdir())) if agencies.is_dir() else ""
        there = f"There are: {known}." if known else "`candour up` makes an exchange; --dir says where it is."
        raise UsageError(f"{exchange} holds no agency {agency}. {there}")
    profile = read_profile(agencies / agency)
    return profile, read_language(profile.schemas)


def _reaching(profile: Profile, act: Callable[[], int]) -> int:
    try:
        return act()
    except DependencyError as error:
        _tell(f"Kafka at {profile.bootstrap} does not serve {profile.agency} ({error.code}).")
        _tell("See `candour status`; `candour up` starts the exchange of this machine. Then try again.")
        return EXIT_RESTART


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text. Save it as UTF-8.") from None
    except OSError:
        raise UsageError(
            f"{path} cannot be read. Give a file of JSON lines, or - for standard input."
        ) from None


def _each(lines: Iterable[str], language: Language, profile: Profile) -> Iterable[OutgoingEvent | LineError]:
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            event = read_line(text, number, language, profile.kind)
        except LineError as error:
            yield error
            continue
        for notice in event.notices:
            _tell(notice)
        yield event


def _refuse_file(faults: list[LineError], lines: int) -> int:
    for fault in faults[:MOST_FAULTS_SHOWN]:
        _tell(str(fault))
    if len(faults) > MOST_FAULTS_SHOWN:
        _tell(f"... and {len(faults) - MOST_FAULTS_SHOWN} lines more.")
    _tell(
        f"Nothing was published: {len(faults)} of {lines} lines cannot be. Put them right and publish again."
    )
    return EXIT_USAGE


def _tell(text: str) -> None:
    print(f"candour: {text}", file=sys.stderr, flush=True)


def _show_result_json(result: Result) -> None:
    print(json.dumps(result.to_json()), flush=True)


def _show_result(result: Result) -> None:
    line = f"line {result.line:<4} {result.status:<9} {result.event_id or '-'}"
    point = f"  at {result.applied_point}" if result.applied_point else ""
    code = f"  {result.code}" if result.code else ""
    said = f"{line}{point}{code}  {_plain(result.message)}".rstrip()
    print(said + _duty(result.handled_by, result.phone), flush=True)


def _duty(handled_by: Sequence[str], phone: str | None) -> str:
    """Who acts, and whom to ring: nothing where neither is told."""
    who = f"  handled by {', '.join(map(_plain, handled_by))}" if handled_by else ""
    return who if phone is None else f"{who}  phone {_plain(phone)}"


def _show_received_json(received: Received) -> None:
    print(json.dumps(received.to_json()), flush=True)


def _show_received(received: Received) -> None:
    if isinstance(received, Returned):
        print(f"returned {received.event_id or '-'}  {received.quarantine_id}", flush=True)
        return
    if not isinstance(received, Delivery):
        code = f" ({received.code})" if received.code else ""
        said = f"reply    {received.event_id or '-'}  {received.status}{code}  {_plain(received.message)}"
        print(said.rstrip() + _duty(received.handled_by, received.phone), flush=True)
        return
    lines = [f"{received.event_type}  {received.extent}  {received.event_id}"]
    lines.append(f"  about       {_plain(received.subject or 'nobody named')}")
    for name, value in received.fields.items():
        lines.append(f"  {name:<32} {_plain(value)}")
    lines.extend(f"  {name:<32} (there is an entry)" for name in received.present)
    lines.append(
        f"  under       {received.agreement or 'no agreement'}, purpose {received.purpose}, "
        f"basis {received.basis or '-'}, policy {received.policy_revision}"
    )
    if received.marking:
        lines.append(f"  handling    {MARKINGS.get(received.marking, received.marking)}")
    if received.expires_at:
        lines.append(f"  not after   {received.expires_at}")
    if received.clinician_line:
        lines.append(f"  clinician   {_plain(received.clinician_line)}")
    print("\n".join(lines), flush=True)


def _plain(value: object) -> str:
    """Text for a terminal: what another agency wrote cannot move the cursor, colour or turn our lines."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return "".join(mark if mark.isprintable() else f"\\u{ord(mark):04x}" for mark in text)
