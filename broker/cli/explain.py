"""`candour explain`: what was decided on one event, for which desk, why, and under what."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from broker.cli.folders import add_dir
from broker.domain.identifiers import DeskId, EventId, event_id_bytes
from broker.errors import EXIT_DONE, EXIT_NO, EXIT_RESTART, DependencyError, PayloadError, UsageError
from broker.settings import load_settings

if TYPE_CHECKING:
    from broker.explain.story import Story

NOTHING_ON_RECORD = """\
Nothing is on record about the event {event_id}. One of these is so:
  - no event of this id was ever published to this exchange, or it has not been taken in yet;
  - it waits for its answers: while the policy engine is away nothing is decided; `candour status`
    shows what waits;
  - no desk asks for its type. Police desks ask within an open incident only: outside one there is
    no question, no decision and no trace.
"""


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds `explain`."""
    parser = subparsers.add_parser(
        "explain",
        help="what was decided on one event, for which desk, why, under what",
        description="Reads every decision on one event from the record and tells it in plain words: which "
        "desk got which fields, which it did not get and why, under which agreement, legal basis, purpose "
        "and policy revision. Exit 1 when nothing is on record.",
    )
    parser.add_argument("event_id", metavar="EVENT_ID", help="the publisher's own id of the event")
    parser.add_argument("--desk", help="decisions for this desk only, such as moor-police/control-room")
    parser.add_argument("--json", action="store_true", help="one object, with the decisions in force")
    add_dir(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0: told; 1: nothing is on record; 3: the record is not whole; 70: Kafka does not answer."""
    # Only here: an agency's installation has no Kafka client of the exchange's kind.
    from broker.explain.page import page
    from broker.explain.store import find_leaves, read_background
    from broker.explain.story import document, tell

    event_id = _event_id(arguments.event_id)
    settings = load_settings(arguments.dir)
    try:
        story = tell(event_id, find_leaves(settings, event_id))
    except DependencyError:
        _say(f"candour: Kafka at {settings.bootstrap} does not answer, and the decisions are there.")
        _say("`candour up` starts the exchange of this machine. Then ask again.")
        return EXIT_RESTART
    if story is None:
        _say(NOTHING_ON_RECORD.format(event_id=event_id).rstrip())
        return EXIT_NO
    background = read_background(settings, [leaf.decision.policy_revision for leaf in story.decisions])
    if arguments.desk is not None:
        story = _for_desk(story, DeskId(arguments.desk))
        if story is None:
            return EXIT_NO
    if arguments.json:
        print(json.dumps(document(story, background.wish_types)))
    else:
        print(page(story, background), end="")
    return EXIT_DONE


def _for_desk(story: "Story", desk: DeskId) -> "Story | None":
    found = story.for_desk(desk)
    if found.decisions:
        return found
    others = sorted({str(leaf.decision.desk) for leaf in story.decisions})
    there = f"Desks with a decision on it: {', '.join(others)}." if others else "No desk has one on it."
    _say(f"No decision for {desk} is on record about the event {story.event_id}. {there}")
    return None


def _event_id(text: str) -> EventId:
    event_id = EventId(text.strip().lower())
    try:
        event_id_bytes(event_id)
    except PayloadError:
        raise UsageError(
            "an event id is a UUID such as 0192f3a4-5b6c-7d8e-9f01-23456789abcd. A name that begins with e_ "
            "is a desk's own name for an event; ask for it by the id that its publisher gave it."
        ) from None
    return event_id


def _say(text: str) -> None:
    print(text, file=sys.stderr)
