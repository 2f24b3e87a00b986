"""Powers as sums of exponentials, with a bound on the error that holds for all loads at once.

    a^p = a^k a^(-s),  s = k - p > 0,
    a^(-s) = 1/Gamma(s) int exp(s u - a e^u) du = h/Gamma(s) sum_j t_j^s e^(-t_j a),  t_j = e^(j h),

by the trapezoidal rule (Beylkin and Monzon, Appl. Comput. Harmon. Anal. 2010). The integrand is
analytic for |Im u| < pi/2, and its modulus on a line Im u = d integrates to (a cos d)^(-s), so that
the rule is off by 2 cos(d)^(-s) / (e^(2 pi d / h) - 1) of a^(-s), for any d, whatever a is
(Trefethen and Weideman, SIAM Review 2014, Theorem 5.1). Both tails are geometric sums at most.

Where t_j a is below 1 for all loads, a few nodes stand for all: a Gauss rule for the sum, whose
moments are compared with the sum's own.
"""

from __future__ import annotations

import dataclasses
import math
from functools import lru_cache

import numpy as np
import scipy.linalg

STEP = 0.25               # h; so that j h has no rounding
REST = 1e-15              # of a power: most that either tail may hold
FEW = 8                   # nodes that stand for the slow ones
EPS = float(np.finfo(np.float64).eps)


@dataclasses.dataclass(frozen=True)
class Sum:
    """a^power = a^order sum_j weights[j] e^(-nodes[j] a), but for `error` of it at most, for all a
    from 1 to as many as it was asked for. nodes, weights: [J]."""

    order: int
    nodes: np.ndarray
    weights: np.ndarray
    error: float


@lru_cache(maxsize=256)
def of_power(power: float, most: int) -> Sum:
    """The sum for a^power, power at least 0, with a from 1 to `most`. A whole power is its own."""
    if power == math.floor(power):
        return Sum(int(power), np.zeros(1), np.ones(1), 0.0)
    order = math.floor(power + 2.5)
    s = order - power
    first, below = _first(s, most)
    last, above = _last(s)
    nodes = np.exp(np.arange(first, last + 1) * STEP)
    weights = STEP / math.gamma(s) * nodes**s
    slow = nodes * most <= 0.75
    few, shares, merged = _merged(nodes[slow], weights[slow], s, most)
    # A node t that is off by a share r takes t^s e^(-t a) off by (s + t a) r; t a is s on average.
    rounded = (4 * s + 8) * EPS
    return Sum(order, np.append(few, nodes[~slow]), np.append(shares, weights[~slow]),
               _rule(s) + below + above + merged + rounded)


def _rule(s: float) -> float:
    """Relative error of the trapezoidal rule, at about the best line."""
    line = math.atan(2 * math.pi / (STEP * s))
    return 2 * math.cos(line) ** -s / math.expm1(2 * math.pi * line / STEP)


def _first(s: float, most: int) -> tuple[int, float]:
    """The first node's number, and what all before it hold at most, e^(-t a) being at most 1."""
    held = most**s * STEP / (math.gamma(s) * -math.expm1(-s * STEP))
    first = math.ceil(math.log(REST / held) / (s * STEP))
    return first, held * math.exp(s * STEP * (first - 1))


def _last(s: float) -> tuple[int, float]:
    """The last node's number, and what all after it hold at most: (t a)^s e^(-t a) falls in a where
    t a > s, and the terms at a = 1 fall ever faster."""
    def held(last: int) -> float:
        t = math.exp((last + 1) * STEP)
        ratio = math.exp(s * STEP - t * math.expm1(STEP))
        return STEP / math.gamma(s) * t**s * math.exp(-t) / (1.0 - ratio)

    last = math.ceil(math.log(s + 2.0) / STEP)
    while held(last) > REST:
        last += 1
    return last, held(last)


def _merged(nodes: np.ndarray, weights: np.ndarray, s: float,
            most: int) -> tuple[np.ndarray, np.ndarray, float]:
    """FEW nodes and weights for many, and how far off they are: e^(-t a) by its powers of t a, of
    which the first 2 FEW are compared, and a bound on the rest."""
    unit = nodes[-1]
    few, shares = _gauss(nodes / unit, weights)
    powers, reach = np.arange(2 * FEW), unit * most
    moments = [(share * (node / unit) ** powers[:, None]).sum(axis=1)
               for node, share in ((few * unit, shares), (nodes, weights))]
    factorials = np.array([math.factorial(int(m)) for m in powers], float)
    off = np.abs(moments[0] - moments[1]) + 100 * EPS * moments[1]
    rest = 2 * weights.sum() * reach ** (2 * FEW) / math.factorial(2 * FEW)
    return few * unit, shares, float(most**s * ((off * reach**powers / factorials).sum() + rest))


def _gauss(nodes: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[FEW] nodes and weights of the Gauss rule for a sum over nodes (Golub and Welsch 1969)."""
    basis, diagonal, beside = [np.sqrt(weights / weights.sum())], [], []
    for _ in range(FEW):
        following = nodes * basis[-1]
        diagonal.append(following @ basis[-1])
        for _ in range(2):
            for known in basis:
                following = following - (following @ known) * known
        beside.append(np.linalg.norm(following))
        basis.append(following / beside[-1])
    found, vectors = scipy.linalg.eigh_tridiagonal(diagonal, beside[:-1])
    return found, weights.sum() * vectors[0] ** 2
