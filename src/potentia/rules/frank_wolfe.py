"""Frank-Wolfe: towards the best vertex by an averaged gradient."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.errors import not_negative_number
from potentia.profile import toward
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "Dong, Wang, Yu, arXiv 2404.06516; constants of the authors' code"


@tree
class FrankWolfe(Stepped):
    """Frank-Wolfe: a step towards the action that an averaged gradient likes best.

        g_i(s, .) <- (1 - rho_t) g_i(s, .) + rho_t d(s)/(1-gamma) Q_i(s, .),    g_i = 0 at first
        pi_i(.|s) <- (1 - eta) pi_i(.|s) + eta e_argmax g_i(s, .)
        rho_t = averaging / (t+1)^decay,    t = 0, 1, ... the iteration

    Of several best actions the first one is taken, where play never came too: there g is 0.

    step_size: eta, in (0, 1]. averaging: in (0, 1]; at 1 with decay 0 nothing is averaged.
    decay: at least 0.

    Source: arXiv 2404.06516; the constants are those of the authors' experiments
    (`jingdong00/potential_game_exp`), which start uniformly. Guarantee, there: Nash regret of order
    T^(4/5) from samples; not about the last profile, which moves on by up to 2 eta in every step.
    """

    step_size: Number = traced(default=0.1)
    averaging: Number = traced(default=0.9)
    decay: Number = traced(default=0.6)

    def __post_init__(self) -> None:
        check_range(self, "step_size", most=1.0)
        check_range(self, "averaging", most=1.0)
        check_range(self, "decay", not_negative_number)

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The averaged gradient g [H, A], nothing yet."""
        return jnp.zeros(mask.shape)

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """One step of the policy [H, A] after one of the average."""
        weight = self.averaging / (iteration + 1.0) ** self.decay
        gradient = view.scale * view.visitation[:, None] * jnp.where(view.mask, view.q, 0.0)
        average = (1 - weight) * memory + weight * gradient
        best = jnp.argmax(jnp.where(view.mask, average, -jnp.inf), axis=1)
        return toward(log_policy, best, self.step_size), average
