"""Projected Q-ascent."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import project
from potentia.rules.base import Stepped, View
from potentia.runtime.pytree import Number, tree

SOURCE = "Ding, Wei, Zhang, Jovanovic, arXiv 2202.04129"


@tree
class QAscent(Stepped):
    """Projected ascent on the action values: policy gradient without the visitation.

        pi_i(.|s) <- Proj_simplex( pi_i(.|s) + eta Q_i(s, .) )

    step_size: eta, positive.

    Source: Ding, Wei, Zhang, Jovanovic, arXiv 2202.04129. Guarantee: O(1/eps^2) iterations to an
    eps-Nash policy of a Markov potential game.
    """

    step_size: Number

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One projected step of the policy [H, A]."""
        return jnp.log(project(jnp.exp(log_policy) + self.step_size * view.q, view.mask)), None
