"""What a tabular game holds: its arrays, checked by `build`, and what follows from their shapes."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.tabular.transitions import Transitions
from potentia.names import NONE, Names
from potentia.runtime.pytree import Leaf, static, tree


@tree
class TabularData:
    """The arrays of a finite Markov game with N agents, S states and J joint actions.

    rewards: [S, J, N]. transitions: see `transitions`. initial: [S] distribution mu.
    discount: in [0, 1]. absorbing: [S]. mask: [N, H, A] actions that exist.
    information: [N, S] information state that each agent sees in each state.
    stage_potential: [S, J] rewards whose value function is the potential of the game, or None.
    action_counts: (A_1, ..., A_N). sweeps: steps of the longest play if acyclic (and few), else
        None.
    direct: so few states that their chain is a matrix, and its systems are factored; see `chains`.
    full_information: every agent sees the state. separable: what an agent's information state says
        of the state depends on the others' policies only, so that a best local response is exact.
    recipe: the registered name and parameters that rebuild this game, or None.
    shards: equal parts that the states are cut into, to be spread over devices; see `split`.
    names: what agents, actions and states are called.
    accuracy: how far the arrays may be from the numbers that are meant; see `from_arrays`.
    """

    rewards: Leaf
    transitions: Transitions
    initial: Leaf
    discount: Leaf
    absorbing: Leaf
    mask: Leaf
    information: Leaf
    stage_potential: Leaf | None
    action_counts: tuple[int, ...] = static()
    sweeps: int | None = static()
    direct: bool = static()
    undiscounted: bool = static()
    full_information: bool = static()
    separable: bool = static()
    name: str = static(default="game")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)
    shards: int = static(default=1)
    accuracy: float = static(default=0.0)
    names: Names = static(default=NONE)

    @property
    def n_agents(self) -> int:
        return len(self.action_counts)

    @property
    def n_states(self) -> int:
        return self.rewards.shape[0]

    @property
    def scale(self) -> Leaf:
        """1/(1-discount), or 1 at discount 1."""
        return np.float64(1.0) if self.undiscounted else 1.0 / (1.0 - self.discount)

    @property
    def reward_bound(self) -> Leaf:
        """Largest size of any reward."""
        return jnp.max(jnp.abs(jnp.asarray(self.rewards)))

    @property
    def mask_by_state(self) -> Leaf:
        """[N, S, A] actions that exist, by state."""
        return jnp.stack([self.mask[i, self.information[i]] for i in range(self.n_agents)])

    def policies(self, profile: Array) -> list[Array]:
        """Each agent's policy by state: a list of `[S, A_i]`."""
        return [profile[i, self.information[i], :count]
                for i, count in enumerate(self.action_counts)]
