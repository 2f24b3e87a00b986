"""Values and four-cycles of pure policies, by code that shares nothing with the package."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

import potentia as pt


class Pure:
    """A tabular game, asked for values of pure profiles: [S] actions of each agent."""

    def __init__(self, game: pt.MarkovGame) -> None:
        self.counts, self.discount = game.action_counts, float(game.discount)
        self.rewards, self.initial = np.asarray(game.rewards), np.asarray(game.initial)
        n_states, n_joint, _ = self.rewards.shape
        self.steps = game.transitions.csr().toarray().reshape(n_states, n_joint, n_states)

    def values(self, *policies: tuple[int, ...]) -> np.ndarray:
        """[N] from the initial distribution."""
        joint = np.ravel_multi_index(tuple(np.array(policies)), self.counts)
        states = np.arange(len(self.rewards))
        system = np.eye(len(self.rewards)) - self.discount * self.steps[states, joint]
        return self.initial @ np.linalg.solve(system, self.rewards[states, joint])

    def cycle(self, first: tuple, second: tuple, third: tuple, fourth: tuple) -> float:
        """What two agents gain in all: agent 0 from `first` to `second`, agent 1 from `third` to
        `fourth`, and back."""
        start, one = self.values(first, third), self.values(second, third)
        both, other = self.values(second, fourth), self.values(first, fourth)
        return float(one[0] - start[0] + both[1] - one[1] + other[0] - both[0]
                     + start[1] - other[1])

    def policies(self, agent: int) -> Iterator[tuple[int, ...]]:
        """All pure policies of an agent."""
        return itertools.product(range(self.counts[agent]), repeat=len(self.rewards))
