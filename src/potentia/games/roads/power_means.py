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
is a smooth function of its own probability too, and is interpolated link by link. The quadratures
are those of `power_quadrature`.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.roads.power_quadrature import (
    FINER,
    NODES,
    QUADRATURE,
    Asked,
    Combination,
    Pass,
    interpolation,
    largest,
    means,
    points,
)
from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import static, tree

__all__ = ["NODES", "QUADRATURE", "PowerMeans"]

SHIFT = 6                 # terms of a sum of powers that are taken one by one
# B_2j / (2j)! of the Euler-Maclaurin formula, and the order of the derivative
EULER = ((1 / 12, 1), (-1 / 720, 3), (1 / 30240, 5), (-1 / 1209600, 7))
SAFE = 8.0                # times what was seen
BESIDE = 0.15             # of the largest probability: no point of the interpolation
ROUNDING = 3e-11          # relative: interpolation makes roundings some 1e5 times as large

AT_POINTS = tuple(Asked(1.0, float(share)) for share in points(NODES))
OWN = 0.0, BESIDE, 1.0    # shares where own costs are held against fewer sums and a finer rule
CHECKED = (*(Asked(1.0, share) for share in OWN), Asked(0.0))
JOINING, BY_OWN_SHARE = (Pass((Asked(1.0),)),), (Pass(AT_POINTS),)
# All that is stated of a profile, by one program: most of it needs the same points.
STATED = (
    Pass((*AT_POINTS, Asked(1.0, BESIDE), Asked(0.0), Asked(0.0, 0.0, 1))),
    Pass(CHECKED, nodes=NODES - 1), Pass(CHECKED, rule=FINER),
    *(Pass((Asked(float(shift)),), least=float(shift)) for shift in range(2, SHIFT)),
    Pass((Asked(float(SHIFT)), Asked(float(SHIFT), 0.0, None)), least=float(SHIFT)))
AT_LOAD = NODES + 1       # where its first pass has the load itself


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
        top = largest(self.sums)
        share = probability / jnp.maximum(rows.at_rows(top), np.finfo(np.float64).tiny)
        found = jnp.zeros(probability.shape)
        for column in reversed(_by_own_share(self._means(BY_OWN_SHARE))):
            found = found * share + rows.at_rows(column)
        return rows.at_rows(self.base) + rows.at_rows(self.steep) * found

    def joining(self) -> Array:
        """[E] E c(w (1 + L)): what a link costs somebody who comes on top of the whole load."""
        return self.base + self.steep * self._means(JOINING)[0]

    def leaving(self) -> Array:
        """[E] E c(w L), the cost at the load itself: no agent expects less, however often it takes
        the link itself."""
        return self.base + self.steep * self._stated()[0][AT_LOAD]

    def potential(self) -> Array:
        """E sum over links of c(w) + ... + c(w L).

        1^p + ... + L^p is the sum from SHIFT + 1 to SHIFT + L, by the Euler-Maclaurin formula, less
        what its terms are too large by.
        """
        first, _, _, *shifted = self._stated()
        late = shifted[-1][1] - sum(weight * float(SHIFT) ** (self.power + raised)
                                    for raised, weight in self._late().items())
        terms = jnp.stack([part[0] for part in (first, *shifted)])
        shifts = jnp.arange(1.0, SHIFT + 1)
        over = jnp.sum(terms - shifts[:, None] ** self.power, axis=0)
        return jnp.sum(self.base * self.mean + self.steep * (late - over))

    def total_cost(self) -> Array:
        """E sum over links of L c(w L)."""
        return jnp.sum(self.paid())

    def paid(self) -> Array:
        """[E] E L c(w L), of each link."""
        return self.base * self.mean + self.steep * self._stated()[0][-1]

    def total_error(self) -> Array:
        """How far that may be off: it is what all agents pay, each its own cost."""
        return jnp.sum(self.mean * self.error())

    def error(self) -> Array:
        """[E] how far `joining`, `leaving` and own costs may be off: several times what the last
        power sum, the points of the interpolation and a finer quadrature still changed, and
        rounding."""
        found, fewer, finer = self._stated()[:3]
        by_own_share = _by_own_share(found[:NODES])
        found = found[np.array([0, NODES, NODES - 1, AT_LOAD])]
        # In the order of CHECKED, of which the load itself is nobody's own.
        off = jnp.abs(found - fewer) + jnp.abs(found - finer)
        by_points = np.array(OWN)[:, None] ** np.arange(NODES) @ by_own_share
        off += jnp.pad(jnp.abs(found[:-1] - by_points), ((0, 1), (0, 0)))
        return self.steep * (SAFE * jnp.max(off, axis=0)
                             + ROUNDING * jnp.max(jnp.abs(found[:-1]), axis=0))

    def own_error(self, rows: Rows, probability: Array) -> Array:
        """[R, A] the same, of each action's own costs."""
        return rows.at_rows(self.error()) + jnp.zeros_like(probability)

    def _late(self) -> dict[int, Array]:
        """Weights [E] of means by what the power is raised by, that together sum to a power up to a
        number, but for a constant."""
        found = {1: 1.0 / (self.power + 1.0), 0: jnp.full_like(self.power, 0.5)}
        factor, reached = jnp.ones_like(self.power), 0
        for weight, order in EULER:
            for step in range(reached, order):
                factor = factor * (self.power - step)
            found[-order], reached = weight * factor, order
        return found

    def _stated(self) -> list[Array]:
        """[asked, E] of each pass of STATED."""
        found = self._means(STATED, Combination.of(self._late()))
        return jnp.split(found, np.cumsum([len(each.asked) for each in STATED])[:-1])

    def _means(self, passes: tuple[Pass, ...], combination: Combination | None = None) -> Array:
        return means(self.sums, self.power, self.order, passes, combination)


def _by_own_share(values: Array) -> Array:
    """[NODES, E] coefficients of E (1 + L - own)^power by the own probability over the largest;
    values: at the points."""
    return jnp.asarray(interpolation(NODES).T) @ values
