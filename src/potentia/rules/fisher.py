"""INPG as it is defined: the gradient, preconditioned by the Fisher pseudo-inverse.

    theta_i <- theta_i + eta F_i^+ grad_theta_i V_i(mu)               (eq. 5)
    F_i = E_{s~d} E_{a~pi} [grad log pi  grad log pi^T]

Fox, McAleer, Overman and Panageas, arXiv 2110.10614. F is block-diagonal over information states,
with blocks d(s) (diag(pi) - pi pi^T). The result is the advantage, centred over the actions, where
d(s) > 0, and 0 where d(s) = 0; there the other two forms still move. The slow reference, for
checks.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View
from potentia.runtime.pytree import Number, tree

SOURCE = "Fox, McAleer, Overman, Panageas, arXiv 2110.10614, eq. 5"


@tree
class FisherINPG(Stepped):
    """INPG by the Fisher pseudo-inverse: the slow reference.

        theta_i <- theta_i + eta F_i^+ grad_theta_i V_i(mu)

    step_size: eta, positive.

    Source: Fox, McAleer, Overman, Panageas, arXiv 2110.10614, eq. 5. Where play comes, the same
    steps as `INPG` up to a constant of each row; where it does not come, none.
    """

    step_size: Number

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The logits theta [H, A]: any that give the starting policy."""
        return log_policy

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """One natural gradient step on the logits."""
        policy = jnp.exp(log_policy)
        gradient = view.scale * view.visitation[:, None] * policy * view.advantage
        logits = memory + self.step_size * _natural(policy, view.visitation, gradient, view.mask)
        return log_normalise(logits, view.mask), logits


def _natural(policy: Array, visitation: Array, gradient: Array, mask: Array) -> Array:
    """F^+ gradient, [H, A], for gradients whose rows sum to 0 (as gradients in logits do).

    Each block d F is balanced to d S, S = D^-1/2 F D^-1/2 with D = diag(pi), whose eigenvalues are
    0 and 1, so that its pseudo-inverse has a cut-off that rare actions do not blur. Scaled back and
    centred over the existing actions, the solution is the one of least norm, which is the
    pseudo-inverse's.
    """
    seen = (visitation > 0)[:, None] & mask & (policy > 0)
    root = jnp.sqrt(jnp.where(seen, policy, 1.0))
    balanced = jnp.where(seen[:, :, None] & seen[:, None, :],
                         jnp.eye(mask.shape[1]) - root[:, :, None] * root[:, None, :], 0.0)
    inverse = jnp.linalg.pinv(balanced, rtol=1e-8, hermitian=True)
    scaled = jnp.where(seen,
                       gradient / (root * jnp.where(visitation > 0, visitation, 1.0)[:, None]), 0.0)
    direction = jnp.where(seen, jnp.einsum("hab,hb->ha", inverse, scaled) / root, 0.0)
    centre = jnp.sum(direction, axis=1) / jnp.maximum(jnp.sum(seen, axis=1), 1)
    return jnp.where(seen, direction - centre[:, None], 0.0)
