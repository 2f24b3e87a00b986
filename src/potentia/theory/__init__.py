"""What theory promises for a game (`report`), and whether it holds along a real run (`check`)."""

from potentia.theory.guarantees import TheoryReport, report
from potentia.theory.lemmas import check
from potentia.theory.verdicts import Lemma, LemmaReport

__all__ = ["Lemma", "LemmaReport", "TheoryReport", "check", "report"]
