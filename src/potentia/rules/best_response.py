"""Best-response dynamics: to the best action, or a part of the way."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import toward
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Monderer, Shapley 1996, Games and Economic Behavior 14; Puterman 1994, section 6.4"


@tree
class BestResponseDynamics(Stepped):
    """Best responses by the action values at hand: policy iteration, of each agent alone.

        pi_i(.|s) <- (1 - eta) pi_i(.|s) + eta e_argmax Q_i(s, .)

    Of several best actions, up to rounding, the one that is played most is taken, of these the
    first: a pure policy that is a best response stays as it is.

    step_size: eta, in (0, 1].

    Source: Monderer and Shapley, Potential Games, 1996; in a Markov game the greedy policy is one
    step of policy iteration (Puterman 1994, section 6.4). Guarantee: where one agent moves at a
    time in a finite potential game it ends at a pure Nash profile. Agents who all move at once may
    go round in a cycle for ever; a profile that stays is Nash.
    """

    step_size: Number = traced(default=1.0)

    def __post_init__(self) -> None:
        check_range(self, "step_size", most=1.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A]."""
        value = jnp.max(view.q, axis=1, keepdims=True, where=view.mask, initial=-jnp.inf)
        best = view.mask & (view.q >= value - view.rounding)
        chosen = jnp.argmax(jnp.where(best, jnp.exp(log_policy), -1.0), axis=1)
        return toward(log_policy, chosen, self.step_size), None
