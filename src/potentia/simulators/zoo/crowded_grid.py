"""A square grid whose cells many agents share: whoever stands where others stand earns less."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import share_number, whole_number
from potentia.runtime.pytree import static, tree
from potentia.simulators.contract import MOST_AGENTS, MOST_SIDE

SOURCE = ("rewards by load as in congestion games (Rosenthal 1973), on a grid; such dispersion "
          "tasks are common in multi-agent learning")
MOVES = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))      # stay, right, left, down, up


@tree
class CrowdedGrid:
    """N agents on size x size cells. Each earns the worth of its cell, 1 at the corners' end of the
    diagonal and less towards the other, over the number who stand there.

    Agents see their own cell and how many stand on it and on its four neighbours, so that no table
    over joint positions is needed.
    """

    n_agents: int = static()
    size: int = static()
    horizon: int = static()
    discount: float = static()
    name: str = static(default="crowded-grid")

    @property
    def action_counts(self) -> tuple[int, ...]:
        """Stay, or go to one of four neighbours."""
        return (len(MOVES),) * self.n_agents

    def reset(self, key: Array) -> Array:
        """[N, 2] cells, all of them equally likely."""
        return jax.random.randint(key, (self.n_agents, 2), 0, self.size)

    def step(self, state: Array, actions: Array, key: Array) -> tuple[Array, Array, Array]:
        """Where the agents go, walls hold them back, and what their new cells pay."""
        cells = jnp.clip(state + jnp.asarray(MOVES)[actions], 0, self.size - 1)
        rewards = self._worth(cells) / self._crowd(cells)[cells[:, 0], cells[:, 1]]
        return cells, rewards, jnp.zeros((), bool)

    def observe(self, state: Array) -> Array:
        """[N, 7] own row and column in [0, 1], and the shares of all agents on the own cell and
        its neighbours; beyond a wall all are."""
        crowd = jnp.pad(self._crowd(state) / self.n_agents, 1, constant_values=1.0)
        around = state[:, None] + jnp.asarray(MOVES)[None] + 1
        shares = crowd[around[..., 0], around[..., 1]]
        return jnp.concatenate([state / max(self.size - 1, 1), shares], axis=1)

    def _worth(self, cells: Array) -> Array:
        return (1.0 + cells.sum(axis=1)) / (2 * self.size - 1)

    def _crowd(self, cells: Array) -> Array:
        """[size, size] agents on each cell."""
        return jnp.zeros((self.size, self.size)).at[cells[:, 0], cells[:, 1]].add(1.0)


def build(n_agents: int = 20, size: int = 6, horizon: int = 25,
          discount: float = 0.95) -> CrowdedGrid:
    """A grid with agents who congest it: no table could hold it from a few agents on."""
    return CrowdedGrid(whole_number(n_agents, "n_agents", 1, MOST_AGENTS),
                       whole_number(size, "size", 2, MOST_SIDE),
                       whole_number(horizon, "horizon", 1),
                       float(share_number(discount, "discount")))
