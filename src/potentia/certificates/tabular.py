"""The decision problem that one agent faces when the others keep to their policies.

    r(s, a_i) = E r_i(s, a),    P(s' | s, a_i) = E P(s' | s, a),    a_j ~ pi_j(. | s) for j != i

One agent after another is averaged out, so that each number is a short sum: the rounding of the
whole grows with the number of actions, not of joint actions. It is relative to the mean of |r_i|,
in which a reward that the others never let happen has no part: 0 times it is exactly 0.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from potentia.certificates import linear_solve
from potentia.certificates.decision_problem import Problem
from potentia.games.tabular.data import TabularData

# states up to which factors surely fit; sparse ones of play that runs in cycles fill in
FACTORED = 5000


def by_state(game: TabularData, profile: np.ndarray) -> list[np.ndarray]:
    """Each agent's policy by state, a list of `[S, A_i]`."""
    seen = np.asarray(game.information)
    return [profile[i, seen[i], :count] for i, count in enumerate(game.action_counts)]


def problems(game: TabularData, profile: np.ndarray) -> Iterator[Problem]:
    """What each agent faces when the others play `profile` [N, H, A]."""
    table, policies = game.transitions.csr(), by_state(game, profile)
    return (agent_problem(game, table, policies, agent) for agent in range(game.n_agents))


def agent_problem(game: TabularData, table: sp.csr_array, policies: list[np.ndarray],
                  agent: int) -> Problem:
    """The problem of `agent` against the others' `policies`; `table` is the game's transitions
    [S*J, S]."""
    counts = game.action_counts
    kernel = table
    for other, follows in _others(counts, agent):
        kernel = sp.csr_array(_averager(policies[other], kernel.shape[0], follows) @ kernel)
    live = np.repeat(~np.asarray(game.absorbing), counts[agent]).astype(np.float64)
    kernel = sp.csr_array(sp.diags_array(live) @ kernel)
    kernel.eliminate_zeros()
    rewards = np.ascontiguousarray(np.asarray(game.rewards)[:, :, agent])
    allowed = np.asarray(game.mask)[agent][np.asarray(game.information)[agent], :counts[agent]]
    return Problem(
        rewards=_averaged(rewards, policies, agent), kernel=kernel, discount=float(game.discount),
        allowed=allowed,
        magnitude=np.where(allowed, sizes(game, policies, agent), 0.0).max(axis=1),
        operations=_operations(counts, kernel), solve=_solver(game, kernel))


def _solver(game: TabularData, kernel: sp.csr_array) -> linear_solve.Solver | None:
    """How values are found where factors might not fit: only by applying the kernel [S*A, S]."""
    if game.sweeps is not None and game.n_states > FACTORED:
        return linear_solve.swept(game.sweeps)
    return None if game.n_states <= FACTORED or game.undiscounted else linear_solve.krylov


def sizes(game: TabularData, policies: list[np.ndarray], agent: int) -> np.ndarray:
    """The others' mean of |r_i| by state and own action, `[S, A_i]`: what the rounding of rewards
    is relative to."""
    return _averaged(np.abs(np.asarray(game.rewards)[:, :, agent]), policies, agent)


def _others(counts: tuple[int, ...], agent: int) -> list[tuple[int, int]]:
    """Each other agent, last first, and how many entries follow an action of its: those after it
    are averaged out by then, save for the agent's own."""
    return [(other, counts[agent] if other < agent else 1) for other in reversed(range(len(counts)))
            if other != agent]


def _averaged(table: np.ndarray, policies: list[np.ndarray], agent: int) -> np.ndarray:
    """`table` [S, J] averaged over the others' actions, `[S, A_i]`."""
    counts = tuple(policy.shape[1] for policy in policies)
    for other, follows in _others(counts, agent):
        table = _average(table, policies[other], follows)
    return table.reshape(-1, counts[agent])


def _average(table: np.ndarray, policy: np.ndarray, follows: int) -> np.ndarray:
    """`table` [S, ..., A, follows] averaged over the actions A by `policy` [S, A]."""
    n_states, n_actions = policy.shape
    return np.einsum("spaq,sa->spq", table.reshape(n_states, -1, n_actions, follows), policy)


def _averager(policy: np.ndarray, n_rows: int, follows: int) -> sp.csr_array:
    """The matrix that averages rows (state, before, action, after) over the action, given the
    state."""
    n_states, n_actions = policy.shape
    index = np.arange(n_rows).reshape(n_states, -1, n_actions, follows)
    columns = np.moveaxis(index, 2, 3)
    weights = np.broadcast_to(policy[:, None, None, :], columns.shape)
    matrix = sp.csr_array((weights.flatten(), columns.ravel(), np.arange(0, n_rows + 1, n_actions)),
                          shape=(n_rows // n_actions, n_rows))
    matrix.eliminate_zeros()
    return matrix


def _operations(counts: tuple[int, ...], kernel: sp.csr_array) -> int:
    """Roundings behind one backed-up value: policies normalised, averages formed, one row times
    values."""
    return sum(2 * count + 3 for count in counts) + int(np.diff(kernel.indptr).max(initial=0))
