"""Regret matching+, of each information state by its own."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.rules.base import View
from potentia.rules.regret_matching import matched
from potentia.runtime.pytree import tree

SOURCE = "Tammelin, arXiv 1407.5042; in potential games arXiv 2510.17067; per information state"


@tree
class RegretMatchingPlus:
    """Regret matching+: regret matching that forgets what is below 0.

        R_i(s, .) <- max(R_i(s, .) + A_i(s, .), 0),    R_i = 0 at first
        pi_i(.|s) proportional to R_i(s, .); where that is 0, pi_i(.|s) stays

    It has no parameters, and the unit of rewards makes no difference.

    Source: Tammelin, arXiv 1407.5042; each state by its own advantages is Potentia's own.
    Guarantee, by the abstract of arXiv 2510.17067: in potential games of one state, with agents
    who move in turns, first-order points of the potential within eps after order 1/eps^4 steps.
    Agents who all move at once are not covered.
    """

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The regrets [H, A], none yet."""
        return jnp.zeros(mask.shape)

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """One step of the regrets, and the policy [H, A] by them."""
        regrets = jnp.maximum(memory + view.clear_advantage, 0.0)
        return matched(regrets, log_policy), regrets
