"""The price-taking oracle: agents on roads who do not leave themselves out of the load.

To them a link costs E c(w (1 + L)), with their own share in L: the Wardrop view of a driver too
small to matter. It differs from the exact one by about an agent's share of a link's load; the
certificate leaves the own share out.
"""

from __future__ import annotations

from typing import Any, ClassVar

from jax import Array

from potentia.errors import InputError
from potentia.game import Evaluation, HasPriceTaking
from potentia.runtime.pytree import tree


@tree
class PriceTaking:
    """Values of routing games as price-takers see them; ignores the key."""

    exact: ClassVar[bool] = False
    batched: ClassVar[bool] = False

    def check(self, game: Any) -> None:
        """Raise InputError for a game without links to take the price of."""
        if not isinstance(game, HasPriceTaking):
            raise InputError(
                f"price-takers need a routing game, but this is a {type(game).__name__}")

    def evaluate(self, game: Any, profile: Array, key: Array) -> Evaluation:
        """What price-takers see of `profile` [R, 1, A]."""
        del key
        return game.price_taking(profile)
