"""What theory promises for a game: the mismatch, the theorem's step size, and which hypotheses hold."""

from potentia.theory.promise import TheoryReport, report

__all__ = ["TheoryReport", "report"]
