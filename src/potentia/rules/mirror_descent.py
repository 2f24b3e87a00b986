"""Policy mirror descent: a step along the action values, near the policy by a choice of distance.

The row that solves the problem with a Tsallis entropy of order q is, for a multiplier l that makes
it sum to 1,

    pi'(a)^(q-1) = pi(a)^(q-1) + (q-1)/q (eta Q(a) - l),       0 where the right side is negative,

which follows from the stationarity of eta <Q, pi'> - D_h(pi', pi). Both sides less 1 and divided by
q-1 are `expm1` and `log1p` of logarithms, which stay exact as q tends to 1.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from potentia.errors import known_name
from potentia.profile import log_normalise, project
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, static, traced, tree

SOURCE = "Alatur, Barakat, He, arXiv 2408.08075; the Tsallis map derived here"
MAPS = ("kl", "euclidean", "tsallis")
ROUNDS = 40                   # halvings, each with a Newton step: the last few alone would do


@tree
class PolicyMirrorDescent(Stepped):
    """Policy mirror descent: ascent on the action values, by a mirror map.

        pi_i(.|s) <- argmax_p  eta <Q_i(s, .), p> - D_h(p, pi_i(.|s))

    step_size: eta, positive. mirror_map: the function h whose Bregman divergence D_h is.
        "kl": sum p log p; INPG with step size eta (1-gamma). "euclidean": half the squared norm;
        `QAscent`. "tsallis": (sum p^q - 1)/(q-1); below order 1 no action's probability ever
        becomes 0, at 1 it is "kl", at 2 `QAscent` with eta/2.
    order: q of "tsallis", in (0, 2]; the others do not read it.

    Source: Alatur, Barakat and He, arXiv 2408.08075. Guarantee, by its abstract: with "kl" the
    Nash regret on Markov potential games grows as the root of the number of agents, whatever the
    number of actions; not about the last profile. Steps of "tsallis" were derived here.
    """

    step_size: Number
    mirror_map: str = static(default="kl")
    order: Number = traced(default=0.5)

    def __post_init__(self) -> None:
        super().__post_init__()
        known_name(self.mirror_map, MAPS, "mirror_map")
        check_range(self, "order", most=2.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A]."""
        moves = self.step_size * view.q
        if self.mirror_map == "kl":
            return log_normalise(log_policy + moves, view.mask), None
        if self.mirror_map == "euclidean":
            return jnp.log(project(jnp.exp(log_policy) + moves, view.mask)), None
        return _tsallis(log_policy, moves, view.mask, jnp.asarray(self.order)), None


def _tsallis(log_policy: Array, moves: Array, mask: Array, order: Array) -> Array:
    """The step by Tsallis entropy, [H, A]: moves are eta Q.

    The row's sum is convex and falls in the multiplier, so that a Newton step from below stays
    below; halving beside it ends the search whatever the row.
    """
    power = jnp.where(order == 1, 1.0, order - 1)
    rate = power / order
    moves = moves - jnp.max(moves, axis=1, keepdims=True, where=mask, initial=-jnp.inf)
    start = jnp.expm1(power * log_policy)

    def summed(multiplier: Array) -> tuple[Array, Array, Array]:
        """Unnormalised rows [H, A], their sums less 1 and how fast these fall, [H, 1]."""
        lifted = jnp.maximum(start + rate * (moves - multiplier), -1.0)
        rows = jnp.where(mask, jnp.exp(jnp.log1p(lifted) / power), 0.0)
        falls = jnp.where(rows > 0, rows / (1 + lifted), 0.0) / order
        return (rows, jnp.sum(rows, axis=1, keepdims=True) - 1,
                jnp.sum(falls, axis=1, keepdims=True))

    def alone(log_probability: Array | float) -> Array:
        """The largest multiplier at which some action has that probability, [H, 1]."""
        reached = moves + (start - jnp.expm1(power * log_probability)) / rate
        return jnp.max(reached, axis=1, keepdims=True, where=mask, initial=-jnp.inf)

    def narrow(k: int, bounds: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = bounds
        _, excess, fall = summed(low)
        low = jnp.clip(low + excess / jnp.where(fall > 0, fall, 1.0), low, high)
        middle = (low + high) / 2
        above = summed(middle)[1] >= 0
        return jnp.where(above, middle, low), jnp.where(above, high, middle)

    # One action alone fills the row at the lower end; at the upper, none has more than its share.
    shares = -jnp.log(jnp.sum(mask, axis=1, keepdims=True))
    low, _ = lax.fori_loop(0, ROUNDS, narrow, (alone(0.0), alone(shares)))
    rows = summed(low)[0]
    by_kl = log_normalise(log_policy + moves, mask)
    return jnp.where(order == 1, by_kl, log_normalise(jnp.log(rows), mask))
