"""Independent natural policy gradient for log-linear policies, by compatible regression."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import Array

from potentia.profile import log_normalise
from potentia.rules import features as told
from potentia.rules.base import View
from potentia.runtime.pytree import Number, tree

SOURCE = ("Kakade (2002), A natural policy gradient; Agarwal, Kakade, Lee, Mahajan, arXiv "
          "1908.00261, Section 6")


@tree
class LogLinearINPG(told.Featured):
    """Natural policy gradient of policies whose logits are linear in features phi.

        w_i = argmin_w E_{h ~ d_i, a ~ pi_i} ( A_i(h, a) - w . (phi_i(h, a) - E_{pi_i} phi_i) )^2
        log pi_i(a|h) <- log pi_i(a|h) + eta/(1-gamma) w_i . phi_i(h, a) + const

    A start that is not log-linear stays as a factor. features: [H, A, F], the same for all agents,
    or [N, H, A, F]; if omitted one for each entry, and the rule is INPG's. step_size: eta,
    positive.

    Source: Kakade (2002); Agarwal, Kakade, Lee, Mahajan, arXiv 1908.00261, equations 20 and 21.
    Guarantee: none here; with one feature for each entry that of INPG.
    """

    step_size: Number
    features: Any = None

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step along what the features can say of the advantages [H, A]."""
        direction = view.advantage if self.features is None else self._said(log_policy, view)
        logits = log_policy + self.step_size * view.scale * direction
        return log_normalise(logits, view.mask), None

    def _said(self, log_policy: Array, view: View) -> Array:
        policy = jnp.where(view.mask, jnp.exp(log_policy), 0.0)
        mean = jnp.einsum("ha,haf->hf", policy, self.features)
        weights = view.visitation[:, None] * policy
        found = told.regressed(self.features - mean[:, None], view.advantage, weights)
        return jnp.where(view.mask, self.features @ found, 0.0)
