"""Independent policy gradient in the softmax parametrisation."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View
from potentia.runtime.pytree import Number, tree

SOURCE = "Zhang, Mei, Dai, Schuurmans, Li, arXiv 2202.00872"


@tree
class SoftmaxPG(Stepped):
    """Policy gradient on softmax logits: the plain gradient of V_i(mu).

        theta_i(s, a) <- theta_i(s, a) + eta/(1-gamma) d(s) pi_i(a|s) A_i(s, a)

    step_size: eta, positive.

    Source: Zhang, Mei, Dai, Schuurmans, Li, arXiv 2202.00872.
    """

    step_size: Number

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The logits theta [H, A]: any that give the starting policy."""
        return log_policy

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """One gradient step on the logits [H, A]."""
        gradient = view.scale * view.visitation[:, None] * jnp.exp(log_policy) * view.advantage
        logits = memory + self.step_size * gradient
        return log_normalise(logits, view.mask), logits
