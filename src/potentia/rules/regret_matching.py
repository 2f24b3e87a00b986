"""Regret matching, of each information state by its own."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.rules.base import View
from potentia.runtime.pytree import tree

SOURCE = "Hart, Mas-Colell 2000, Econometrica 68, per information state"


@tree
class RegretMatching:
    """Regret matching: actions in proportion to how much they are regretted.

        R_i(s, .) <- R_i(s, .) + A_i(s, .),    R_i = 0 at first
        pi_i(.|s) proportional to max(R_i(s, .), 0); where that is 0, pi_i(.|s) stays

    It has no parameters, and the unit of rewards makes no difference.

    Source: Hart and Mas-Colell, A Simple Adaptive Procedure Leading to Correlated Equilibrium,
    Econometrica 68, 2000; each state by its own advantages is Potentia's own. Guarantee, in games
    of one state: average regret of at most range sqrt(actions / T), whatever the others do. The
    last profile need not come to rest; in potential games it may take exponentially long where
    `RegretMatchingPlus` does not (arXiv 2510.17067).
    """

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The regrets [H, A], none yet."""
        return jnp.zeros(mask.shape)

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """One step of the regrets, and the policy [H, A] by them."""
        regrets = memory + view.clear_advantage
        return matched(regrets, log_policy), regrets


def matched(regrets: Array, log_policy: Array) -> Array:
    """The log-policy in proportion to the positive part of `regrets` [H, A]; the one at hand where
    no action is regretted."""
    positive = jnp.maximum(regrets, 0.0)
    total = jnp.sum(positive, axis=1, keepdims=True)
    return jnp.where(total > 0, jnp.log(positive / jnp.where(total > 0, total, 1.0)), log_policy)
