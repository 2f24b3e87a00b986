"""Games of one state that several tests speak of."""

from __future__ import annotations

import numpy as np

import potentia as pt


def static(payoffs: object, discount: float = 0.0) -> pt.MarkovGame:
    """A one-state game of payoffs [N, A1, ..., AN]."""
    table = np.asarray(payoffs, float)
    return pt.MarkovGame.from_arrays(table[:, None], np.zeros((1, *table.shape[1:]), int),
                                     discount=discount)


DILEMMA = static([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], 0.9)
PENNIES = static([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], 0.9)
# A reward that is never paid, large enough to hide the others.
FAR = np.array([[.06, .03, .001], [.03, .01, .001], [.001, .001, -1e13]])
