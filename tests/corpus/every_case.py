"""Every input of the corpus: each module registers what feeds its own when it is imported."""

from tests.corpus import case_bytes, case_envelopes, case_texts
from tests.corpus.gate import CASES

__all__ = ["CASES", "case_bytes", "case_envelopes", "case_texts"]
