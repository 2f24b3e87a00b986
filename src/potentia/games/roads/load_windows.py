"""Loads of links with costs of any kind: the distribution of the number of agents, where it is not
negligible.

The number L of agents on a link is a sum of independent choices, each with a probability x of its
own. Its characteristic function is the product of 1 - x + x e^(i theta), and a Fourier transform of
W points gives the distribution modulo W (Hong 2013, "On computing the distribution function for the
Poisson binomial distribution", Computational Statistics and Data Analysis 59). L leaves a window of
W numbers about its mean with a probability of at most 2 exp(-W^2 / (2 n)) (Hoeffding's inequality),
and W is so large that this is below `MISSED`. The transform leaves about as much noise at numbers
that hardly ever come as at others; so a number is left out where it can hardly come (Bennett's
inequality, with the variance of the load) and its cost cannot make up for that. Leaving an agent
out solves f(k) = (1 - x) g(k) + x g(k - 1) for g, upwards where x is at most 1/2 and downwards
where it is more, so that errors do not grow. What noise and numbers left out may come to is stated
(`error`, `own_error`).
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import tree

MISSED = 1e-17
NOISE = 64 * np.finfo(np.float64).eps      # of each probability, for loads of a few agents
RARE = 1e-19              # of the usual cost: what a number left out may add
AT_ONCE = 1 << 21         # numbers held at once


@tree
class Windows:
    """first: [E] the least number in each window. probabilities: [E, W] of each number from there,
    0 where `kept` [E, W] is not. mean: [E]. variance: [E].

    costs: [E, n + 2] by number of agents, the entry of nobody being that of one.
    """

    first: Array
    probabilities: Array
    kept: Array
    mean: Array
    variance: Array
    costs: Array

    def own_costs(self, rows: Rows, probability: Array) -> Array:
        """[R, A] what each action is expected to cost an agent that takes it with this probability,
        itself left out."""
        width = self.probabilities.shape[1]
        shape = (-1, rows.size, probability.shape[1])
        x = probability.reshape(shape)
        often = x > 0.5
        down, up = jnp.where(often, x, 1.0), jnp.where(often, 0.0, 1.0 - x)
        numbers, kept = self._numbers(), self.kept
        before, after = (jnp.pad(kept, ((0, 0), (1, 1)))[:, shift:][:, :width] for shift in (0, 2))
        # All others are one fewer than all.
        others = numbers < self.costs.shape[1] - 2
        found, alone, more = (_by_block(rows, table) for table in (
            self.probabilities, jnp.where(kept | before, self._at(numbers), 0.0),
            jnp.where((kept | after) & others, self._at(numbers + 1), 0.0)))

        def step(k: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            below, above, total = carry
            # From below g(k) = (f(k) - x g(k-1)) / (1-x); from above g(k-1) = (f(k) - (1-x) g(k)) /
            # x.
            last = width - 1 - k
            below = jnp.where(often, 0.0, (found[..., k] - x * below) / jnp.where(often, 1.0, up))
            above = jnp.where(often, (found[..., last] - (1.0 - x) * above) / down, 0.0)
            return below, above, total + below * more[..., k] + above * alone[..., last]

        zero = jnp.zeros(x.shape)
        total = jax.lax.fori_loop(0, width, step, (zero, zero, zero))[2].reshape(probability.shape)
        # Costs never fall: noise may not leave what they are to one agent and to all.
        return jnp.clip(total, *(rows.at_rows(self.costs[:, k]) for k in (1, -2)))

    def joining(self) -> Array:
        """[E] E c(w (1 + L)): what a link costs somebody who comes on top of the whole load."""
        return jnp.sum(self.probabilities * self._at(self._numbers() + 1), axis=1)

    def leaving(self) -> Array:
        """[E] E c(w max(L, 1)): no agent expects less, however often it takes the link itself, as L
        is at most one more than the others and costs never fall."""
        return jnp.sum(self.probabilities * self._at(self._numbers()), axis=1)

    def error(self) -> Array:
        """[E] how far `joining` and `leaving` may be off."""
        costs = self._at(self._numbers() + 1)
        return self._missed(costs, self.costs[:, -1]) + MISSED * costs[:, 0]

    def total_error(self) -> Array:
        """How far `total_cost` may be off."""
        numbers, most = self._numbers(), self.costs.shape[1] - 2
        return jnp.sum(self._missed(numbers * self._at(numbers), most * self.costs[:, most]))

    def _missed(self, worth: Array, most: Array) -> Array:
        """[E] how far the mean of `worth` [E, W], by numbers in the window, may be off, where no
        number is worth more than `most` [E]."""
        # Angles are rounded relative to the mean load, in units in which the load's spread is one.
        noise = NOISE * (1.0 + self.mean / jnp.sqrt(jnp.maximum(self.variance, 1.0)))
        chance = _chance(self._numbers(), self.mean, self.variance)
        outside = jnp.sum(jnp.where(self.kept, 0.0, chance * worth), axis=1)
        width = self.kept.shape[1]
        # Below a window less is at stake than in it: it counts with what is left out there.
        above = _chance(self.first + width, self.mean, self.variance)
        beyond = jnp.where(self.first + width > self.costs.shape[1] - 2, 0.0,
                           jnp.minimum(MISSED, above)) * most
        return noise * jnp.sum(jnp.where(self.kept, worth, 0.0), axis=1) + outside + beyond

    def own_error(self, rows: Rows, probability: Array) -> Array:
        """[R, A] how far own costs may be off: leaving the agent out may add noise up."""
        rare = jnp.minimum(probability, 1.0 - probability)
        longest = self.probabilities.shape[1]
        passed_on = jnp.minimum(1.0 / jnp.maximum(1.0 - 2.0 * rare, 1.0 / longest), longest)
        return 2.0 * passed_on * rows.at_rows(self.error())

    def potential(self) -> Array:
        """E sum over links of c(w) + ... + c(w L)."""
        summed = jnp.cumsum(self.costs.at[:, 0].set(0.0), axis=1)
        return jnp.sum(self.probabilities * jnp.take_along_axis(summed, self._numbers(), axis=1))

    def total_cost(self) -> Array:
        """E sum over links of L c(w L)."""
        numbers = self._numbers()
        return jnp.sum(self.probabilities * numbers * self._at(numbers))

    def _numbers(self) -> Array:
        """[E, W] the numbers in the windows."""
        return self.first[:, None] + jnp.arange(self.probabilities.shape[1])

    def _at(self, numbers: Array) -> Array:
        return jnp.take_along_axis(self.costs, numbers, axis=1)


def windows(rows: Rows, costs: Array, agents: Array, probability: Array) -> Windows:
    """Loads where `agents` [R] take actions with `probability` [R, A]; costs: [E, n + 2] by number
    of agents."""
    n_agents = costs.shape[1] - 2
    width = window(n_agents)
    mean = rows.by_link(agents[:, None] * probability)
    variance = rows.by_link(agents[:, None] * probability * (1.0 - probability))
    first = jnp.clip(jnp.floor(mean).astype(int) - width // 2, 0, n_agents + 1 - width)
    angles = 2 * np.pi * jnp.arange(width // 2 + 1) / width
    logs = jax.lax.map(lambda angle: _log_characteristic(rows, agents, probability, angle), angles,
                       batch_size=max(AT_ONCE // probability.size, 1)).T
    # Shifted so that the windows begin at 0.
    spectrum = jnp.exp(logs - 1j * angles * first[:, None])
    probabilities = jnp.fft.irfft(jnp.conj(spectrum), n=width, axis=1)
    costs = costs.at[:, 0].set(costs[:, 1])
    kept = _kept(first[:, None] + jnp.arange(width), mean, variance, costs)
    return Windows(first=first, probabilities=jnp.where(kept, jnp.maximum(probabilities, 0.0), 0.0),
                   kept=kept, mean=mean, variance=variance, costs=costs)


def _kept(numbers: Array, mean: Array, variance: Array, costs: Array) -> Array:
    """[E, W] the numbers that count: those that may come, or are dear enough for how seldom they
    do."""
    usual = jnp.take_along_axis(costs, jnp.ceil(mean).astype(int)[:, None], axis=1)
    dear = jnp.take_along_axis(costs, numbers + 1, axis=1)
    chance = _chance(numbers, mean, variance)
    counts = (chance > RARE) | (chance * dear > RARE * usual)
    return counts | (jnp.abs(numbers - mean[:, None]) <= 1.0)


def _chance(numbers: Array, mean: Array, variance: Array) -> Array:
    """At least the probability that a load of that mean and variance [E] is as far from its mean as
    `numbers` [E, ...], on one side (Bennett 1962)."""
    shape = (-1, *[1] * (numbers.ndim - 1))
    v = jnp.maximum(variance, np.finfo(np.float64).tiny).reshape(shape)
    off = jnp.abs(numbers - mean.reshape(shape))
    return jnp.exp(off - (v + off) * jnp.log1p(off / v))


def _by_block(rows: Rows, table: Array) -> Array:
    """[blocks, 1, A, W] of each action's link, from [E, W]; 0 where there is no link."""
    return jnp.concatenate([table,
                            jnp.zeros((1, table.shape[1]))])[jnp.asarray(rows.links)][:, None]


def window(n_agents: int) -> int:
    """W: so many numbers that what lies outside has a probability of at most `MISSED`."""
    return min(n_agents + 1, 2 + math.ceil(math.sqrt(2 * n_agents * math.log(2 / MISSED))))


def most_agents(width: int) -> int:
    """The most agents whose windows hold no more than so many numbers, at least 0."""
    wide = int(max(width - 2, 0) ** 2 / (2 * math.log(2 / MISSED)))
    return max(wide if window(wide) <= width else wide - 1, width - 1, 0)


def _log_characteristic(rows: Rows, agents: Array, probability: Array, angle: Array) -> Array:
    """[E] log E e^(i angle L)."""
    squared = 1.0 - 2.0 * probability * (1.0 - probability) * (1.0 - jnp.cos(angle))
    size = 0.5 * jnp.log(jnp.maximum(squared, np.finfo(np.float64).tiny))
    turn = jnp.arctan2(probability * jnp.sin(angle),
                       1.0 - probability + probability * jnp.cos(angle))
    return rows.by_link(agents[:, None] * size) + 1j * rows.by_link(agents[:, None] * turn)
