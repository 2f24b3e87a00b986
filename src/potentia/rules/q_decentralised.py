"""Decentralised Q-learning: pure policies that wait, and move at random to better ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import not_negative_number
from potentia.profile import uniform
from potentia.rules.base import View, check_range, visited
from potentia.runtime.pytree import Number, traced, tree

SOURCE = ("Arslan, Yuksel 2017, Decentralized Q-Learning for Stochastic Teams and Games, IEEE "
          "Transactions on Automatic Control 62; a phase is what an oracle tells")


@tree
class DecentralisedQ:
    """Decentralised Q-learning: a pure policy is kept for a phase, then perhaps left for a better.

        pi_i(.|s) = (1 - rho) e_b(s) + rho/A(s),    b the baseline
        each iteration: b stays if Q_i(s, b(s)) >= max Q_i(s, .) - delta wherever play comes, and
        else with probability lambda; else b(s) is drawn from all actions as good as that

    An iteration is a phase: its plays are the oracle's, and nothing is kept of its values. Actions
    that the oracle's play did not come to are not drawn. The first baseline is what the starting
    policy plays most. With the exact oracle, solve with `tolerance=None`: all may wait at once,
    which ends other runs.

    exploration: rho, in (0, 1]. slack: delta, at least 0, in units of the reward. inertia: lambda,
        in [0, 1].

    Source: Arslan and Yuksel, IEEE Transactions on Automatic Control 62, 2017. Q is of the policy
    itself, as the oracle tells it, so that a reply is the best of one step where theirs is the best
    of all. Guarantee, there and not checked here: in weakly acyclic games, near a pure equilibrium
    nearly always, if rho and delta are small.
    """

    exploration: Number = traced(default=0.1)
    slack: Number = traced(default=0.0)
    inertia: Number = traced(default=0.5)

    def __post_init__(self) -> None:
        check_range(self, "exploration", most=1.0)
        check_range(self, "slack", not_negative_number)
        check_range(self, "inertia", not_negative_number, most=1.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The baseline's actions [H]."""
        return jnp.argmax(log_policy, axis=1)

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """The next phase's policy [H, A], and its baseline."""
        seen = visited(view, jnp.exp(log_policy))
        best = jnp.max(jnp.where(seen, view.q, -jnp.inf), axis=1, keepdims=True)
        good = seen & (view.q >= best - self.slack - view.rounding)
        actions = jnp.arange(view.mask.shape[1])
        content = jnp.all(jnp.any(good & (actions == memory[:, None]), axis=1)
                          | ~jnp.any(seen, axis=1))
        wait_key, draw_key = jax.random.split(key)
        stays = content | (jax.random.uniform(wait_key) < self.inertia)
        drawn = jnp.argmax(jnp.where(good, jax.random.uniform(draw_key, good.shape), -1.0), axis=1)
        baseline = jnp.where(stays | ~jnp.any(seen, axis=1), memory, drawn)
        policy = ((1 - self.exploration) * (actions == baseline[:, None])
                  + self.exploration * uniform(view.mask))
        return jnp.log(policy), baseline
