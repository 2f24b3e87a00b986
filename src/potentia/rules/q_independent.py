"""Independent Q-learning with a share of random play."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import uniform
from potentia.rules.base import Stepped, View, check_range, visited
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Tan 1993, Multi-Agent Reinforcement Learning: Independent vs. Cooperative Agents"


@tree
class IndependentQ(Stepped):
    """Independent Q-learning: greedy by own estimates, with a share of random play.

        q(s, a)  <- q(s, a) + eta (Q_i(s, a) - q(s, a)),    q = 0 at first
        pi_i(.|s) <- (1 - epsilon) e_argmax q(s, .) + epsilon/A(s)

    Estimates move only where the agent came: the state has visitation, and the value differs from
    v, which is what the sampled oracle tells of an action that was not played. Of several largest
    estimates the first one is taken.

    step_size: eta, in (0, 1]. exploration: epsilon, in (0, 1].

    Source: Tan, ICML 1993. Q is of the policy itself, as the oracle tells it, where Q-learning
    takes the largest of the next state. No guarantee: each agent's world moves as the others learn.
    """

    step_size: Number
    exploration: Number = traced(default=0.1)

    def __post_init__(self) -> None:
        for name in ("step_size", "exploration"):
            check_range(self, name, most=1.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The estimates [H, A]."""
        return jnp.zeros(mask.shape)

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """One step of the estimates, and the policy [H, A] by them."""
        seen = visited(view, jnp.exp(log_policy))
        q = jnp.where(seen, memory + self.step_size * (view.q - memory), memory)
        best = jnp.argmax(jnp.where(view.mask, q, -jnp.inf), axis=1, keepdims=True)
        greedy = jnp.arange(q.shape[1]) == best
        return jnp.log((1 - self.exploration) * greedy
                       + self.exploration * uniform(view.mask)), q
