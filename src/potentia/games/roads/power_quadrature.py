"""Quadratures of means of powers of a load (`power_means` says of what): one program for many
means, which loops over the points and knows the links only as columns, so that it is small and
what it holds stays in the cache.

Columns are [E] links. t is a point of a rule in units of its pass, `left` e^-t.
"""

from __future__ import annotations

import operator
from functools import partial, reduce
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import gammaln

from potentia.games.roads import cumulants
from potentia.runtime.pytree import static, tree

NODES = 7                 # power sums that are taken, and points of both interpolations
# The least and the largest value of the quadrature's variable, and its points; and of a finer one,
# which tells how far the first is off where k is far above a power, or a load strays far.
QUADRATURE, FINER = (-3.4, 4.0, 44), (-3.7, 5.6, 120)
TOGETHER = 4              # powers of the agents that one turn of a loop adds up


class Asked(NamedTuple):
    """E (shift + L - own)^(power + raised) with this share of the largest probability as the own
    one; or, with raised None, the `Combination` of such means."""

    shift: float
    share: float = 0.0
    raised: int | None = 0


class Pass(NamedTuple):
    """What is asked of one quadrature: by that many power sums, and in a unit for loads that are
    `least` or more."""

    asked: tuple[Asked, ...]
    least: float = 1.0
    nodes: int = NODES
    rule: tuple[float, float, int] = QUADRATURE


@tree
class Combination:
    """weights: [E] each, of the powers raised by each of `raised`."""

    weights: tuple[Array, ...]
    raised: tuple[int, ...] = static()

    @classmethod
    def of(cls, weights: dict[int, Array]) -> Combination:
        """Of weights by what the power is raised by."""
        return cls(tuple(weights.values()), tuple(weights))


def points(number: int) -> np.ndarray:
    """[number] Chebyshev points of the second kind on [0, 1]."""
    return (1.0 - np.cos(np.pi * np.arange(number) / (number - 1))) / 2.0


def interpolation(number: int) -> np.ndarray:
    """[number, number] row k: the coefficients of the polynomial that is 1 at point k and 0 at the
    others."""
    return np.linalg.inv(points(number)[None, :] ** np.arange(number)[:, None])


def quadrature(lowest: float, highest: float, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points t and weights of int f(t) dt/t."""
    variable = np.linspace(lowest, highest, count)
    step = variable[1] - variable[0]
    return np.exp(variable - np.exp(-variable)), step * (1.0 + np.exp(-variable))


def largest(sums: tuple[Array, ...]) -> Array:
    """[E] no agent's probability is larger."""
    return jnp.minimum(sums[-1] ** (1.0 / len(sums)), 1.0)


@partial(jax.jit, static_argnames=("order", "passes"))
def means(sums: tuple[Array, ...], power: Array, order: int, passes: tuple[Pass, ...],
          combination: Combination | None = None) -> Array:
    """[asked, E] all that the passes ask for, in their order.

    sums: P_1, P_2, ..., `NODES` of them. order: of the moments that are taken, above each power by
    1 or more. Compiled for each set of passes; traced once for all programs.
    """
    agents = _Agents.of(sums, sorted({each.nodes for each in passes}))
    loop = _Loop(agents, largest(sums), sums[0], order - power, gammaln(order - power), combination,
                 order, passes)
    found = jnp.zeros((sum(len(each.asked) for each in passes), len(power)))
    return jax.lax.scan(loop.point, found, loop.every_point())[0]


@tree
class _Agents:
    """A fractional number of agents that stand for all, for each of some numbers of power sums,
    [S, nodes - 1, E]: their probabilities; their number times these, and their number. absent:
    [S, E] what the number times 0 of those that hardly ever come adds up to."""

    probability: Array
    times: Array
    number: Array
    absent: Array

    @classmethod
    def of(cls, sums: tuple[Array, ...], nodes: list[int]) -> _Agents:
        x, times = (jnp.stack(rows) for rows in zip(*(_nodes(sums[:n]) for n in nodes),
                                                    strict=True))
        x, absent, times = x[:, 1:], times[:, 0], times[:, 1:]
        return cls(x, times, times / jnp.where(x > 0, x, 1.0), absent)


def _nodes(sums: tuple[Array, ...]) -> tuple[Array, Array]:
    """[NODES, E] each: probabilities and, times these, numbers of agents that stand for all; of as
    many as there are sums, the others 0."""
    top, number = largest(sums), len(sums)
    inverse = 1.0 / jnp.where(top > 0, top, 1.0)
    scaled = jnp.stack([total * inverse**j for j, total in enumerate(sums)])
    rest = ((0, NODES - number), (0, 0))
    return (jnp.pad(points(number)[:, None] * top, rest),
            jnp.pad(interpolation(number) @ scaled, rest))


@tree
class _Loop:
    """What all points of all passes share. top: [E] the largest probability. s: [E] the order above
    the power, and log_gamma of it."""

    agents: _Agents
    top: Array
    mean: Array
    s: Array
    log_gamma: Array
    combination: Combination | None
    order: int = static()
    passes: tuple[Pass, ...] = static()

    @property
    def asked(self) -> tuple[Asked, ...]:
        return tuple(each for one in self.passes for each in one.asked)

    @property
    def raised(self) -> tuple[int, ...]:
        """All that a power is raised by."""
        plain = {each.raised for each in self.asked if each.raised is not None}
        return tuple(sorted(plain.union(self.combination.raised if self.combination else ())))

    @property
    def highest(self) -> int:
        """Of the moments that are taken."""
        return max(self.order + max(self.raised), 1)

    def every_point(self) -> dict[str, Array]:
        """A row for each point of each pass: itself, its weight and what its pass says."""
        ends = np.cumsum([len(each.asked) for each in self.passes])
        nodes = sorted({each.nodes for each in self.passes})
        rows = [np.column_stack([*quadrature(*each.rule), np.tile(
            [each.least, nodes.index(each.nodes), end - len(each.asked), end],
            (each.rule[2], 1))]) for each, end in zip(self.passes, ends, strict=True)]
        tau, weight, least, *whole = np.concatenate(rows).T
        kind, first, end = (jnp.asarray(column.astype(int)) for column in whole)
        return {"tau": jnp.asarray(tau), "log_tau": jnp.asarray(np.log(tau)),
                "weight": jnp.asarray(weight), "least": jnp.asarray(least), "kind": kind,
                "first": first, "end": end}

    def point(self, found: Array, at: dict[str, Array]) -> tuple[Array, None]:
        """Adds what one point is worth to all that its pass asks for."""
        # From half the least load that matters on; see `power_means`.
        unit = 0.8 * at["least"] + 0.2 * self.mean
        t = at["tau"] / unit
        left = jnp.exp(-t)
        agents = jax.tree.map(lambda part: part[at["kind"]], self.agents)
        log_product, turns = self._thinned(agents, t, left)
        # Interpolated, it is off where t is large and hardly anything is left, by more than that.
        least = self.mean / jnp.where(self.top > 0, self.top, 1.0) * jnp.log(
            _staying(self.top, left))
        log_product = jnp.clip(log_product, least, self.mean * jnp.expm1(-t))
        absent = agents.absent * left
        worth = at["weight"] * jnp.exp(log_product + self.s * (at["log_tau"] - jnp.log(unit))
                                       - self.log_gamma)

        def add(k: Array, found: Array) -> Array:
            # Taken apart only here: a loop would be handed copies.
            sums = [turns[j % TOGETHER][j // TOGETHER] for j in range(self.highest)]
            sums[0] = sums[0] + absent
            further = found[k] + worth * self._moment(k, t, left, sums)
            return jax.lax.dynamic_update_index_in_dim(found, further, k, 0)

        if len(self.passes) == 1:       # bounds that the compiler knows
            return jax.lax.fori_loop(0, len(self.asked), add, found), None
        return jax.lax.fori_loop(at["first"], at["end"], add, found), None

    def _thinned(self, agents: _Agents, t: Array, left: Array) -> tuple[Array, list[Array]]:
        """[E] log of the product over the agents of 1 - x (1 - e^-t); and sums over those who are
        not absent of powers 1, 2, ... of what is left of x, shared out to TOGETHER arrays
        [turns, E] in turn."""
        thinned = _staying(agents.probability, left)
        log_product = _total(agents.number * jnp.log(thinned)) + agents.absent * jnp.expm1(-t)
        ratio = left / thinned
        tilted = ratio * agents.probability

        def further(rest: Array, _: None) -> tuple[Array, list[Array]]:
            totals = []
            for _power in range(TOGETHER):
                totals.append(_total(rest))
                rest = rest * tilted
            return rest, totals

        turns = -(-self.highest // TOGETHER)
        return log_product, jax.lax.scan(further, agents.times * ratio, length=turns)[1]

    def _moment(self, k: Array, t: Array, left: Array, sums: list[Array]) -> Array:
        """[E] of what is asked for, over the product of all agents."""
        shift, share = (jnp.asarray([getattr(each, name) for each in self.asked])[k]
                        for name in ("shift", "share"))
        own = share * self.top
        without = _staying(own, left)
        tilted = cumulants.powers(own * left / without, self.highest)
        others = [total - power for total, power in zip(sums, tilted, strict=True)]
        moments = cumulants.moments(self.highest + 1, left, cumulants.from_power_sums(others),
                                    shift)
        found = reduce(operator.add, (self._weight(k, t, raised) * moments[self._order(raised)]
                                      for raised in self.raised))
        return jnp.exp(-shift * t) / without * found

    def _order(self, raised: int) -> int:
        return max(self.order + raised, 1)

    def _weight(self, k: Array, t: Array, raised: int) -> Array:
        """[E] or one, of the moment for powers raised by that: the share in what is asked for, and
        t^s / Gamma(s) over that of powers as they are, where the order cannot be as low as the
        power."""
        weight = jnp.asarray([1.0 * (each.raised == raised) for each in self.asked])[k]
        if self.combination is not None:
            weights = dict(zip(self.combination.raised, self.combination.weights, strict=True))
            combined = jnp.asarray([each.raised is None for each in self.asked])[k]
            weight = jnp.where(combined, weights.get(raised, 0.0), weight)
        for above in range(self._order(raised) - raised - self.order):
            weight = weight * t / (self.s + above)
        return weight


def _total(rows: Array) -> Array:
    """The sum of the first axis, written out: it is short, and the others stay in order."""
    return reduce(operator.add, [rows[k] for k in range(len(rows))])


def _staying(x: Array, left: Array) -> Array:
    """1 - x (1 - e^-t) from x and e^-t: not 0 where x is 1 and e^-t is lost beside it."""
    return (1.0 - x) + x * left
