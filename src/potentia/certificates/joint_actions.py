"""Play of all agents together, in NumPy: what a profile is worth, which states play can reach, and
the problem of a planner who picks every agent's action.

    V(s) = R(s) + discount sum_s' P(s, s') V(s'),    R, P means over the joint action a ~ profile(s)

Nothing here calls the game's own evaluation: it reads the game's arrays only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from potentia.certificates.decision_problem import Problem
from potentia.games.tabular.data import TabularData


def mask_by_state(game: TabularData) -> list[np.ndarray]:
    """The actions that exist in each state, for each agent `[S, A_i]` bool."""
    mask, seen = np.asarray(game.mask), np.asarray(game.information)
    return [mask[i, seen[i], :count] for i, count in enumerate(game.action_counts)]


def product(policies: Sequence[np.ndarray]) -> np.ndarray:
    """Joint weights `[..., J]` of policies `[..., A_i]`, agent 1 slowest; of masks, the joint
    mask."""
    weights = policies[0]
    for policy in policies[1:]:
        weights = (weights[..., :, None] * policy[..., None, :]).reshape(*weights.shape[:-1], -1)
    return weights


def playable(game: TabularData) -> np.ndarray:
    """[S, J] joint actions that exist."""
    return product(mask_by_state(game))


def live_kernel(game: TabularData) -> sp.csr_array:
    """Next-state probabilities [S*J, S]; the rows of states where play has ended are 0."""
    live = np.repeat(~np.asarray(game.absorbing),
                     np.asarray(game.rewards).shape[1]).astype(np.float64)
    kernel = sp.csr_array(sp.diags_array(live) @ game.transitions.csr())
    kernel.eliminate_zeros()
    return kernel


def step_matrix(kernel: sp.csr_array, weights: np.ndarray) -> sp.csr_array:
    """State-to-state probabilities [S, S] under joint weights [S, J]."""
    n_states, n_joint = weights.shape
    chooser = sp.csr_array((weights.ravel(), np.arange(weights.size),
                            np.arange(0, weights.size + 1, n_joint)),
                           shape=(n_states, weights.size))
    return sp.csr_array(chooser @ kernel)


def reachable(game: TabularData) -> np.ndarray:
    """[S] states that some joint play reaches from the initial distribution."""
    step = (step_matrix(live_kernel(game), playable(game).astype(np.float64))
            if float(game.discount) > 0 else None)
    reached = np.asarray(game.initial) > 0
    while step is not None:
        wider = reached | (step.T @ reached.astype(np.float64) > 0)
        if (wider == reached).all():
            break
        reached = wider
    return reached


def decision_states(game: TabularData) -> np.ndarray:
    """[S] reachable states in which what agents do tells two profiles apart, ascending numbers.

    Those where play goes on, and those in which play begins and to which no other state leads: what
    stays in such a state at reward 0 is a game of its own that pays nothing, not the end of
    another. At discount 1, where play must end, every absorbing state is an end.
    """
    reached = reachable(game)
    entered = np.full(reached.size, game.undiscounted)
    if float(game.discount) > 0:
        steps = sp.coo_array(step_matrix(live_kernel(game), playable(game).astype(np.float64)))
        entered[steps.col[reached[steps.row]]] = True
    return np.flatnonzero(reached & ~(np.asarray(game.absorbing) & entered))


def planner(game: TabularData, stage: np.ndarray) -> Problem:
    """The problem of one planner who picks the joint action, paid `stage` [S, J]: its actions are
    joint actions.

    `decision_problem` solves it, with bounds on its own error.
    """
    kernel = live_kernel(game)
    return Problem(rewards=stage, kernel=kernel, allowed=playable(game),
                   discount=float(game.discount),
                   magnitude=np.abs(stage).max(axis=1), operations=int(
                       np.diff(kernel.indptr).max(initial=0)) + 8)
