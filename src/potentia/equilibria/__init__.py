"""Pure equilibria of tabular games, by best-response ascent from a profile, and all of them by
enumeration; and how far a profile is from a quantal response equilibrium."""

from potentia.certificates.quantal_response import quantal_response_residual
from potentia.equilibria.ascent import Ascent, ascend
from potentia.equilibria.enumeration import PureEquilibria, count_pure, pure

__all__ = ["Ascent", "PureEquilibria", "ascend", "count_pure", "pure", "quantal_response_residual"]
