"""Smoothed best responses: the softmax of the action values, or a part of the way to it."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import log_mixture, log_normalise
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Fudenberg, Levine 1998, The Theory of Learning in Games, chapter 4"


@tree
class SmoothedBestResponse(Stepped):
    """Smoothed best responses: a part of the way to the softmax of the action values.

        pi_i(.|s) <- (1 - eta) pi_i(.|s) + eta softmax(Q_i(s, .)/tau)

    step_size: eta, in (0, 1]. temperature: tau, positive, in units of the reward; near 0 it is
        `BestResponseDynamics`.

    Source: Fudenberg and Levine, The Theory of Learning in Games, 1998, chapter 4 (logit responses;
    McKelvey and Palfrey 1995 for what stays). In games of one state, what stays is a quantal
    response equilibrium; in others each state's response is to the values without an entropy.
    Its Nash gap grows with tau: of one state, at most tau log A.
    """

    step_size: Number = traced(default=1.0)
    temperature: Number = traced(default=0.1)

    def __post_init__(self) -> None:
        check_range(self, "temperature")
        check_range(self, "step_size", most=1.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A]."""
        best = jnp.max(view.q, axis=1, keepdims=True, where=view.mask, initial=-jnp.inf)
        response = log_normalise((view.q - best) / self.temperature, view.mask)
        return log_mixture(log_policy, response, self.step_size), None
