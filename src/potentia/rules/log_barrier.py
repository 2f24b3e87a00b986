"""INPG with a log-barrier on probabilities.

The natural gradient of V_i(mu) + lambda sum_{s,a} log pi_i(a|s) in logits, whose Fisher blocks are
d(s) (diag(pi) - pi pi^T), is A/(1-gamma) + lambda/(d pi) - lambda |A|/d. What does not depend on
the action has no part in the policy: the last term and v go. Zhang et al.'s script limits what is
left, uncentred, to [-1, 1]; there they would matter, and as published they are left out.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import not_negative_number
from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Zhang, Mei, Dai, Schuurmans, Li, arXiv 2202.00872"
LEAST = -600.0           # taken for any lower log-probability, so that 1/p stays a number


@tree
class LogBarrierINPG(Stepped):
    """INPG with a log-barrier that keeps every probability from 0.

        pi_i(a|s) <- pi_i(a|s) exp(clip(eta Q_i(s,a)/(1-gamma) + eta lambda/(d(s) pi_i(a|s)))) / Z

    step_size: eta, positive. barrier: lambda, at least 0 (0: INPG); in units of the reward.
    longest: largest absolute exponent, positive; 1 in the published script, unlimited here.

    Source: Zhang, Mei, Dai, Schuurmans and Li, arXiv 2202.00872; the natural gradient of its
    regularised objective was derived here, with d normalised. It leaves flat regions where INPG
    stays for long. Fixed points are stationary for the objective, not Nash: the gap grows with
    lambda. Where play does not come (d = 0) there is no barrier.
    """

    step_size: Number
    barrier: Number = traced(default=0.003)
    longest: Number = traced(default=np.inf)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range(self, "barrier", not_negative_number)
        check_range(self, "longest", unlimited=True)

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A]."""
        seen = (view.visitation > 0)[:, None] & view.mask & jnp.isfinite(log_policy)
        share = jnp.where(view.visitation > 0, view.visitation, 1.0)[:, None]
        inverse = jnp.exp(-jnp.where(seen, jnp.maximum(log_policy, LEAST), 0.0))
        pushed = jnp.where(seen, self.barrier * inverse / share, 0.0)
        moved = jnp.clip(self.step_size * (view.scale * view.q + pushed),
                         -self.longest, self.longest)
        return log_normalise(log_policy + moved, view.mask), None
