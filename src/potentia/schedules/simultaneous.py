"""Everybody moves in every iteration."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.runtime.pytree import tree
from potentia.schedules.base import Facts

SOURCE = "Fox, McAleer, Overman, Panageas 2021, arXiv 2110.10614"


@tree
class Simultaneous:
    """Everybody moves in every iteration: independent learning, and what is done if nothing is
    said.

    Source: Fox, McAleer, Overman and Panageas, arXiv 2110.10614.
    """

    def init(self, n_movers: int, key: Array) -> None:
        """Nothing to remember."""

    def move(self, memory: None, iteration: Array, facts: Facts, key: Array) -> tuple[Array, None]:
        """All, [M]."""
        return jnp.ones(facts.n_movers, bool), None
