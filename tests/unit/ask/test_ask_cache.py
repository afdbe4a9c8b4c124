"""The cache is bounded, by revision, and remembers what is asked often."""

from dataclasses import replace

from broker.ask.cache import REVISIONS_KEPT, AnswerCache
from broker.ask.canary import CANARY
from broker.domain.answer import Answer
from broker.domain.identifiers import AgreementId, PolicyRevision
from broker.domain.question import Question
from broker.domain.vocabulary import AnswerKind

REVISION = PolicyRevision("rev-1")
DENIED = Answer(AnswerKind.DENY, reasons=("no_agreement",))


def question(number: int) -> Question:
    return replace(CANARY, agreement=AgreementId(f"agreement-{number}"))


def test_it_counts_what_it_knew_and_what_it_did_not() -> None:
    cache = AnswerCache()
    cache.keep(question(1), DENIED, REVISION)
    answers, unknown = cache.look_up([question(1), question(2), question(1), question(2)], REVISION)
    assert (set(answers), set(unknown)) == ({question(1).hash}, {question(2).hash})
    assert (cache.hits, cache.misses) == (3, 1)


def test_it_never_holds_more_than_its_limit() -> None:
    cache = AnswerCache(limit=100)
    for number in range(1000):
        cache.keep(question(number), DENIED, REVISION)
    assert len(cache) <= 100


def test_what_is_asked_often_stays() -> None:
    cache = AnswerCache(limit=100)
    cache.keep(question(0), DENIED, REVISION)
    for number in range(1, 1000):
        cache.keep(question(number), DENIED, REVISION)
        if number % 20 == 0:
            assert not cache.look_up([question(0)], REVISION)[1]
    assert question(0) in cache.seen()


def test_old_revisions_go() -> None:
    cache = AnswerCache()
    for number in range(REVISIONS_KEPT + 2):
        cache.keep(question(number), DENIED, PolicyRevision(f"rev-{number}"))
    assert len(cache) == REVISIONS_KEPT
    assert not cache.look_up([question(0)], PolicyRevision("rev-0"))[0]


def test_what_was_seen_under_any_revision_is_told_once() -> None:
    cache = AnswerCache()
    for revision in ("rev-1", "rev-2"):
        cache.keep(question(7), DENIED, PolicyRevision(revision))
    assert cache.seen() == (question(7),)
