"""INPG projected on policies that play every action."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = "arXiv 2609.14959, eq. 10"


@tree
class FloorINPG(Stepped):
    """INPG with a floor under every probability.

        pi_i(a|s) <- max{ zeta/A(s), kappa(s) pi_i(a|s) exp(eta A_i(s, a)/(1-gamma)) }

    kappa(s) makes the row sum to 1: the projection of INPG's row on {p >= zeta/A(s)} by
    Kullback-Leibler divergence, exact by sorting. A(s) counts the actions that exist in s.

    step_size: eta, positive. floor: zeta, in (0, 1]; at 1 the policy is uniform.

    Source: arXiv 2609.14959, eq. 10. Guarantee, by its abstract: Nash regret of order T^(-1/4)
    without the mismatch coefficient, for zeta chosen by T; not about the last profile. What the
    floor costs at an equilibrium is up to zeta times the worst advantage.
    """

    step_size: Number
    floor: Number = traced(default=0.01)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range(self, "floor", most=1.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A], then the projection."""
        moved = log_policy + self.step_size * view.scale * view.advantage
        row = jnp.exp(log_normalise(moved, view.mask))
        lowest = self.floor / jnp.sum(view.mask, axis=1, keepdims=True)
        return log_normalise(jnp.log(_raised(row, view.mask, lowest)), view.mask), None


def _raised(row: Array, mask: Array, lowest: Array) -> Array:
    """The projection of `row` [H, A] on rows of at least `lowest` [H, 1], by KL divergence.

    If the k largest stay above the floor, all others lie on it and kappa is what is left over the
    sum of the k. The right k is the largest whose own k-th stays above.
    """
    falling = -jnp.sort(-jnp.where(mask, row, -1.0), axis=1)
    others = jnp.sum(mask, axis=1, keepdims=True) - jnp.arange(1, row.shape[1] + 1)
    kappas = (1 - others * lowest) / jnp.cumsum(jnp.maximum(falling, 0.0), axis=1)
    stays = (others >= 0) & (kappas * falling > lowest)
    last = jnp.maximum(jnp.sum(stays, axis=1, keepdims=True) - 1, 0)
    kappa = jnp.take_along_axis(kappas, last, axis=1)
    return jnp.where(mask, jnp.maximum(lowest, kappa * row), 0.0)
