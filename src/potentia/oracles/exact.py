"""The exact oracle: the game's own evaluation, with nothing estimated."""

from __future__ import annotations

from typing import ClassVar

from jax import Array

from potentia.game import Evaluation, Game
from potentia.runtime.pytree import tree


@tree
class Exact:
    """Exact values, marginal action values and visitation; ignores the key."""

    exact: ClassVar[bool] = True
    # One after another on a processor: batched scatters and solves are slower than a loop over
    # runs. What an accelerator does, `learning.side_by_side` says.
    batched: ClassVar[bool] = False

    def evaluate(self, game: Game, profile: Array, key: Array) -> Evaluation:
        """What the game itself says of `profile` [N, H, A]."""
        del key
        return game.evaluate(profile)
