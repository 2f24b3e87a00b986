"""Two-timescale learning: estimates of action values move fast, the policy slowly after them."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.errors import not_negative_number
from potentia.profile import log_mixture, log_normalise
from potentia.rules.base import View, check_range, visited
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Maheshwari, Wu, Pai, Sastry, arXiv 2205.14590, on values that an oracle tells"


@tree
class Estimates:
    """What an agent remembers: its estimates [H, A], and how often it came to each entry [H, A] and
    state [H]."""

    q: Array
    entries: Array
    states: Array


@tree
class TwoTimescaleQ:
    """Two-timescale Q-learning: the policy follows the softmax of estimates that move faster.

        q(s, a)  <- q(s, a) + n(s, a)^-fast (Q_i(s, a) - q(s, a)),    q = 0 at first
        pi_i(.|s) <- pi_i(.|s) + n(s)^-slow (softmax(q(s, .)/tau) - pi_i(.|s))

    n counts how often the agent came, this time included. Both steps take the q from before, and
    only where it came: the state has visitation, and the value differs from v, which is what the
    sampled oracle tells of an action that was not played.

    temperature: tau, positive, in units of the reward. fast, slow: in [0, 1], fast the smaller.

    Source: Maheshwari, Wu, Pai and Sastry, arXiv 2205.14590, whose agents see one transition a
    step, r - tau sum pi log pi + gamma sum pi q; here the oracle tells Q of the policy itself,
    without the entropy. Guarantee, there: almost surely near a Nash profile, within what tau costs.
    """

    temperature: Number = traced(default=0.1)
    fast: Number = traced(default=0.5)
    slow: Number = traced(default=1.0)

    def __post_init__(self) -> None:
        check_range(self, "temperature")
        for name in ("fast", "slow"):
            check_range(self, name, not_negative_number, most=1.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> Estimates:
        """Nothing seen yet of the [H, A] entries."""
        return Estimates(q=jnp.zeros(mask.shape), entries=jnp.zeros(mask.shape),
                         states=jnp.zeros(mask.shape[0]))

    def update(self, log_policy: Array, memory: Estimates, view: View, iteration: Array,
               key: Array) -> tuple[Array, Estimates]:
        """One step of the estimates, and one of the policy [H, A]."""
        seen = visited(view, jnp.exp(log_policy))
        came = jnp.any(seen, axis=1)
        entries, states = memory.entries + seen, memory.states + came
        quick = jnp.where(seen, jnp.maximum(entries, 1.0) ** -self.fast, 0.0)
        slowly = jnp.where(came, jnp.maximum(states, 1.0) ** -self.slow, 0.0)[:, None]
        best = jnp.max(memory.q, axis=1, keepdims=True, where=view.mask, initial=-jnp.inf)
        response = log_normalise((memory.q - best) / self.temperature, view.mask)
        q = memory.q + quick * (view.q - memory.q)
        return log_mixture(log_policy, response, slowly), Estimates(q, entries, states)
