"""A user's own oracle that keeps something: its memory as arrays by name, and what it returns
checked as it is traced."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import Evaluation, Game
from potentia.learning.contract import called, refuse_bad_answer
from potentia.learning.own_memory import KeepsPlain
from potentia.oracles.base import Stateful, counts_steps, is_batched, is_exact
from potentia.runtime.own import Token


class PlainOracle(KeepsPlain):
    """A user's oracle whose memory is arrays by name."""

    begins = "begin"

    def __init__(self, oracle: Stateful, token: Token | None = None):
        super().__init__(oracle, token)
        self.exact, self.batched = is_exact(oracle), is_batched(oracle)
        self.counts_steps = counts_steps(oracle)

    def begin(self, game: Game, key: Array) -> dict[str, Array]:
        """The first memory."""
        return self.first(called(self.own, "begin", game, key))

    def evaluate(self, game: Game, profile: Array, key: Array) -> Evaluation:
        """What it tells anew."""
        return called(self.own, "evaluate", game, profile, key)

    def evaluate_from(self, game: Game, profile: Array, key: Array,
                      memory: dict[str, Array]) -> tuple[Evaluation, dict[str, Array]]:
        """What it tells now, and the memory."""
        evaluation, after = self.pair(
            called(self.own, "evaluate_from", game, profile, key, self.as_kept(memory)),
            "evaluate_from", "evaluation")
        refuse_bad_answer(self.own, "evaluate_from", evaluation, profile.shape)
        return evaluation, self.after(memory, after, "evaluate_from")


def refuse_bad_memory(oracle: PlainOracle, game: Game) -> None:
    """Raise InputError unless a user's oracle keeps its contract on `game`, on shapes and dtypes
    alone; to be traced. Sets the token of its memory."""
    keys = jax.random.split(jax.random.key(0))
    memory = oracle.begin(game, keys[0])
    oracle.evaluate_from(game, jnp.zeros(jnp.shape(game.mask)), keys[1], memory)
