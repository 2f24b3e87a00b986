"""Means of powers of a load that are not whole, from sums of powers of the agents' probabilities.

The load L of a link is a sum of independent agents, of whom each takes it with a probability x of
its own. With a whole number k and s = k - p >= 1,

    (b + L)^p = 1/Gamma(s) int t^s (b + L)^k e^(-t (b + L)) dt/t,

so that its mean needs, at each t of a quadrature, the product of 1 - x (1 - e^-t) over the agents
and the k-th moment of a load that each takes with probability x e^-t / (1 - x (1 - e^-t)). All
terms are positive, so that nothing cancels. t is a double exponential of a trapezoidal rule's
variable (Takahasi and Mori 1974). Where b + L is half to some twenty times its unit that is good
to some 1e-13 at s = 1, 1e-11 at s = 3 and 5e-7 at s = 8: a finer rule tells, as part of the error.

Both are sums over agents of x g(x) with g smooth on [0, 1]. Sums of powers of x say how many
agents, of a fractional number, may stand for all of them at `NODES` Chebyshev points from 0 to the
largest probability: that is, g is interpolated there. What an agent expects that leaves itself out
is a smooth function of its own probability too, and is interpolated link by link.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import gammaln

from potentia.games.roads import cumulants
from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import static, tree

NODES = 7                 # power sums that are taken, and points of both interpolations
# The least and the largest value of the quadrature's variable, and its points; and of a finer one,
# which tells how far the first is off where k is far above a power, or a load strays far.
QUADRATURE, FINER = (-3.4, 4.0, 44), (-3.7, 5.6, 120)
SHIFT = 6                 # terms of a sum of powers that are taken one by one
# B_2j / (2j)! of the Euler-Maclaurin formula, and the order of the derivative
EULER = ((1 / 12, 1), (-1 / 720, 3), (1 / 30240, 5), (-1 / 1209600, 7))
SAFE = 4.0                # times what was seen
BESIDE = 0.15             # of the largest probability: no point of the interpolation
ROUNDING = 3e-11          # relative: interpolation makes roundings some 1e5 times as large


@tree
class PowerMeans:
    """sums: P_1, P_2, ... over agents of their probabilities to take each link, each [E].

    base, steep, power: [E] costs base + steep k^power of k agents. order: k, above each power by 1
    or more.
    """

    sums: tuple[Array, ...]
    base: Array
    steep: Array
    power: Array
    order: int = static()

    @property
    def mean(self) -> Array:
        """[E] expected number of agents."""
        return self.sums[0]

    def own_costs(self, rows: Rows, probability: Array) -> Array:
        """[R, A] what each action is expected to cost an agent that takes it with this probability,
        itself left out."""
        share = probability / jnp.maximum(rows.at_rows(self._top()), np.finfo(np.float64).tiny)
        found = jnp.zeros(probability.shape)
        for column in reversed(self._by_own_share()):
            found = found * share + rows.at_rows(column)
        return rows.at_rows(self.base) + rows.at_rows(self.steep) * found

    def joining(self) -> Array:
        """[E] E c(w (1 + L)): what a link costs somebody who comes on top of the whole load."""
        return self.base + self.steep * self._power(1.0)

    def leaving(self) -> Array:
        """[E] E c(w L), the cost at the load itself: no agent expects less, however often it takes
        the link itself."""
        return self.base + self.steep * self._power(0.0)

    def potential(self) -> Array:
        """E sum over links of c(w) + ... + c(w L).

        1^p + ... + L^p is the sum from SHIFT + 1 to SHIFT + L, by the Euler-Maclaurin formula, less
        what its terms are too large by.
        """
        shifts = jnp.arange(1.0, SHIFT + 1)
        # One after the other: written out, they would be half of the program.
        terms = jax.lax.map(self._power, shifts)
        late = self._primitive(
            lambda raised: self._power(float(SHIFT), raised) if raised else terms[-1])
        late -= self._primitive(lambda raised: float(SHIFT) ** (self.power + raised))
        over = jnp.sum(terms - shifts[:, None] ** self.power, axis=0)
        return jnp.sum(self.base * self.mean + self.steep * (late - over))

    def total_cost(self) -> Array:
        """E sum over links of L c(w L)."""
        return jnp.sum(self.base * self.mean + self.steep * self._power(0.0, 1))

    def total_error(self) -> Array:
        """How far that may be off: it is what all agents pay, each its own cost."""
        return jnp.sum(self.mean * self.error())

    def error(self) -> Array:
        """[E] how far `joining`, `leaving` and own costs may be off: several times what the last
        power sum, the points of the interpolation and a finer quadrature still changed, and
        rounding."""
        fewer = PowerMeans(self.sums[:-1], self.base, self.steep, self.power, self.order)
        share = np.array([0.0, BESIDE, 1.0])
        own = self._top()[:, None] * share
        found = self._mean(1.0, 0, own)
        by_points = jnp.stack(self._by_own_share(), axis=1) @ share ** np.arange(NODES)[:, None]
        off = jnp.abs(found - fewer._mean(1.0, 0, own)) + jnp.abs(found - by_points)
        off += jnp.abs(found - self._mean(1.0, 0, own, FINER))
        at_load, alone = self._power(0.0), jnp.zeros((len(self.power), 1))
        leaving = jnp.abs(at_load - fewer._power(0.0))
        leaving += jnp.abs(at_load - self._mean(0.0, 0, alone, FINER)[:, 0])
        return self.steep * (SAFE * jnp.maximum(jnp.max(off, axis=1), leaving)
                             + ROUNDING * jnp.max(jnp.abs(found), axis=1))

    def own_error(self, rows: Rows, probability: Array) -> Array:
        """[R, A] the same, of each action's own costs."""
        return rows.at_rows(self.error()) + jnp.zeros_like(probability)

    def _primitive(self, mean_of: Callable[[int], Array]) -> Array:
        """[E] what sums to a power up to a number, but for a constant."""
        found = mean_of(1) / (self.power + 1.0) + 0.5 * mean_of(0)
        factor = jnp.ones_like(self.power)
        for number, (weight, order) in enumerate(EULER):
            first = 0 if number == 0 else EULER[number - 1][1]
            for step in range(first, order):
                factor = factor * (self.power - step)
            found = found + weight * factor * mean_of(-order)
        return found

    def _top(self) -> Array:
        """[E] no agent's probability is larger."""
        return jnp.minimum(self.sums[-1] ** (1.0 / len(self.sums)), 1.0)

    def _agents(self) -> tuple[Array, Array]:
        """Probabilities [E, nodes] and, times these, numbers of agents that stand for all."""
        top = self._top()
        scale = jnp.where(top > 0, top, 1.0)
        sums = jnp.stack([total / scale**j for j, total in enumerate(self.sums)], axis=1)
        return top[:, None] * points(len(self.sums)), sums @ interpolation(len(self.sums)).T

    def _by_own_share(self) -> list[Array]:
        """Coefficients [E] of E (1 + L - own)^power by the own probability over the largest."""
        own = self._top()[:, None] * points(len(self.sums))
        values = self._mean(1.0, 0, own)
        return list((values @ interpolation(len(self.sums))).T)

    def _power(self, shift: float | Array, raised: int = 0) -> Array:
        """[E] E (shift + L)^(power + raised)."""
        return self._mean(shift, raised, jnp.zeros((len(self.power), 1)))[:, 0]

    def _mean(self, shift: float | Array, raised: int, own: Array,
              rule: tuple[float, float, int] = QUADRATURE) -> Array:
        """[E, M] E (shift + L - own)^(power + raised) for own probabilities [E, M], by that
        quadrature."""
        order = max(self.order + raised, 1)
        s = order - (self.power + raised)
        tau, weight = quadrature(*rule)
        # From half the least load that matters on; see the module.
        unit = 0.8 * jnp.maximum(shift, 1.0) + 0.2 * self.mean
        t = tau / unit[:, None]
        gone, left = -jnp.expm1(-t), jnp.exp(-t)
        log_product, sums = self._thinned(gone, left, order)
        without = _staying(own[:, None, :], left[:, :, None])
        tilted = cumulants.powers(own[:, None, :] * left[:, :, None] / without, order)
        others = [total[:, :, None] - power for total, power in zip(sums, tilted, strict=True)]
        top = [jnp.zeros_like(without)] * order + [jnp.ones_like(without)]
        moment = cumulants.mean_of_polynomial(top, cumulants.from_power_sums(others), shift)
        log = (log_product - shift * t + s[:, None] * jnp.log(tau)
               - gammaln(s)[:, None] - (s * jnp.log(unit))[:, None])
        return jnp.einsum("g,egm->em", weight, jnp.exp(log)[:, :, None] * moment / without)

    def _thinned(self, gone: Array, left: Array, order: int) -> tuple[Array, list[Array]]:
        """[E, points] log of the product over the agents of 1 - x gone, and sums over them of the
        powers up to `order` of what is left of x."""
        x, number = self._agents()
        # The first point is 0; one point after the other, so that all of it stays in the cache.
        log_product, first = -number[:, :1] * gone, number[:, :1] * left
        sums = [first, *[jnp.zeros_like(first)] * (order - 1)]
        for k in range(1, x.shape[1]):
            at, many = x[:, k, None], number[:, k, None]
            thinned = _staying(at, left)
            log_product += many * jnp.log(thinned) / jnp.where(at > 0, at, 1.0)
            ratio = left / thinned
            rest = many * ratio
            for j in range(order):
                sums[j] = sums[j] + rest
                rest = rest * ratio * at
        return log_product, sums


def _staying(x: Array, left: Array) -> Array:
    """1 - x (1 - e^-t) from x and e^-t: not 0 where x is 1 and e^-t is lost beside it."""
    return (1.0 - x) + x * left


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
