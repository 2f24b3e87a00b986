"""What an oracle is."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from jax import Array

from potentia.game import Evaluation


@runtime_checkable
class Oracle(Protocol):
    """Tells the agents the values of a profile. A frozen dataclass; rules cannot tell one oracle from another.

    exact: whether the values are the game's own exact ones: only then a run may stop on the Nash gap.
    batched: whether many runs go through it side by side (vmap) or one after another, whichever is faster.
    """

    @property
    def exact(self) -> bool: ...
    @property
    def batched(self) -> bool: ...

    def check(self, game: Any) -> None:
        """Raise InputError for a game that the oracle cannot serve; called once, before anything is computed."""
        ...

    def evaluate(self, game: Any, profile: Array, key: Array) -> Evaluation:
        """What the agents are told of `profile` [N, H, A]; all that is random comes from `key`."""
        ...


class ServesAllGames:
    """Base of oracles that serve every game."""

    def check(self, game: Any) -> None:
        """Nothing to refuse."""
