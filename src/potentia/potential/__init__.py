"""Is it a Markov potential game? `classify` proves it, refutes it with a witness, or says what was
tried."""

from potentia.potential.classification import PROVEN, REFUTED, UNKNOWN, Classification, Weighted
from potentia.potential.subject import with_policies
from potentia.potential.verdict import classify
from potentia.potential.witness import Witness

__all__ = ["PROVEN", "REFUTED", "UNKNOWN", "Classification", "Weighted", "Witness", "classify",
           "with_policies"]
