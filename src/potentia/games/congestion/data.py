"""What a congestion game holds: its arrays, checked by `build` and laid out by `layout`."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.congestion.layout import Group
from potentia.games.full_information import FullInformation
from potentia.runtime.pytree import Leaf, static, tree


@tree
class CongestionData(FullInformation):
    """N agents on V nodes with up to A moves each, S joint states.

    moves: [V, A] next nodes, -1 where a node has fewer. pay: [V, A, N+1] by load (0 at load 0).
    initial: [S] distribution mu. discount: in [0, 1]. mask: [N, S, A] moves that exist.
    configurations: [S, N] node of each agent; -1 in states that stand for nothing (they fill up
        shards).
    codes, position: configurations by ascending code, and the state of each; for simulated play.
    groups: see `layout`, in the order of play. back: [S] discount^(steps until play is back in
        state `home`) if it surely is, else None. depth: most steps until play ends or is back, None
        if it need do neither.
    shards: parts that the states are split in.
    starts, states: nodes that play was given to start from, and which configurations are states.
    recipe: the registered name and parameters that rebuild this game, or None.
    """

    moves: Leaf
    pay: Leaf
    initial: Leaf
    discount: Leaf
    mask: Leaf
    configurations: Leaf
    codes: Leaf
    position: Leaf
    back: Leaf | None
    groups: tuple[Group, ...]
    depth: int | None = static()
    home: int | None = static()
    undiscounted: bool = static()
    shards: int = static(default=1)
    starts: tuple[tuple[int, ...], ...] = static(default=())
    states: str = static(default="reachable")
    name: str = static(default="congestion")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @property
    def n_agents(self) -> int:
        return self.configurations.shape[1]

    @property
    def absorbing(self) -> Leaf:
        """[S] states in which play has ended."""
        ended = np.ones((self.shards, self.n_states // self.shards), bool)
        for group in self.groups:
            ended[:, group.first:group.first + group.size] = False
        return ended.ravel()

    @property
    def reward_bound(self) -> Leaf:
        """Largest size of any reward."""
        return jnp.max(jnp.abs(jnp.asarray(self.pay)))

    @property
    def sweeps(self) -> int | None:
        """Number of states on the longest play, the end included; None if play need not end."""
        return None if self.depth is None or self.back is not None else self.depth + 1

    def by_shard(self, profile: Array) -> Array:
        """[N, S, A] to [N, A, D, L], D shards of L states."""
        by_move = jnp.swapaxes(jnp.asarray(profile), 1, 2)
        return by_move.reshape(*by_move.shape[:2], self.shards, -1)
