"""`candour quarantine`: what was not taken in, and what two holders of keys do with it together."""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broker.cli.files import refuse_unwritable
from broker.cli.folders import add_dir
from broker.domain.identifiers import AgencyId, EventId, EventType
from broker.domain.quarantine import ActReason, KeptState, QuarantineAct, Request
from broker.domain.vocabulary import AgencyKind, ReplyStatus
from broker.errors import (
    EXIT_DONE,
    EXIT_NO,
    EXIT_RESTART,
    ConfigurationError,
    DependencyError,
    UsageError,
)
from broker.registry.signed import write_private
from broker.settings import load_settings

if TYPE_CHECKING:
    from broker.cli.two_people import Asked
    from broker.explain.quarantine import Item
    from broker.onebox.holders import HolderKeys
    from broker.registry.registry import Registry
    from broker.wire.envelope import Payload
    from broker.wire.kept import Kept
    from consumers.kit.delivery import Reply

WAIT_S = 60.0
ACTS = {
    "show": (QuarantineAct.OPENED, ActReason.FIND_FAULT, "look at the bytes of one payload"),
    "resubmit": (QuarantineAct.RESUBMITTED, ActReason.MENDED, "bring one in again, under today's rules"),
    "discard": (QuarantineAct.DISCARDED, ActReason.NOT_NEEDED, "end it: this payload will not come in"),
}
"""Command -> act, its usual reason, what it is for"""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `quarantine`."""
    about_group = "payloads that were not taken in: list, show, resubmit, discard"
    group = subparsers.add_parser("quarantine", help=about_group)
    commands = group.add_subparsers(metavar="COMMAND", required=True)
    listed = commands.add_parser("list", help="what is in quarantine: codes, times, sizes; never a value")
    listed.add_argument("--publisher", help="payloads of this agency only")
    listed.add_argument("--all", action="store_true", help="also those resubmitted and discarded")
    listed.add_argument("--json", action="store_true", help="one object")
    add_dir(listed)
    listed.set_defaults(run=run_list)
    for name, (_, usual, about) in ACTS.items():
        _add_act(commands.add_parser(name, help=about, description=_ABOUT), name, usual)


_ABOUT = (
    "Needs two of the quarantine's holders. On one machine: ID --as ONE --with OTHER. On two: the first "
    "gives ID --as ONE --out FILE, the second --request FILE --as OTHER, within a day. It is on record "
    "before anything is shown or comes in."
)


def _add_act(parser: argparse.ArgumentParser, name: str, usual: ActReason) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help="its id, or enough of it to be the only one")
    who = "who you are, such as ig-lead"
    parser.add_argument("--as", dest="holder", required=True, metavar="HOLDER", help=who)
    parser.add_argument("--with", dest="other", metavar="HOLDER", help="the second, on this machine too")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the request for the second holder")
    parser.add_argument("--request", type=Path, metavar="FILE", help="agree to what the first holder wrote")
    parser.add_argument("--reason", choices=list(ActReason), default=usual, help="(%(default)s)")
    parser.add_argument("--keys", type=Path, help="folder of holders' keys (governance/holders)")
    parser.add_argument("--json", action="store_true", help="one object")
    parser.set_defaults(bytes=None)
    if name == "show":
        parser.add_argument(
            "--bytes", type=Path, metavar="FILE", help="also write the bytes here, as they came"
        )
    add_dir(parser)
    parser.set_defaults(run=run_act, act=name)


def run_list(arguments: argparse.Namespace) -> int:
    """Prints the table. 70: Kafka does not answer; 3: a record is not whole."""
    from broker.cli.quarantine_pages import document, table

    items = _items(arguments.dir)
    if items is None:
        return EXIT_RESTART
    wanted = [
        one
        for one in items
        if (arguments.all or one.state is KeptState.KEPT)
        and arguments.publisher in (None, one.record["publisher"])
    ]
    if arguments.json:
        print(json.dumps(document(items, wanted)))
    else:
        print("\n".join(table(items, wanted)))
    return EXIT_DONE


def run_act(arguments: argparse.Namespace) -> int:
    """Asks, agrees, or both. 0: it is on record; 1: the exchange refuses it; 2: wrong use; 70: try again."""
    from broker.cli.two_people import read_request, write_request

    if (arguments.id is None) == (arguments.request is None):
        raise UsageError("give the ID of a payload, or --request FILE, one of the two")
    for path, option in ((arguments.bytes, "--bytes"), (arguments.out, "--out")):
        if path is not None:
            refuse_unwritable(path, option)
    if arguments.request is not None:
        if arguments.out or arguments.other:
            raise UsageError("--request agrees to what another asked for: leave --out and --with away")
        asked = read_request(arguments.request)
        if asked.request.act is not ACTS[arguments.act][0]:
            raise UsageError(f"the request is to be {asked.request.act}, not to {arguments.act}")
        return _agree(arguments, _registry(arguments.dir), asked, arguments.holder)
    if (arguments.out is None) == (arguments.other is None):
        raise UsageError(
            "one person alone can do nothing: give the second --with, or write --out FILE for them"
        )
    items = _items(arguments.dir)
    if items is None:
        return EXIT_RESTART
    item, registry = _the_one(items, arguments.id), _registry(arguments.dir)
    asked = _ask(arguments, registry, item)
    if arguments.out is None:
        return _agree(arguments, registry, asked, arguments.other)
    write_request(arguments.out, asked)
    _say(f"{arguments.out} is for the second holder, who has a day: it goes with --request.")
    return EXIT_DONE


def _ask(arguments: argparse.Namespace, registry: "Registry", item: "Item") -> "Asked":
    from broker.cli.two_people import ask
    from consumers.kit.event_ids import new_event_id

    act = ACTS[arguments.act][0]
    request = Request(
        new_event_id(),
        time.time_ns() // 1_000,
        act,
        item.quarantine_id,
        item.kept_sha256,
        ActReason(arguments.reason),
        arguments.holder,
    )
    sealed = b"" if act is QuarantineAct.DISCARDED else item.sealed
    if act is not QuarantineAct.DISCARDED and not sealed:
        raise UsageError(f"nothing is kept of {item.quarantine_id}: it can be discarded only")
    keys = _keys(arguments, registry, arguments.holder)
    return ask(request, item.record, sealed, keys, registry.holders)


def _agree(arguments: argparse.Namespace, registry: "Registry", asked: "Asked", second: str) -> int:
    from broker.cli.quarantine_pages import done
    from broker.cli.two_people import agree, carries

    body, kept = agree(asked, _keys(arguments, registry, second), registry.holders)
    reply = _publish(arguments, registry, asked.request, body, carries(asked.request.act, kept))
    if reply is None:
        _say(
            "The exchange has not replied yet, so nothing is shown. `candour quarantine list` tells what is."
        )
        return EXIT_RESTART
    said = done(asked.request, second, reply)
    if reply.status is not ReplyStatus.APPLIED:
        print(json.dumps(said) if arguments.json else f"refused: {reply.code}  {reply.message}")
        return EXIT_NO
    # Only now: whoever looks at the bytes is on record first.
    shown = kept if asked.request.act is QuarantineAct.OPENED else None
    found = _pages(arguments, registry, shown) if shown else []
    if arguments.json:
        print(json.dumps({**said, "payloads": found} if shown else said))
    else:
        print(f"on record: {asked.request.quarantine_id} {said['act']} by {' and '.join(said['holders'])}")
        print("".join(json.dumps(one, indent=2) + "\n" for one in found), end="")
    if shown is not None and arguments.bytes is not None:
        return _write(arguments.bytes, shown)
    return EXIT_DONE


def _pages(arguments: argparse.Namespace, registry: "Registry", kept: "Kept") -> list[dict[str, Any]]:
    from broker.cli.quarantine_pages import pages
    from broker.registry.catalogue import load_catalogue
    from broker.registry.event_reader import EventReader

    catalogue = load_catalogue(load_settings(arguments.dir).schemas_folder)
    return pages(kept, EventReader(catalogue, registry))


def _write(path: Path, kept: "Kept") -> int:
    try:
        write_private(path, kept.raw or b"".join(one.body for one in kept.payloads))
    except OSError:
        # It was fit before: a disk may fill up, a folder may go.
        _say(f"It is on record, and {path} could not be written. Show it again, with another --bytes.")
        return EXIT_RESTART
    return EXIT_DONE


def _publish(
    arguments: argparse.Namespace,
    registry: "Registry",
    request: Request,
    body: bytes,
    brought: "tuple[Payload, ...]",
) -> "Reply | None":
    """Published by governance's own kit; its reply, None where none came in time."""
    from broker.wire.envelope import grouped
    from broker.wire.quarantine_act import ACT_CODEC
    from consumers.kit.language import read_language
    from consumers.kit.line import OutgoingEvent
    from consumers.kit.outbox import Outbox
    from consumers.kit.profile import read_profile
    from consumers.kit.replies import ReplyWatch

    name = EventType("quarantine_act")
    event = OutgoingEvent(EventId(request.event_id), name, ACT_CODEC.fingerprint, body, carries=brought)
    if len(list(grouped(event.payloads))) > 1:
        raise UsageError("it is too long to travel with the act: its publisher must send it again itself")
    profile = read_profile(arguments.dir / "agencies" / _governance(registry))
    with ReplyWatch(profile, read_language(profile.schemas)) as watch:
        with Outbox(profile) as outbox:
            outbox.publish([event])
        return next(watch.replies([request.event_id], WAIT_S), None)


def _governance(registry: "Registry") -> AgencyId:
    for name, entry in sorted(registry.agencies.items()):
        if entry.kind is AgencyKind.GOVERNANCE:
            return name
    raise ConfigurationError("no agency of this exchange is governance: nobody can publish what is decided")


def _registry(folder: Path) -> "Registry":
    from broker.onebox.roots import root_verify_key
    from broker.registry.registry import read_registry

    registry = read_registry(folder, root_verify_key(folder))
    if not registry.holders:
        raise ConfigurationError("this exchange has no quarantine holders: it was made by an earlier version")
    return registry


def _keys(arguments: argparse.Namespace, registry: "Registry", holder: str) -> "HolderKeys":
    from broker.onebox.holders import HOLDERS, read_holder

    known = sorted(registry.holders)
    if holder not in known:
        raise UsageError(f"{holder} is no holder of quarantine keys; these are: {', '.join(known)}")
    return read_holder(arguments.keys or arguments.dir / HOLDERS, holder)


def _items(folder: Path) -> "tuple[Item, ...] | None":
    """Everything in quarantine; None, and said, where Kafka does not answer."""
    from broker.explain.store import read_quarantine

    settings = load_settings(folder)
    try:
        return read_quarantine(settings)
    except DependencyError:
        _say(f"candour: Kafka at {settings.bootstrap} does not answer. `candour up`, then ask again.")
        return None


def _the_one(items: "tuple[Item, ...]", name: str) -> "Item":
    found = [one for one in items if one.quarantine_id.startswith(name)]
    if len(found) == 1:
        return found[0]
    many = "several payloads: give more of it" if found else "no payload; `candour quarantine list --all`"
    raise UsageError(f"{name} is the id of {many}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
