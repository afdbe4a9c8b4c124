"""What became of an event for a desk, as a page says it: a sign, a word, a sentence."""

from collections.abc import Mapping

from broker.domain.vocabulary import Extent, Outcome
from broker.explain.words import WHO_DECIDES, published
from broker.proof.demo.expected import Result

SIGNS: Mapping[str, tuple[str, str]] = {
    Extent.FULL: ("Full", "everything that the event holds"),
    Extent.MINIMISED: ("Minimised", "what this desk needs, and no more"),
    Extent.CORE: ("Core", "the neutral core: where, how urgent, what is needed; nobody's name"),
    Outcome.HELD: ("Held", "the rest waits for a named person; what may go went at once"),
    Outcome.DENIED: ("Denied", "asked, and got nothing; the reason is on record"),
    Outcome.QUARANTINED: ("Quarantined", "could not be taken in; its publisher was told why"),
}
"""Extent or outcome -> word and meaning; the word's first letter is its sign in the matrix"""


def kind_of(result: Result) -> str:
    """An extent where something was delivered, else the outcome."""
    return result.extent if result.outcome == Outcome.DELIVERED else result.outcome


def plain(code: str) -> str:
    """The published sentence of a code."""
    return published(code) or code


def who_decides(code: str) -> str | None:
    """Who can change it; None where no list says."""
    return WHO_DECIDES.get(code)


def counted(result: Result) -> str:
    """How many fields went, of how many."""
    went = len(result.fields or ())
    return f"{went} of {went + result.withheld} fields"
