"""Independent policy gradient in the direct parametrisation."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import project
from potentia.rules.base import Stepped, View
from potentia.runtime.pytree import Number, tree

SOURCE = "Leonardos, Overman, Panageas, Piliouras, arXiv 2106.01969"


@tree
class IPG(Stepped):
    """Projected policy gradient, weighted by visitation.

        pi_i(.|s) <- Proj_simplex( pi_i(.|s) + eta/(1-gamma) d(s) Q_i(s, .) )

    step_size: eta, positive.

    Source: Leonardos, Overman, Panageas, Piliouras, arXiv 2106.01969. States that play does not
    visit stay as they are.
    """

    step_size: Number

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One projected gradient step of the policy [H, A]."""
        gradient = view.scale * view.visitation[:, None] * view.q
        return jnp.log(project(jnp.exp(log_policy) + self.step_size * gradient, view.mask)), None
