"""Projected Q-ascent with action values that are linear in features."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from potentia.profile import project
from potentia.rules import features as told
from potentia.rules.base import View
from potentia.runtime.pytree import Number, tree

SOURCE = "Ding, Wei, Zhang, Jovanovic, arXiv 2202.04129, Algorithm 2 and Assumption 3"


@tree
class LinearQ(told.Featured):
    """Each agent fits its action values by features phi, then climbs what was fitted.

        w_i = argmin_w E_{h ~ d_i, a ~ pi_i} ( Q_i(h, a) - w . phi_i(h, a) )^2
        pi_i(.|h) <- Proj_simplex( pi_i(.|h) + eta w_i . phi_i(h, .) )

    features: [H, A, F], the same for all agents, or [N, H, A, F]; if omitted one for each entry,
    and the rule is `QAscent`. Of samples the fit is weighted by how often each entry is to be
    visited: give the oracle an exploration floor, as the source has it. step_size: eta, positive.

    Source: Ding, Wei, Zhang, Jovanovic, arXiv 2202.04129, Algorithm 2. Guarantee: where values are
    linear in the features, O(1/eps^5) samples to an eps-Nash policy of a Markov potential game.
    """

    step_size: Number
    features: Any = None

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One projected step of the policy [H, A] along the fitted values."""
        policy = jnp.exp(log_policy)
        values = view.q if self.features is None else self._fitted(policy, view)
        return jnp.log(project(policy + self.step_size * values, view.mask)), None

    def _fitted(self, policy: Array, view: View) -> Array:
        weights = view.visitation[:, None] * jnp.where(view.mask, policy, 0.0)
        return self.features @ told.regressed(self.features, jnp.where(view.mask, view.q, 0.0),
                                              weights)
