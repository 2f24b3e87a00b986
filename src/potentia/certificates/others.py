"""Products of polynomials 1 + x z, one for each agent, and such products without one of the agents:
E C(L, j) is the coefficient of z^j where agents are there with probability x.

`by_trees` multiplies what is not negative only, so that roundings stay shares of each coefficient.
`by_sums` is faster for many kinds of agents: it takes sums of powers of x (Newton's identities) and
divides agents out. Its roundings are shares of what it would find if it added wherever it
subtracts, which it tells; where loads are large that is hardly more.

agents: [U] of each kind. there: [J, U] their probabilities x in J cases. largest: the kind whose x
are the largest in each case. weights: [k + 1].
"""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Products:
    """Sums of weights times coefficients z^0 ... z^k: without one of each kind [J, U], and of all
    [J]. sizes: [J] what roundings are shares of, at most, as they are where one of the kind
    `largest` is left out. roundings: so many half-roundings of that."""

    without: np.ndarray
    whole: np.ndarray
    sizes: np.ndarray
    roundings: int


def by_trees(agents: np.ndarray, there: np.ndarray, largest: int, weights: np.ndarray) -> Products:
    """From products in a binary tree, up and down."""
    order = len(weights) - 1
    outside, product = _others(_crowd(agents, there, order))
    without = np.tensordot(weights, _times(outside, _crowd(agents - 1.0, there, order)), axes=1)
    # e_j takes j factors of 11 half-roundings each at most, and k + 1 more for each product.
    roundings = order * (11 + (order + 1) * (2 * depth(len(agents)) + 2)) + 2 * order
    return Products(without, weights @ product, without[:, largest], roundings)


def by_sums(agents: np.ndarray, there: np.ndarray, largest: int, weights: np.ndarray) -> Products:
    """From sums of powers: j e_j = sum_i (-1)^(i-1) s_i e_(j-i), and e_j - x e'_(j-1) without one.
    With all signs positive, these are coefficients of products of 1 / (1 - x z), which grow in x.
    """
    order = len(weights) - 1
    product, sizes = _newton(_power_sums(agents, there, order))
    part, without = np.ones_like(there), np.full(there.shape, weights[0])
    for j in range(1, order + 1):
        part = product[j, :, None] - there * part
        without += weights[j] * part
        sizes[j] += there[:, largest] * sizes[j - 1]
    # e_j takes j factors of 9 half-roundings each, and those of NumPy's pairwise addition for as
    # many sums; j + 2 more j times by Newton's identities, 11 j times by division.
    roundings = order * (44 + order + depth(len(agents))) + 2 * order
    return Products(without, weights @ product, weights @ sizes, roundings)


def depth(number: int) -> int:
    """Of a binary tree with so many leaves."""
    return int(number - 1).bit_length()


def _power_sums(agents: np.ndarray, there: np.ndarray, order: int) -> np.ndarray:
    """[k, J] sums of x^1 ... x^k over all agents."""
    power, found = agents * there, np.empty((order, len(there)))
    for j in range(order):
        found[j] = power.sum(axis=1)
        power *= there
    return found


def _newton(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[k + 1, J] coefficients of the products of 1 + x z, and of 1 / (1 - x z)."""
    found, sizes = np.ones((2, len(sums) + 1, sums.shape[1]))
    for j in range(1, len(found)):
        found[j] = sum((-1) ** (i - 1) * sums[i - 1] * found[j - i] for i in range(1, j + 1)) / j
        sizes[j] = sum(sums[i - 1] * sizes[j - i] for i in range(1, j + 1)) / j
    return found, sizes


def _crowd(agents: np.ndarray, there: np.ndarray, order: int) -> np.ndarray:
    """[k + 1, J, U] coefficients of (1 + x z)^agents."""
    found = np.ones((order + 1, *there.shape))
    for j in range(order):
        found[j + 1] = found[j] * (np.maximum(agents - j, 0.0) / (j + 1) * there)
    return found


def _times(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The product of two polynomials [k + 1, ...] that begin with 1, up to the power k."""
    found = one + other
    found[0] = 1.0
    for i in range(1, len(one) - 1):
        found[i + 1:] += one[i] * other[1:len(one) - i]
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
