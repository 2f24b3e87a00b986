"""A natural gradient step as long as the policy may change."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.profile import log_normalise
from potentia.rules.base import View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Schulman et al., arXiv 1502.05477, for one agent by its own advantages"
HALVINGS = 30


@tree
class TrustRegion:
    """A natural gradient step whose mean change of the policy is limited.

        pi_i(a|s) <- pi_i(a|s) exp(beta A_i(s, a)) / Z_i(s)
        beta the first of b, b/2, b/4, ...,    b = sqrt(2 radius / sum_s d(s) Var_pi A_i(s, .)),
        with sum_s d(s) KL(pi_i(.|s) | pi_i'(.|s)) <= radius and a surrogate that does not fall,
        sum_s d(s) sum_a pi_i'(a|s) A_i(s, a) >= 0

    With b the quadratic approximation of the mean divergence is `radius`. After 30 halvings the
    policy stays. The unit of rewards makes no difference: steps do not shrink with the advantages,
    until rounding may explain these. Rows where play does not come have no
    part in the mean, and move by the same beta.

    radius: positive; largest mean Kullback-Leibler divergence under the agent's own visitation.

    Source: trust region policy optimisation, Schulman et al., arXiv 1502.05477, with exact
    advantages and the logits free in each state. Kuba et al. (arXiv 2109.11251) let agents of a
    cooperative game move so in turns, so that its value never falls, as they state; for agents who
    all move at once no guarantee is known.
    """

    radius: Number = traced(default=0.01)

    def __post_init__(self) -> None:
        check_range(self, "radius")

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A]."""
        policy, advantage = jnp.exp(log_policy), view.clear_advantage
        centred = jnp.sum(policy * advantage, axis=1, keepdims=True)
        variance = jnp.sum(policy * (advantage - centred) ** 2, axis=1) @ view.visitation
        longest = jnp.sqrt(2 * self.radius / jnp.where(variance > 0, variance, jnp.inf))

        def tried(halvings: Array) -> tuple[Array, Array]:
            moved = log_normalise(log_policy + longest * 0.5 ** halvings * advantage, view.mask)
            change = jnp.where(policy > 0, policy * (log_policy - moved), 0.0)
            gained = jnp.exp(moved) * advantage
            return (view.visitation @ jnp.sum(change, axis=1),
                    view.visitation @ jnp.sum(gained, axis=1))

        divergence, gain = jax.vmap(tried)(jnp.arange(HALVINGS))
        allowed = (divergence <= self.radius) & (gain >= 0)
        beta = jnp.where(jnp.any(allowed), longest * 0.5 ** jnp.argmax(allowed), 0.0)
        return log_normalise(log_policy + beta * advantage, view.mask), None
