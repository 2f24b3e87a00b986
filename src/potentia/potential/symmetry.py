"""The numbers that a stage potential may be reduced to.

Where every permutation of the agents leaves the game as it is, states in place, the mean of a stage
potential over the permutations is one too: it depends on how many agents play each action, and on
the state, only.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp

from potentia.potential.subject import Subject


def unknowns(subject: Subject) -> sp.csr_array:
    """[S*J, U] which of U unknowns the stage potential of each cell is; 0 where there is no joint
    action."""
    cells = np.flatnonzero(subject.playable)
    column = _count_classes(subject)[cells] if is_symmetric(subject) else cells
    _, column = np.unique(column, return_inverse=True)
    return sp.csr_array((np.ones(cells.size), (cells, column)),
                        (subject.playable.size, int(column.max(initial=-1)) + 1))


def is_symmetric(subject: Subject) -> bool:
    """Whether the game stays as it is when any two agents are exchanged: neighbours suffice."""
    if len(subject.counts) < 3 or len(set(subject.counts)) > 1 or subject.local:
        return False
    return all(_unchanged(subject, agent) for agent in range(len(subject.counts) - 1))


def _unchanged(subject: Subject, agent: int) -> bool:
    """Whether agents `agent` and `agent + 1` may be exchanged."""
    swapped = np.arange(math.prod(subject.counts)).reshape(subject.counts).swapaxes(
        agent, agent + 1).ravel()
    agents = np.arange(len(subject.counts))
    agents[[agent, agent + 1]] = agents[[agent + 1, agent]]
    if not (subject.rewards[:, swapped][:, :, agents] == subject.rewards).all() or \
            not (subject.masks[agent] == subject.masks[agent + 1]).all():
        return False
    n_states, n_joint = subject.playable.shape
    rows = (np.arange(n_states)[:, None] * n_joint + swapped).ravel()
    return abs(subject.kernel[rows] - subject.kernel).max() == 0


def _count_classes(subject: Subject) -> np.ndarray:
    """[S*J] a number that tells the state and how many agents play each action."""
    n_agents, n_actions = len(subject.counts), subject.counts[0]
    actions = np.indices(subject.counts).reshape(n_agents, -1)
    held = np.stack([(actions == action).sum(axis=0) for action in range(n_actions)])
    by_counts = np.unique(held, axis=1, return_inverse=True)[1].ravel()
    return (np.arange(subject.states.size)[:, None] * by_counts.size + by_counts).ravel()
