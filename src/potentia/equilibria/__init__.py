"""Pure equilibria of tabular games: by best-response ascent from a profile, and all of them by
enumeration."""

from potentia.equilibria.ascent import Ascent, ascend
from potentia.equilibria.enumeration import PureEquilibria, count_pure, pure

__all__ = ["Ascent", "PureEquilibria", "ascend", "count_pure", "pure"]
