"""An environment of one's own in PettingZoo: two taxis on a street of three corners."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from gymnasium.spaces import Discrete, MultiDiscrete
from pettingzoo import ParallelEnv

CORNERS, ROUNDS = 3, 3


class Street(ParallelEnv):
    """Taxis drive on or wait; a corner pays the more the farther it is, shared by those there."""

    metadata: ClassVar[dict] = {"name": "street"}

    def __init__(self, rounds: int = ROUNDS):
        self.possible_agents, self.max_cycles = ["red", "blue"], rounds
        self.agents, self.corners, self.round = [], [0, 0], 0

    def observation_space(self, agent):
        return MultiDiscrete([CORNERS, CORNERS, self.max_cycles + 1])

    def action_space(self, agent):
        return Discrete(3 if agent == "red" else 2)      # wait, drive on; red can also go back

    def reset(self, seed=None, options=None):
        self.agents, self.corners, self.round = list(self.possible_agents), [0, 0], 0
        return self.seen(), {agent: {} for agent in self.agents}

    def seen(self):
        own = self.corners
        return {agent: np.array([own[k], own[1 - k], self.round])
                for k, agent in enumerate(self.possible_agents)}

    def step(self, actions):
        for k, agent in enumerate(self.possible_agents):
            self.corners[k] = (self.corners[k] + [0, 1, -1][actions[agent]]) % CORNERS
        self.round += 1
        paid = {agent: (1.0 + corner) / self.corners.count(corner)
                for agent, corner in zip(self.possible_agents, self.corners, strict=True)}
        over = dict.fromkeys(self.possible_agents, self.round == self.max_cycles)
        if self.round == self.max_cycles:
            self.agents = []
        return self.seen(), paid, over, dict.fromkeys(over, False), {agent: {} for agent in over}
