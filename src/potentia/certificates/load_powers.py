"""Mean costs of links whose costs are power laws, from the agents' probabilities, at any number of
agents: nothing is shared with the game's own evaluation.

A power of the load is a sum of exponentials (`exponential_sums`), and

    E (1 + L)^k e^(-t (1 + L)) = e^(-t) M E' (1 + L)^k,  M = E e^(-t L) = product of all q,
    q = 1 - x + x e^(-t),  x' = x e^(-t) / q,

with E' where agents are there with x' instead of x. With e_j = E' C(L, j), the coefficients of the
product of all 1 + x' z,

    E' (1 + L)^k = sum_j D_j e_j,  D_j >= 0 the j-th forward difference of (1 + L)^k at L = 0.

All that is added is not negative, so that every sum is off by a share of itself, which is counted
and returned. The products without one agent come from trees of products, so that nobody is divided
out.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from math import comb

import numpy as np

from potentia.certificates import exponential_sums
from potentia.certificates.exponential_sums import EPS, Sum

AT_ONCE = 1 << 18         # numbers in an array


@dataclasses.dataclass(frozen=True)
class Means:
    """own: [U] what (1 + L)^power is on average to one of each kind, itself left out of L. joined:
    the same of all agents' L, to somebody on top. error: of each, as a share of it, at most."""

    own: np.ndarray
    joined: float
    error: float


def costs(law: tuple[np.ndarray, np.ndarray, np.ndarray], links: np.ndarray, agents: np.ndarray,
          probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """[U] what entry after entry expects to pay, itself left out; [E] what somebody on top of all
    pays; and the most that any of them is off, as a share of it.

    law: base, rise and power [E] of costs base + rise m^power, with m agents. links: [U], in any
    order. agents, probability: [U] so many agents, each of which takes that link with that
    probability, 0 and 1 included.
    """
    base, rise, power = law
    joined = base + rise
    own, error, rest = np.zeros(len(links)), 4 * EPS, np.ones(len(links), bool)
    some = np.flatnonzero((probability > 0) & (agents > 0) & (rise[links] > 0) & (power[links] > 0))
    order = some[np.argsort(links[some], kind="stable")]
    for here in np.split(order, np.flatnonzero(np.diff(links[order])) + 1) if len(order) else ():
        link = links[here[0]]
        found = means(agents[here], probability[here], float(power[link]))
        joined[link] = base[link] + rise[link] * found.joined
        own[here] = base[link] + rise[link] * found.own
        error = max(error, found.error + 4 * EPS)
    rest[some] = False
    own[rest] = joined[links[rest]]
    return own, joined, error


def means(agents: np.ndarray, probability: np.ndarray, power: float) -> Means:
    """Means of (1 + L)^power; agents, probability: [U], positive, and power at least 0."""
    agents = agents.astype(np.float64)
    wanted = exponential_sums.of_power(power, 1 << int(agents.sum()).bit_length())
    own, joined = np.zeros((2, len(agents))), np.zeros(2)      # means, and sizes of log M in them
    at_once = max(AT_ONCE // (len(agents) * (wanted.order + 1)), 1)
    for begin in range(0, len(wanted.nodes), at_once):
        chosen = slice(begin, begin + at_once)
        terms, whole, size = _weighted(wanted, chosen, agents, probability)
        sizes = np.stack([np.ones_like(size), size])
        own += sizes @ terms
        joined += sizes @ whole
    far = float(max((own[1] / own[0]).max(), joined[1] / joined[0]))
    return Means(own[0], float(joined[0]), wanted.error + _rounding(wanted, len(agents), far))


def _weighted(wanted: Sum, chosen: slice, agents: np.ndarray,
              probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each chosen node: its terms [J, U] of the entries' own means, [J] of what joins all, and
    [J] the size of log M."""
    node = wanted.nodes[chosen, None]
    fade, lost = np.exp(-node), probability * -np.expm1(-node)
    stay = (1.0 - probability) + probability * fade
    log = np.where(lost < 0.5, np.log1p(-np.minimum(lost, 0.5)), np.log(stay))
    there = probability * fade / stay
    whole = (agents * log).sum(axis=1)
    scale = wanted.weights[chosen] * fade[:, 0]
    outside, product = _others(_crowd(agents, there, wanted.order))
    others = _times(outside, _crowd(agents - 1.0, there, wanted.order))
    terms = np.exp(whole[:, None] - log) * _moment(others) * scale[:, None]
    return terms, np.exp(whole) * _moment(product) * scale, -whole


def _rounding(wanted: Sum, entries: int, far: float) -> float:
    """Most that roundings add up to, as a share, where log M is `far` on average.

    A coefficient e_j takes j factors x' of 11 half-roundings at most, and k + 1 more for each of
    the products in a tree up and down. log M has 32 and those of NumPy's pairwise sum.
    """
    depth, order = _depth(entries), wanted.order
    products = order * (11 + (order + 1) * (2 * depth + 2)) if order > 0 else 0
    return (products + (32 + depth) * far + 2 * order + len(wanted.nodes) + 12) * EPS / 2


def _moment(found: np.ndarray) -> np.ndarray:
    """E' (1 + L)^k [...] from e_0 ... e_k [k + 1, ...]."""
    return np.tensordot(_differences(len(found) - 1), found, axes=1)


@lru_cache(maxsize=64)
def _differences(order: int) -> np.ndarray:
    """[k + 1] forward differences of (1 + L)^k at L = 0."""
    return np.array([float(sum((-1) ** (j - i) * comb(j, i) * (1 + i) ** order
                               for i in range(j + 1))) for j in range(order + 1)])


def _crowd(agents: np.ndarray, there: np.ndarray, order: int) -> np.ndarray:
    """[k + 1, J, U] coefficients of (1 + x' z)^agents; agents: [U], there: x' [J, U]."""
    found = np.ones((order + 1, *there.shape))
    for j in range(order):
        found[j + 1] = found[j] * (np.maximum(agents - j, 0.0) / (j + 1) * there)
    return found


def _times(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The product of two polynomials [k + 1, ...] that begin with 1, up to the power k."""
    found = one + other
    found[0] = 1.0
    for j in range(2, len(one)):
        for i in range(1, j):
            found[j] += one[i] * other[j - i]
    return found


def _others(factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[k + 1, J, U] for each the product of all others of `factors`, and [k + 1, J] that of all."""
    number = factors.shape[-1]
    if number == 1:
        nobody = np.zeros_like(factors)
        nobody[0] = 1.0
        return nobody, factors[..., 0]
    if number % 2:
        factors = np.pad(factors, ((0, 0), (0, 0), (0, 1)))
        factors[0, :, -1] = 1.0
    left, right = np.split(factors, 2, axis=-1)
    outside, whole = _others(_times(left, right))
    found = np.concatenate([_times(outside, right), _times(outside, left)], axis=-1)
    return found[..., :number], whole


def _depth(number: int) -> int:
    """Of a binary tree with so many leaves."""
    return int(number - 1).bit_length()
