"""Loads of links where agents have weights of their own, at costs that are polynomials.

The load L is the sum of w_i over the agents i that take a link. Cumulants of sums add, and the n-th
one of an agent is w_i^n times that of taking the link or not (`cumulants`), so that the sums K_1,
K_2, ... of these hold all means of polynomials, and leaving an agent out subtracts its own. What
all pay is a sum over agents of E c(L) where they are, to whom with N_k the number of agents of
class k, at weight w,

    E N_k L^j = sum_i C(j, i) w^i kappa_(i+1) E L^(j-i),    kappa_1, ... the cumulants of N_k.
"""

from __future__ import annotations

from math import comb

import jax.numpy as jnp
from jax import Array

from potentia.games.roads import cumulants
from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import tree


@tree
class WeightedSums:
    """sums: K_1, K_2, ..., K_(K+1), each [E]. squares: [E] expected sum of the squares of the
    weights on a link. coefficients: of the costs, as polynomials of the load, K + 1 times [E].
    weight: [R] of each row's agents."""

    sums: tuple[Array, ...]
    squares: Array
    coefficients: tuple[Array, ...]
    weight: Array

    @property
    def mean(self) -> Array:
        """[E] expected load, in agents of weight 1."""
        return self.sums[0]

    def own_costs(self, rows: Rows, probability: Array) -> Array:
        """[R, A] what each action is expected to cost an agent that takes it with this probability,
        itself left out."""
        degree, weight = len(self.coefficients) - 1, self.weight[:, None]
        own = cumulants.from_power_sums(cumulants.powers(probability, degree))
        others = [rows.at_rows(total) - weight**n * kappa
                  for n, (total, kappa) in enumerate(zip(self.sums, own, strict=False), 1)]
        return cumulants.mean_of_polynomial([rows.at_rows(column) for column in self.coefficients],
                                            others, weight)

    def joining(self, rows: Rows) -> Array:
        """[R, A] what each action costs an agent of the row that comes on top of the whole load.

        A polynomial of its weight, whose coefficients add along the links of an action.
        """
        found, power = jnp.zeros(()), jnp.ones((len(self.weight), 1))
        for column in cumulants.in_powers_of_shift(list(self.coefficients),
                                                   list(self.sums[:len(self.coefficients) - 1])):
            found, power = found + power * rows.at_rows(column), power * self.weight[:, None]
        return found

    def leaving(self) -> Array:
        """[E] E c(L), the cost at the load itself: no agent expects less, however often it takes
        the link itself."""
        return cumulants.mean_of_polynomial(list(self.coefficients),
                                            list(self.sums[:len(self.coefficients) - 1]))

    def error(self) -> Array:
        """[E] how far these may be off, rounding of what a trip costs apart: nothing."""
        return jnp.zeros_like(self.mean)

    def own_error(self, rows: Rows, probability: Array) -> Array:
        """[R, A] the same of own costs."""
        return jnp.zeros_like(probability)

    def potential(self) -> Array:
        """E sum over links of a (L^2 + sum of the squares of the weights there) / 2 + b L, of costs
        a L + b: the potential where costs are affine, and of no meaning elsewhere."""
        base, slope, mean = self.coefficients[0], self.coefficients[1], self.mean
        return jnp.sum(base * mean + slope * (mean**2 + self.sums[1] + self.squares) / 2)

    def total_error(self) -> Array:
        """How far what all pay may be off, rounding apart: not at all."""
        return jnp.zeros(())


def paid(number: list[Array], weight: Array, coefficients: tuple[Array, ...],
         load: list[Array]) -> Array:
    """[E] what the agents of one class pay together for a link; number: K + 1 cumulants [E] of how
    many there are. weight: of each. load: cumulants [E] of the load."""
    degree = len(coefficients) - 1
    moments = [cumulants.mean_of_polynomial(
        [jnp.ones_like(load[0]) * float(n == power) for n in range(power + 1)], load[:power])
        for power in range(degree + 1)]
    total = jnp.zeros_like(load[0])
    for power, coefficient in enumerate(coefficients):
        for n in range(power + 1):
            total = total + coefficient * (comb(power, n) * weight**n
                                           * number[n] * moments[power - n])
    return total
