"""A game that has tables as a simulator: what is learnt by playing it can be certified."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError, whole_number
from potentia.game import HasTable, table_of
from potentia.games.sampling import drawn_from_one
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.transitions import Transitions
from potentia.runtime.pytree import Leaf, static, tree

FORGOTTEN = 1e-3          # of all that is to come: what is left of it when an episode is cut off


@tree
class TableSimulator:
    """Play of a table. A state is its number; agents see their information states.

    game: whose table it is. transitions, rewards [S, J, N], initial [S], ended [S] and exists [N,
    H, A]: of that table. seen, legal_at: [S, N] and [S, N, A] what agents see and may do, state by
    state, so that one line is read.
    """

    game: Any
    transitions: Transitions
    rewards: Leaf
    initial: Leaf
    seen: Leaf
    ended: Leaf
    exists: Leaf
    legal_at: Leaf
    action_counts: tuple[int, ...] = static()
    horizon: int = static()
    discount: float = static()
    n_observations: int = static()
    name: str = static()

    def reset(self, key: Array) -> Array:
        """A state drawn from the initial distribution."""
        return drawn_from_one(jnp.asarray(self.initial), jax.random.uniform(key))

    def step(self, state: Array, actions: Array, key: Array) -> tuple[Array, Array, Array]:
        """The next state by the table's probabilities, its rewards, and whether play is over."""
        joint = jnp.ravel_multi_index(tuple(actions), self.action_counts, mode="clip")
        following = self.transitions.step(state, joint, jax.random.uniform(key))
        return (following.astype(jnp.int32), jnp.asarray(self.rewards)[state, joint],
                jnp.asarray(self.ended)[following])

    def observe(self, state: Array) -> Array:
        """[N] each agent's information state."""
        return jnp.asarray(self.seen)[state]

    def legal(self, state: Array) -> Array:
        """[N, A] actions that exist there."""
        return jnp.asarray(self.legal_at)[state]


def of_game(game: object, horizon: int | None = None) -> TableSimulator:
    """A game that has a table, as a simulator. An episode ends in states that are never left and
    pay nothing.

    horizon: steps after which an episode is cut off; if omitted the longest play, or as many as
        leave a thousandth of what is to come.

    Raises InputError for a game without a table, and for one of discount 1 that may go on for ever
    without a horizon.
    """
    if not isinstance(game, HasTable | MarkovGame):
        raise InputError(f"game is a {type(game).__name__}, which has no table to play")
    table = game if isinstance(game, MarkovGame) else table_of(game)
    steps = _horizon(table) if horizon is None else whole_number(horizon, "horizon", 1)
    information, exists = np.asarray(table.information, np.int32), np.asarray(table.mask, bool)
    return TableSimulator(
        game=game, transitions=table.transitions, rewards=table.rewards, initial=table.initial,
        seen=np.ascontiguousarray(information.T),
        ended=np.asarray(table.absorbing, bool), exists=exists,
        legal_at=np.stack([own[at] for own, at in zip(exists, information, strict=True)], axis=1),
        action_counts=table.action_counts, horizon=steps, discount=float(table.discount),
        n_observations=int(table.mask.shape[1]), name=table.name)


def _horizon(table: MarkovGame) -> int:
    if table.sweeps is not None:
        return max(table.sweeps - 1, 1)
    if table.undiscounted:
        raise InputError(f"{table.name} has discount 1 and may go on for ever: give a horizon")
    discount = float(table.discount)
    return 1 if discount == 0 else max(int(np.ceil(np.log(FORGOTTEN) / np.log(discount))), 1)
