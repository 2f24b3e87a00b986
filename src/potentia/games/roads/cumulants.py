"""Means of polynomials of a load, from its cumulants.

The load of a link is a sum of independent agents, of whom each takes it with a probability x of its
own. Cumulants of sums add, and those of one agent are polynomials in x,

    kappa_1 = x,    kappa_(k+1) = x (1 - x) d kappa_k / dx,

so that the power sums P_j = sum over agents of x^j hold all that is asked for, and leaving an agent
out subtracts its powers. Raw moments follow by m_n = sum_k C(n-1, k-1) kappa_k m_(n-k).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import lru_cache, reduce
from math import comb

import jax.numpy as jnp
import numpy as np
from jax import Array


@lru_cache(maxsize=16)
def of_one(order: int) -> np.ndarray:
    """[order, order] row k-1, column j-1: the coefficient of x^j in kappa_k of one agent."""
    table = np.zeros((order, order + 1))
    table[0, 1] = 1.0
    for k in range(1, order):
        slope = np.append(table[k - 1, 1:] * np.arange(1, order + 1), 0.0)
        table[k] = np.roll(slope, 1) - np.append([0.0, 0.0], slope[:-2])
    return table[:, 1:]


def powers(probability: Array, order: int) -> list[Array]:
    """x, x^2, ..., x^order of the probabilities x, each of their shape."""
    found = [probability]
    for _ in range(order - 1):
        found.append(found[-1] * probability)
    return found


def from_power_sums(sums: list[Array]) -> list[Array]:
    """Cumulants of a load from its power sums P_1, P_2, ..., each of their shape."""
    table = of_one(len(sums))
    return [_sum(table[k, j] * sums[j] for j in range(k + 1)) for k in range(len(sums))]


def mean_of_polynomial(coefficients: list[Array], cumulants: list[Array],
                       shift: float | Array = 0.0) -> Array:
    """E sum_j coefficients[j] (shift + L)^j from the first cumulants of L, one fewer than there are
    coefficients; shift: a number, or one for each load."""
    found = moments(len(coefficients), coefficients[0], cumulants, shift)
    return _sum(c * m for c, m in zip(coefficients, found, strict=True))


def in_powers_of_shift(coefficients: list[Array], cumulants: list[Array]) -> list[Array]:
    """Coefficients of what `mean_of_polynomial` says, as a polynomial of the shift."""
    number = len(coefficients)
    found = moments(number, coefficients[0], cumulants, 0.0)
    return [_sum(comb(k, j) * coefficients[k] * found[k - j] for k in range(j, number))
            for j in range(number)]


def moments(number: int, like: Array, cumulants: list[Array],
            shift: float | Array) -> list[Array]:
    """E (shift + L)^n for n = 0, 1, ..., `number` - 1, each of the shape of `like`."""
    found = [jnp.ones_like(like)]
    for n in range(1, number):
        further = (comb(n - 1, k - 1) * cumulants[k - 1] * found[n - k] for k in range(2, n + 1))
        found.append(_sum([(cumulants[0] + shift) * found[n - 1], *further]))
    return found


@lru_cache(maxsize=16)
def sums_of_powers(degree: int) -> np.ndarray:
    """[degree + 1, degree + 2] row j: the polynomial in L of 1^j + 2^j + ... + L^j (Faulhaber's
    formula)."""
    table = np.zeros((degree + 1, degree + 2))
    for j in range(degree + 1):
        # (L+1)^(j+1) - 1 = sum over i <= j of C(j+1, i) (1^i + ... + L^i)
        row = np.array([comb(j + 1, i) if 0 < i <= j + 1 else 0 for i in range(degree + 2)],
                       dtype=np.float64)
        for i in range(j):
            row -= comb(j + 1, i) * table[i]
        table[j] = row / (j + 1)
    return table


def _sum(terms: Iterable[Array]) -> Array:
    return reduce(operator.add, terms)
