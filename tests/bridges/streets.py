"""An environment of one's own in PettingZoo: two taxis on a street of three corners; and others
like it that go wrong, or in which actions are missing."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete
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


class Faulty(Street):
    """One that goes wrong: `at(self, answer)` changes what the second step answers."""

    def __init__(self, wrong=lambda env, answer: answer, begin=lambda env, answer: answer,
                 fine=0):
        super().__init__()
        self.wrong, self.begin, self.fine, self.resets = wrong, begin, fine, 0

    def reset(self, seed=None, options=None):
        self.resets += 1
        return self.begin(self, super().reset(seed))

    def step(self, actions):
        answer = super().step(actions)
        return self.wrong(self, answer) if self.round == 2 and self.resets > self.fine else answer


def put(part, agent, value):
    """What puts a value into a part of the answer; deletes where it is `del`."""
    def change(env, answer):
        found = [dict(each) for each in answer]
        if value is del_:
            del found[part][agent]
        else:
            found[part][agent] = value
        return tuple(found)
    return change


del_ = object()


def raised(env, answer):
    raise RuntimeError("the engine\nstopped")


class Masked(Street):
    """Blue must not wait at the first corner; told by observations or by infos."""

    def __init__(self, where, mask=(0, 1), free=()):
        super().__init__()
        self.where, self.mask, self.free = where, mask, free

    def masks(self):
        return {"red": np.ones(3, np.int8), "blue": np.array(self.mask, np.int8)}

    def observation_space(self, agent):
        space = super().observation_space(agent)
        return Dict({"observation": space, "action_mask": Box(
            0, 1, self.masks()[agent].shape, np.int8)}) if self.where == "observation" else space

    def seen(self):
        masks = self.masks()
        return {agent: {"observation": own, "action_mask": masks[agent]}
                if self.where == "observation" else own for agent, own in super().seen().items()}

    def reset(self, seed=None, options=None):
        seen, infos = super().reset(seed)
        return (seen, {agent: {"action_mask": mask} for agent, mask in self.masks().items()
                       if agent not in self.free}
                ) if self.where == "infos" else (seen, infos)
