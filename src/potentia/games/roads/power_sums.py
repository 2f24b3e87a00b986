"""Loads of links whose costs are polynomials, from sums of powers of the agents' probabilities to
take each link."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from potentia.games.roads import cumulants
from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import tree


@tree
class PowerSums:
    """sums: P_1, P_2, ..., P_(K+1) over agents of their probabilities to take each link, each [E].
    coefficients: of the costs, as polynomials of the number of agents, K + 1 times [E]."""

    sums: tuple[Array, ...]
    coefficients: tuple[Array, ...]

    @property
    def mean(self) -> Array:
        """[E] expected number of agents."""
        return self.sums[0]

    def own_costs(self, rows: Rows, probability: Array) -> Array:
        """[R, A] what each action is expected to cost an agent that takes it with this probability,
        itself left out."""
        degree = len(self.coefficients) - 1
        others = [rows.at_rows(total) - power
                  for total, power in zip(self.sums, cumulants.powers(probability, degree),
                                          strict=False)]
        return cumulants.mean_of_polynomial([rows.at_rows(column) for column in self.coefficients],
                                            cumulants.from_power_sums(others), 1.0)

    def joining(self) -> Array:
        """[E] E c(w (1 + L)): what a link costs somebody who comes on top of the whole load."""
        return self._mean(self.coefficients, 1.0)

    def leaving(self) -> Array:
        """[E] E c(w L), the cost at the load itself: no agent expects less, however often it takes
        the link itself."""
        return self._mean(self.coefficients, 0.0)

    def error(self) -> Array:
        """[E] how far these may be off, rounding of what a trip costs apart: nothing."""
        return jnp.zeros_like(self.mean)

    def own_error(self, rows: Rows, probability: Array) -> Array:
        """[R, A] the same of own costs."""
        return jnp.zeros_like(probability)

    def potential(self) -> Array:
        """E sum over links of c(w) + ... + c(w L)."""
        table = cumulants.sums_of_powers(len(self.coefficients) - 1)
        summed = [sum((table[j, i] * column for j, column in enumerate(self.coefficients)),
                      start=jnp.zeros_like(self.mean)) for i in range(table.shape[1])]
        return jnp.sum(self._mean(summed, 0.0))

    def total_cost(self) -> Array:
        """E sum over links of L c(w L)."""
        return jnp.sum(self._mean([jnp.zeros_like(self.mean), *self.coefficients], 0.0))

    def total_error(self) -> Array:
        """How far that may be off, rounding apart: not at all."""
        return jnp.zeros(())

    def _mean(self, coefficients: Sequence[Array], shift: float) -> Array:
        kappa = cumulants.from_power_sums(list(self.sums[:len(coefficients) - 1]))
        return cumulants.mean_of_polynomial(list(coefficients), kappa, shift)
