"""A user's own oracle that keeps something: its memory as arrays by name, and what it returns
checked as it is traced."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError
from potentia.game import Evaluation, Game
from potentia.learning.contract import called, refuse_bad_answer, refuse_other_memory, what
from potentia.oracles.base import Stateful, counts_steps, is_batched, is_exact
from potentia.runtime.own import Token, packed


class PlainOracle:
    """A user's oracle whose memory is arrays by name, so that no class of it enters a JAX tree.

    token: what the arrays are taken from; None until the first `begin`, which finds out.
    Raises InputError for whatever breaks the contract.
    """

    def __init__(self, oracle: Stateful, token: Token | None = None):
        self.oracle, self.token, self.name = oracle, token, type(oracle).__name__
        self.exact, self.batched = is_exact(oracle), is_batched(oracle)
        self.counts_steps = counts_steps(oracle)

    def begin(self, game: Game, key: Array) -> dict[str, Array]:
        """The first memory."""
        memory = self._plain(called(self.oracle, "begin", game, key), "begin")
        return {name: jnp.asarray(leaf) for name, leaf in memory.items()}

    def evaluate(self, game: Game, profile: Array, key: Array) -> Evaluation:
        """What it tells anew."""
        return called(self.oracle, "evaluate", game, profile, key)

    def evaluate_from(self, game: Game, profile: Array, key: Array,
                      memory: dict[str, Array]) -> tuple[Evaluation, dict[str, Array]]:
        """What it tells now, and the memory."""
        assert self.token is not None
        found = called(self.oracle, "evaluate_from", game, profile, key, self.token.rebuilt(memory))
        if not isinstance(found, tuple) or len(found) != 2:
            raise InputError(f"{self.name}.evaluate_from returned {what(found)}, but (evaluation, "
                             f"memory) was expected")
        refuse_bad_answer(self.oracle, "evaluate_from", found[0], profile.shape)
        after = self._plain(found[1], "evaluate_from")
        return found[0], refuse_other_memory(self.name, memory, after, "evaluate_from", "begin")

    def _plain(self, memory: Any, method: str) -> dict[str, Any]:
        leaves, token = packed(memory, f"what {self.name}.{method} keeps as memory", "traced")
        self.token = token if self.token is None else self.token
        if token != self.token:
            raise InputError(f"{self.name}.{method} returned a memory of another structure than "
                             f"{self.name}.begin")
        return leaves


def refuse_bad_memory(oracle: PlainOracle, game: Game) -> None:
    """Raise InputError unless a user's oracle keeps its contract on `game`, on shapes and dtypes
    alone; to be traced. Sets the token of its memory."""
    keys = jax.random.split(jax.random.key(0))
    memory = oracle.begin(game, keys[0])
    oracle.evaluate_from(game, jnp.zeros(jnp.shape(game.mask)), keys[1], memory)
