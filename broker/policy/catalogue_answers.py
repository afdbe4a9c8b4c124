"""What the policies answer in each situation of the published catalogue, asked of the engine itself."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from broker.ask.parse import parse_answers
from broker.domain.agreement import Subscription
from broker.domain.answer import Answer
from broker.domain.event import EventTypeSpec
from broker.domain.identifiers import EventType, QuestionHash
from broker.domain.question import Question
from broker.domain.vocabulary import AgencyKind
from broker.errors import ConfigurationError, DependencyError
from broker.policy.bundle import stage_rules
from broker.policy.catalogue_cases import Flow, Situation, flow_of, match_of, situations_of
from broker.policy.compile import compile_policies
from broker.policy.engine import run_opa
from broker.registry.agreements import Agreements, load_agreements
from broker.registry.topics import BROKER
from broker.release.combine import Outline, combine
from broker.release.match import Match

_ANSWERS = "data.candour.batch.answers"
_AT_ONCE = 2_000
"""questions in one run of the engine: some megabytes of answers"""


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of an event with a value in every field, for one subscription."""

    flow: Flow
    outlines: tuple[tuple[Situation, Outline], ...]


def told_of(
    specs: Mapping[EventType, EventTypeSpec], policies: Path, schemas: Path, opa: Path, as_of: str
) -> Iterator[Told]:
    """Each subscription to these types, in the order of the register, with its answer in each situation.

    Args:
        specs: the event types to tell of.
        as_of: ISO date whose agreements are shown.

    Raises:
        ConfigurationError: the policies have problems, or the engine does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="candour-catalogue-") as folder:
        data = compile_policies(policies, schemas)
        stage_rules(policies, data, Path(folder))
        agreed = load_agreements(Path(folder) / "data.json")
        cases = list(_cases(specs, agreed, data, agreed.interval_for(as_of)))
        answers = _ask({one.hash: one for _, _, match in cases for one in match.questions}, opa, Path(folder))
    yield from _combined(cases, answers, agreed)


def _cases(
    specs: Mapping[EventType, EventTypeSpec], agreed: Agreements, data: Mapping[str, Any], interval: str
) -> Iterator[tuple[Flow, Situation, Match]]:
    kinds = {desk.partition("/")[0]: AgencyKind(kind) for desk, kind in data["desks"].items()}
    kinds[BROKER] = AgencyKind.BROKER
    places = frozenset(place for served in data["responders"].values() for place in served)
    for subscription in agreed.subscriptions:
        spec = specs.get(subscription.event_type)
        if spec is None:
            continue
        flow = flow_of(spec, subscription, agreed.agreements.get(subscription.agreement), kinds, places)
        for situation in situations_of(flow):
            yield flow, situation, match_of(flow, situation, interval, agreed.responders)


def _ask(asked: Mapping[QuestionHash, Question], opa: Path, bundle: Path) -> dict[QuestionHash, Answer]:
    answers: dict[QuestionHash, Answer] = {}
    names = list(asked)
    for first in range(0, len(names), _AT_ONCE):
        part = {name: asked[name] for name in names[first : first + _AT_ONCE]}
        answers |= _ask_part(part, opa, bundle)
    return answers


def _ask_part(part: Mapping[QuestionHash, Question], opa: Path, bundle: Path) -> dict[QuestionHash, Answer]:
    questions = bundle.parent / f"{bundle.name}.questions.json"
    document = {"questions": {name: question.row() for name, question in part.items()}}
    questions.write_text(json.dumps(document), encoding="utf-8")
    try:
        flags = ("--strict-builtin-errors", "--format", "json")
        run = run_opa(opa, ["eval", *flags, "--bundle", bundle, "--input", questions, _ANSWERS])
        value = json.loads(run.output)["result"][0]["expressions"][0]["value"]
        return parse_answers(value, part)
    except (ValueError, LookupError, TypeError, DependencyError):
        raise ConfigurationError(
            "the policy engine does not answer the catalogue's questions; run candour policy check"
        ) from None
    finally:
        questions.unlink()


def _combined(
    cases: Sequence[tuple[Flow, Situation, Match]], answers: Mapping[QuestionHash, Answer], agreed: Agreements
) -> Iterator[Told]:
    by_flow: dict[Subscription, tuple[Flow, list[tuple[Situation, Outline]]]] = {}
    for flow, situation, match in cases:
        terms = agreed.agreements.get(flow.subscription.agreement)
        named = frozenset() if terms is None else terms.fields.get(flow.spec.event_type, frozenset())
        _, outlines = by_flow.setdefault(flow.subscription, (flow, []))
        outlines.append((situation, combine(match, answers, named)))
    yield from (Told(flow, tuple(outlines)) for flow, outlines in by_flow.values())
