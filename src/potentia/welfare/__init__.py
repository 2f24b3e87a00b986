"""What selfishness costs: the best joint play against pure equilibria and against what learning
reaches."""

from potentia.welfare.costs import WelfareReport, report

__all__ = ["WelfareReport", "report"]
