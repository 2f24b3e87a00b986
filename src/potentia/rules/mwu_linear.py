"""Multiplicative weights in their linear form."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import finite_number
from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Palaiopanos, Panageas, Piliouras, arXiv 1703.01138"
NEAREST = 0.99                # of 1, which a step times a cost must not reach


@tree
class LinearMWU(Stepped):
    """Multiplicative weights by 1 - eps c, the linear form, on costs.

        pi_i(a|s) <- pi_i(a|s) (1 - eps c_i(s, a)) / Z_i(s),    c_i(s, a) = zero - Q_i(s, a)

    Z is the sum as computed: 1 - eps sum pi c, its equal, drifts away by rounding. Unlike `MWU` it
    depends on what costs nothing.

    step_size: eps, positive. Where eps times the agent's largest cost exceeds 0.99, the agent's
        step is .99 over that cost, so that no factor is negative.
    zero: the action value that costs nothing, as large as any Q; inf, as usual, for the largest of
        the row in that iteration.

    Source: Palaiopanos, Panageas and Piliouras, arXiv 1703.01138. Guarantee: in congestion games of
    one state, with costs of at least 0 and eps below 1 over the largest, the potential never rises
    and play converges to exact Nash equilibria, where the exponential form may be chaotic. None is
    known for Markov games.
    """

    step_size: Number
    zero: Number = traced(default=np.inf)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range(self, "zero", finite_number, unlimited=True)

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A], in logarithms."""
        best = jnp.max(view.q, axis=1, keepdims=True, where=view.mask, initial=-jnp.inf)
        cost = jnp.where(view.mask, jnp.where(jnp.isinf(self.zero), best, self.zero) - view.q, 0.0)
        step = jnp.minimum(self.step_size, NEAREST / jnp.maximum(jnp.max(cost), 0.0))
        return log_normalise(log_policy + jnp.log1p(-step * cost), view.mask), None
