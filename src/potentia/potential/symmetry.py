"""The numbers that a stage potential may be reduced to.

Where every permutation of the agents leaves the game as it is, states in place, the mean of a stage potential over the
permutations is one too: it depends on how many agents play each action, and on the state, only.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.sparse as sp

from potentia.potential.view import View


def unknowns(view: View) -> sp.csr_array:
    """[S*J, U] which of U unknowns the stage potential of each cell is; 0 where there is no joint action."""
    cells = np.flatnonzero(view.playable)
    column = _count_classes(view)[cells] if is_symmetric(view) else cells
    _, column = np.unique(column, return_inverse=True)
    return sp.csr_array((np.ones(cells.size), (cells, column)), (view.playable.size, int(column.max(initial=-1)) + 1))


def is_symmetric(view: View) -> bool:
    """Whether the game stays as it is when any two agents change places: neighbours suffice."""
    if len(view.counts) < 3 or len(set(view.counts)) > 1 or view.local:
        return False
    return all(_unchanged(view, agent) for agent in range(len(view.counts) - 1))


def _unchanged(view: View, agent: int) -> bool:
    """Whether agents `agent` and `agent + 1` may change places."""
    swapped = np.arange(math.prod(view.counts)).reshape(view.counts).swapaxes(agent, agent + 1).ravel()
    agents = np.arange(len(view.counts))
    agents[[agent, agent + 1]] = agents[[agent + 1, agent]]
    if not (view.rewards[:, swapped][:, :, agents] == view.rewards).all() or \
            not (view.masks[agent] == view.masks[agent + 1]).all():
        return False
    n_states, n_joint = view.playable.shape
    rows = (np.arange(n_states)[:, None] * n_joint + swapped).ravel()
    return abs(view.kernel[rows] - view.kernel).max() == 0


def _count_classes(view: View) -> np.ndarray:
    """[S*J] a number that tells the state and how many agents play each action."""
    n_agents, n_actions = len(view.counts), view.counts[0]
    actions = np.indices(view.counts).reshape(n_agents, -1)
    held = np.stack([(actions == action).sum(axis=0) for action in range(n_actions)])
    by_counts = np.unique(held, axis=1, return_inverse=True)[1].ravel()
    return (np.arange(view.states.size)[:, None] * by_counts.size + by_counts).ravel()
