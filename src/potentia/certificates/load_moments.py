"""Means of powers of large loads, from the agents' probabilities, by Taylor's formula about the
mean load m. With a = 1 + L and A = 1 + m,

    E a^p = A^p (sum_n C(p, n) E (L - m)^n / A^n + R),  n = 0 ... N - 1,  N even,

and central moments come from power series (`load_series`). R is bounded: it is at most

    |C(p, N)| 2^|p - N| E (L - m)^N / m^N                      from where A/2 <= a <= 2A,
    (1 + c) (P(L < m/2) + ((1 + k) / m)^max(p, N) P(L > 2m))    from elsewhere,

of k agents in all, c being the sum of all |C(p, n)|. A Poisson load of the same mean has the larger
even moments (Hoeffding, Annals of Mathematical Statistics 1956, Theorem 3), and the probabilities
are at most e^(-m/8) and e^(-m/3) (Chernoff's bounds).

Without one of the agents the mean is less by 1 at most, and no even central moment is larger
(Jensen's inequality), so that what holds with m for A and m - 1 in the probabilities holds of what
an agent expects that leaves itself out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from potentia.certificates import load_series
from potentia.certificates.exponential_sums import EPS

ORDERS = 8, 16            # N
GOOD = 1e-13              # of a mean: most that may be left out
AT_ONCE = 1 << 15         # kinds of agents, of some links


def means(power: np.ndarray, scale: np.ndarray, links: np.ndarray, agents: np.ndarray,
          probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """[U] what ((1 + L) / scale)^power is on average to one of each kind, itself left out of L; [E]
    the same of all agents' L, to somebody on top; and [E] how far off a link's are, as a share of
    each, at most: infinite where its load is not large, of which nothing is found.

    power, scale: [E]. links: [U], ascending, that `agents` [U] take with `probability` [U], all
    positive.
    """
    mean, most, kinds = (np.bincount(links, number, len(power))
                         for number in (agents * probability, agents, np.ones(len(links))))
    own, joined, error = np.zeros(len(links)), np.zeros(len(power)), np.full(len(power), np.inf)
    for order in ORDERS:
        off = left_out(power, mean, most, order)
        these = np.isinf(error) & (off <= GOOD)
        error[these] = (off + _rounded(power, mean, kinds, order))[these]
        for some in _some(links, np.flatnonzero(these[links])):
            begins = np.append(True, links[some][1:] != links[some][:-1])
            link, which = links[some][begins], np.cumsum(begins) - 1
            one = load_series.log_of_one(probability[some], order - 1)
            whole = np.add.reduceat(agents[some] * one, np.flatnonzero(begins), axis=1)
            joined[link] = _powered(power[link], scale[link], mean[link], whole)
            each = link[which]
            own[some] = _powered(power[each], scale[each], mean[each] - probability[some],
                                 whole[:, which] - one)
    return own, joined, error


def left_out(power: np.ndarray, mean: np.ndarray, most: np.ndarray, order: int) -> np.ndarray:
    """[E] bounds on |R| / A^p at loads of that `mean` of at most `most` agents, be one of them left
    out or not; no number, or infinite, where there is none."""
    choices = np.abs(_choices(power, order))
    poisson = load_series.moments(mean * _exponential(order), 0.0)[order]
    with np.errstate(all="ignore"):
        near = choices[order] * 2.0 ** np.abs(power - order) * poisson / mean**order
        besides = 1.0 + choices[:order].sum(axis=0)
        above = np.maximum(power, order) * np.log((1.0 + most) / mean)
        return near + besides * (np.exp((1.0 - mean) / 8) + np.exp(above + (1.0 - mean) / 3))


def _rounded(power: np.ndarray, mean: np.ndarray, kinds: np.ndarray, order: int) -> np.ndarray:
    """[E] roundings, as shares of a mean: those of A^p, and those of all terms of the sum but its
    first, 1, by what these would be if they added wherever they subtract.

    Then an agent's series is -log(2 - e^t) at most.
    """
    sizes = (1.0 + mean) * -load_series.log_of_one(-np.ones((1,)), order - 1)
    sizes[1] = 0.0
    with np.errstate(all="ignore"):
        shares = np.abs(_choices(power, order - 1)) / mean ** np.arange(order)[:, None]
        shares[0] = 0.0
        terms = load_series.mean_cost(shares, sizes, 0.0)
    # Each coefficient comes from as many before it, with that many products and sums each.
    roundings = order * (2 * kinds + order * (order + 6) + 20)
    return ((power + 1.0) * (kinds + 8) + roundings * terms) * EPS / 2


def _some(links: np.ndarray, entries: np.ndarray) -> Iterator[np.ndarray]:
    """Numbers of entries, ascending, in pieces that hold all of a link."""
    begins = np.flatnonzero(np.diff(links[entries], prepend=-1))
    cuts = begins[np.diff(begins // AT_ONCE, prepend=0) > 0]
    return (some for some in np.split(entries, cuts) if some.size)


def _powered(power: np.ndarray, scale: np.ndarray, mean: np.ndarray,
             series: np.ndarray) -> np.ndarray:
    """[...] the sum, from log E e^(t L) [N, ...]."""
    series[1] = 0.0                               # of L - m
    near = 1.0 / (1.0 + mean)
    shares = _choices(power, len(series) - 1) * near ** np.arange(len(series))[:, None]
    return ((1.0 + mean) / scale) ** power * load_series.mean_cost(shares, series, 0.0)


def _choices(power: np.ndarray, order: int) -> np.ndarray:
    """[order + 1, ...] C(p, n)."""
    found = np.ones((order + 1, *power.shape))
    with np.errstate(all="ignore"):
        for n in range(order):
            found[n + 1] = found[n] * ((power - n) / (n + 1))
    return found


def _exponential(order: int) -> np.ndarray:
    """[order + 1, 1] e^t - 1 - t."""
    return np.array([0.0 if n < 2 else 1.0 / math.factorial(n) for n in range(order + 1)])[:, None]
