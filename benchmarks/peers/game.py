"""The paper's reachable congestion game as tables over joint actions, built here from its
definition alone.

Six nodes: s, two layers of two, t. All agents move at once, each to one of two next nodes; an
agent's reward is 1/(number of agents on the same edge in the same step); at t play ends. States of
a layer are in the order of the binary numbers that say who stands on the second node, agent 1's bit
first, and so are joint actions.

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 4.2. Only NumPy is needed, of any
version.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Tables(NamedTuple):
    """States in the order s (1), first layer (2^n), second layer (2^n), t (1); J = 2^n joint
    actions.

    rewards: [S, J, N]. following: [S, J] index of the next state. discount: below 1.
    counts: [S] actions of each agent: 2 in s and on the first layer, then 1; where it is 1, only j
        = 0 exists.
    levels: ranges (first, past the last) of states from the last decision to the first; before them
        come the states without one, the last of which is t.
    """

    rewards: np.ndarray
    following: np.ndarray
    discount: float
    counts: np.ndarray
    levels: tuple[tuple[int, int], ...]


def tables(n_agents: int) -> Tables:
    """The game of `n_agents` agents: S = 2 + 2^(n+1) states."""
    joint = 2**n_agents
    every = np.arange(joint)
    bits = every[:, None] >> np.arange(n_agents)[::-1] & 1
    loads = np.concatenate([_loads(bits[None]), _loads(2 * bits[:, None] + bits[None]),
                            np.repeat(_loads(bits[:, None]), joint, axis=1)])
    rewards = np.concatenate([1 / loads, np.zeros((1, joint, n_agents))])
    following = np.concatenate([np.broadcast_to(1 + every, (1, joint)),
                                np.broadcast_to(1 + joint + every, (joint, joint)),
                                np.full((joint + 1, joint), 1 + 2 * joint)])
    return Tables(rewards, following, 0.99, np.repeat([2, 1], [1 + joint, joint + 1]),
                  ((1, 1 + joint), (0, 1)))


def _loads(edges: np.ndarray) -> np.ndarray:
    """The number of agents on each agent's edge, [..., N], from the edges' numbers [..., N]."""
    return np.sum(edges[..., :, None] == edges[..., None, :], axis=-1)
