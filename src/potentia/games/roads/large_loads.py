"""Means of powers of loads that are large wherever their costs depend on them, about the mean load.

With M the mean of b + L and few moments, found from sums of powers of the agents' probabilities
(`cumulants`),

    E (b + L)^p = M^p sum over n < 8 of C(p, n) E (L - E L)^n / M^n,

and the next term, bounded by that of a Poisson load (`certificates.load_moments` says why), is some
105 C(p, 8) 2^|p - 8| / M^4. So a load is large from so many agents on that this is a share `SHARE`,
and a game has large loads if at fewer no cost is raised by more than that share of itself: then
what is found of small loads, which is not exact, does not matter either. That is so where a vehicle
is a great many agents.
"""

from __future__ import annotations

import itertools
from typing import TypeVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.roads import cumulants
from potentia.games.roads.cost_kinds import Costs, PowerLaw
from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import tree

Numbers = TypeVar("Numbers", np.ndarray, Array)

TERMS = 8
SHARE = 1e-13             # of a cost
FEWEST = 1e3              # agents of a large load, which is less than half its mean once in e^125
POISSON = 110.0           # E (L - E L)^8 / (E L)^4 of such a load, at most
STEEPEST = 50.0           # power: certificates count the agents of small loads that are steeper
OFF = 4.0                 # times `SHARE` that a cost may be off, be its load large or small


def are_large(costs: Costs, weight: float) -> bool:
    """Whether all loads that matter are large, of agents of this weight; costs: of time alone."""
    if not isinstance(costs, PowerLaw):
        return False
    base, rise, scale, power = (np.asarray(column, np.float64) for column in (
        costs.base, costs.rise, costs.scale, costs.power))
    with np.errstate(all="ignore"):
        left_out = POISSON * np.abs(_choices(power, TERMS)[-1]) * 2.0 ** np.abs(power - TERMS)
        least = np.maximum((left_out / SHARE) ** 0.25, FEWEST)
        # With what a further agent costs all the others, which the system optimum charges.
        raised = (1.0 + power) * rise * (2.0 * weight * least / scale) ** power
    large = (raised <= SHARE * base) & (power <= STEEPEST)
    return bool(((rise == 0) | (power == 0) | large).all())


def enough(costs: Costs, vehicles: float, most: int) -> int | None:
    """A number of agents, a power of ten of at most `most`, that make all loads large if so many
    vehicles are theirs; None where none does."""
    numbers = itertools.takewhile(lambda number: number <= most, (10**k for k in itertools.count()))
    return next((number for number in numbers if are_large(costs, vehicles / number)), None)


@tree
class LargeLoads:
    """sums: P_1, P_2, ... over agents of their probabilities to take each link, each [E], one
    fewer than there are terms.

    base, rise, scale, power: [E] costs base + rise (k / scale)^power of k agents.
    """

    sums: tuple[Array, ...]
    base: Array
    rise: Array
    scale: Array
    power: Array

    @property
    def mean(self) -> Array:
        """[E] expected number of agents."""
        return self.sums[0]

    def own_costs(self, rows: Rows, probability: Array) -> Array:
        """[R, A] what each action is expected to cost an agent that takes it with this probability,
        itself left out."""
        others = [rows.at_rows(total) - power for total, power in zip(
            self.sums, cumulants.powers(probability, len(self.sums)), strict=True)]
        base, rise, scale, power = map(rows.at_rows, (self.base, self.rise, self.scale, self.power))
        return base + rise * _mean(others, power, scale, 1.0)

    def joining(self) -> Array:
        """[E] E c(w (1 + L)): what a link costs somebody who comes on top of the whole load."""
        return self.base + self.rise * self._mean(1.0)

    def leaving(self) -> Array:
        """[E] E c(w L), the cost at the load itself: no agent expects less, however often it takes
        the link itself."""
        return self.base + self.rise * self._mean(0.0)

    def error(self) -> Array:
        """[E] how far `joining`, `leaving` and own costs may be off."""
        return OFF * SHARE * self.joining()

    def own_error(self, rows: Rows, probability: Array) -> Array:
        """[R, A] the same, of each action's own costs."""
        return rows.at_rows(self.error()) + jnp.zeros_like(probability)

    def potential(self) -> Array:
        """E sum over links of c(w) + ... + c(w L).

        1^p + ... + L^p is an integral up to L + 1/2, but for a 24th of its second derivative, by
        the Euler-Maclaurin formula.
        """
        summed = self._mean(0.5, 1) / (self.power + 1.0) - self.power / 24 * self._mean(0.5, -1)
        return jnp.sum(self.base * self.mean + self.rise * summed)

    def total_cost(self) -> Array:
        """E sum over links of L c(w L)."""
        return jnp.sum(self.paid())

    def paid(self) -> Array:
        """[E] E L c(w L), of each link."""
        return self.base * self.mean + self.rise * self._mean(0.0, 1)

    def total_error(self) -> Array:
        """How far that may be off: it is what all agents pay, each its own cost."""
        return jnp.sum(self.mean * self.error())

    def _mean(self, shift: float, raised: int = 0) -> Array:
        return _mean(list(self.sums), self.power, self.scale, shift, raised)


def _mean(sums: list[Array], power: Array, scale: Array, shift: float, raised: int = 0) -> Array:
    """E (shift + L)^(power + raised) / scale^power, each of the shape of `power`."""
    kappa = cumulants.from_power_sums(sums)
    # Where hardly anybody goes nothing matters but that it is a number.
    mean = jnp.maximum(kappa[0] + shift, 1.0)
    moments = cumulants.moments(TERMS, power, [jnp.zeros_like(power), *kappa[1:]], 0.0)
    found = jnp.zeros_like(power)
    for choices, moment in reversed(list(zip(_choices(power + raised, TERMS - 1), moments,
                                             strict=True))):
        found = found / mean + choices * moment
    return found * (mean / scale) ** power * mean**raised


def _choices(power: Numbers, order: int) -> list[Numbers]:
    """C(p, 0), ..., C(p, order), each of the shape of `power`."""
    found = [power * 0 + 1.0]
    for n in range(order):
        found.append(found[n] * ((power - n) / (n + 1)))
    return found
