"""Mean costs of links from the agents' probabilities, by power series: nothing is shared with the
game's own evaluation.

    log E e^(t L) = sum over agents of log(1 + x (e^t - 1)),
    E L^j = j! times the j-th coefficient of E e^(t L).

An agent of weight w counts as w of them: its series is that of w t.

Series are arrays [K + 1, ...] of the coefficients of t^0 ... t^K.
"""

from __future__ import annotations

import math

import numpy as np


def log_of_one(probability: np.ndarray, order: int,
               weight: float | np.ndarray = 1.0) -> np.ndarray:
    """[order + 1, ...] log(1 + x (e^(w t) - 1)) for agents that are there with probability x, of
    these weights w [...]."""
    function = np.stack([probability / math.factorial(j) if j else np.ones_like(probability)
                         for j in range(order + 1)])
    found = np.zeros_like(function)
    # f (log f)' = f', term by term; f begins with 1.
    for j in range(1, order + 1):
        found[j] = function[j] - sum(k * found[k] * function[j - k] for k in range(1, j)) / j
    return found * np.stack([np.ones_like(probability) * weight**j for j in range(order + 1)])


def moments(series: np.ndarray, shift: float | np.ndarray) -> np.ndarray:
    """[K + 1, ...] E (shift + L)^j, from log E e^(t L) [K + 1, ...] and shift [...]."""
    series = series.copy()
    series[1] += shift
    found = np.zeros_like(series)
    found[0] = 1.0
    # g' = (log g)' g, term by term.
    for j in range(1, len(series)):
        found[j] = sum(k * series[k] * found[j - k] for k in range(1, j + 1)) / j
    return (found * np.array([math.factorial(j) for j in range(len(series))]).reshape(
        -1, *[1] * (series.ndim - 1)))


def mean_cost(coefficients: np.ndarray, series: np.ndarray,
              shift: float | np.ndarray) -> np.ndarray:
    """[...] E of a polynomial of shift + L; coefficients, series: [K + 1, ...], shift: [...]."""
    return (coefficients * moments(series, shift)).sum(axis=0)
