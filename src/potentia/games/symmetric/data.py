"""What a game of identical agents holds: its arrays, checked by `build`, and its information
states."""

from __future__ import annotations

from functools import lru_cache

import jax.numpy as jnp
import numpy as np

from potentia.games.full_information import FullInformation
from potentia.games.symmetric.index_tables import IndexTables, index_tables
from potentia.runtime.pytree import Leaf, static, tree


@tree
class SymmetricData(FullInformation):
    """n identical agents who all play one policy: profiles are [1, H, A].

    pay: [1 + L W, A, n+1] by node (the source, then the layers' nodes), move and load (0 at load
        0).
    loop_reward: at the sink, where play goes back to the source if it `loops`; else it ends there.
    discount: in [0, 1], below 1 if play loops.
    layers, width: L layers of W nodes. A = W: the moves lead to the nodes of the next layer; those
        of the last layer and the sink have one.
    recipe: the registered name and parameters that rebuild this game, or None.

    Information states: 0 is the source; then, layer by layer, (v, x) by own node v and by the
    numbers x of the others at each node, in ascending order (`information_states`); the sink is the
    last.
    """

    pay: Leaf
    loop_reward: Leaf
    discount: Leaf
    n_agents: int = static()
    layers: int = static()
    width: int = static()
    loops: bool = static()
    undiscounted: bool = static()
    name: str = static(default="anonymous")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @property
    def n_states(self) -> int:
        """H, information states of an agent."""
        return 2 + self.layers * self.width * len(self.tables.others)

    @property
    def mask(self) -> Leaf:
        """[1, H, A] moves that exist."""
        return _mask(self.n_states, self.layers, self.width)

    @property
    def initial(self) -> Leaf:
        """[H]: all agents start at the source."""
        return np.eye(1, self.n_states)[0]

    @property
    def absorbing(self) -> Leaf:
        """[H] where play has ended."""
        return (np.arange(self.n_states) == self.n_states - 1) & (not self.loops)

    @property
    def sweeps(self) -> int | None:
        """Number of states on the longest play, the end included; None if play loops."""
        return None if self.loops else self.layers + 2

    @property
    def reward_bound(self) -> Leaf:
        """Largest size of any reward."""
        return jnp.max(jnp.abs(jnp.append(jnp.asarray(self.pay), self.loop_reward)))

    def information_states(self) -> np.ndarray:
        """[H, 2 + W] steps from the source, own node in the layer, numbers of the others at the
        layer's nodes."""
        others = self.tables.others
        block = [np.column_stack([np.full(len(others), node), others])
                 for node in range(self.width)]
        together = np.eye(1, 1 + self.width, 1, dtype=int) * (self.n_agents - 1)
        rows = [together, *[np.concatenate(block)] * self.layers, together]
        return np.concatenate([np.insert(part, 0, step, axis=1) for step, part in enumerate(rows)])

    @property
    def tables(self) -> IndexTables:
        """Where counts stand in the lists that the game is computed by."""
        return index_tables(self.n_agents, self.width)

    @property
    def steps_left(self) -> np.ndarray:
        """[H] steps until the sink."""
        block = self.width * len(self.tables.others)
        return np.repeat(np.arange(self.layers + 2)[::-1], [1, *[block] * self.layers, 1])


@lru_cache(maxsize=8)
def _mask(n_states: int, layers: int, width: int) -> np.ndarray:
    mask = np.ones((1, n_states, width), bool)
    with_choice = 1 + (n_states - 2) // layers * (layers - 1)
    mask[:, with_choice:, 1:] = False
    mask.setflags(write=False)
    return mask
