"""A coordinator lets the mover who gains most by its best response move."""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from potentia.errors import not_negative_number
from potentia.rules.base import check_range
from potentia.runtime.pytree import Number, traced, tree
from potentia.schedules.base import Facts

SOURCE = "Song, Mei, Bai 2021, arXiv 2110.04184"


@tree
class CoordinatedLargestGain:
    """A coordinator lets the one mover move whose exact best response gains most, while that is
    more than `minimum`; of several the first.

    Agents cannot tell by themselves who that is, so it is no independent learning, and is refused
    with oracles that estimate.

    minimum: not negative, in the units of values. Where nobody gains more, nobody moves any more,
        and the run goes on to its tolerance or its limit: give `tolerance=minimum`.

    Source: Song, Mei and Bai, arXiv 2110.04184, algorithm 3 (Nash-CA), with `BestResponseDynamics`
    and `minimum` at half its epsilon: with an exact oracle at most 2 (max Phi - min Phi)/epsilon
    moves.
    """

    minimum: Number = traced(default=0.0)
    needs_gains: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_range(self, "minimum", not_negative_number)

    def init(self, n_movers: int, key: Array) -> None:
        """Nothing to remember."""

    def move(self, memory: None, iteration: Array, facts: Facts, key: Array) -> tuple[Array, None]:
        """Who gains most, [M]."""
        assert facts.gains is not None
        chosen = jnp.arange(facts.n_movers) == jnp.argmax(facts.gains)
        return chosen & (facts.gains > self.minimum), None
