"""How large what a potential leaves unexplained is beside what agents can gain, state by state.

By state, because a state where much is at stake must not hide another where little is.
"""

from __future__ import annotations

import numpy as np

ROUNDING = 64 * np.finfo(np.float64).eps


def relative(left: np.ndarray, gain: np.ndarray, magnitude: np.ndarray) -> float:
    """The largest `left` [S] relative to the largest own `gain` [S] of its state, both from numbers
    of size `magnitude` [S]: where the gain itself is rounding, 0 if what is left is too, else
    infinite."""
    rounding = ROUNDING * magnitude
    counts = gain > rounding
    shares = np.divide(left, gain, out=np.where(left > rounding, np.inf, 0.0), where=counts)
    return (float(shares.max(initial=0.0)) if np.isfinite(left).all() and np.isfinite(gain).all()
            else np.inf)
