"""What the arrays of a game imply: where play ends, how long it lasts, what information tells.

All on the host, once, at construction. `table` is the transition matrix [S*J, S] and `playable`
[S, J] marks the joint actions that exist.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg  # noqa: F401  (spsolve is reached through sp.linalg)

from potentia.games.tabular.data import TabularData

UNDERFLOW = 1e-280  # visitation below this has lost its digits; its belief is taken as unknown


def absorbing_states(table: sp.csr_array, reward: np.ndarray, playable: np.ndarray) -> np.ndarray:
    """[S] states that every joint action keeps, at reward 0 for every agent."""
    n_states, n_joint = playable.shape
    own = np.repeat(np.arange(n_states), n_joint)
    leaves = (table.indices != np.repeat(own, np.diff(table.indptr))).astype(float)
    leaving = (np.add.reduceat(np.append(leaves, 0.0), table.indptr[:-1])
               * (np.diff(table.indptr) > 0))
    kept = (leaving == 0).reshape(n_states, n_joint)
    silent = (reward == 0).all(axis=-1)
    return ((kept & silent) | ~playable).all(axis=1)


def find_trap(table: sp.csr_array, playable: np.ndarray,
              absorbing: np.ndarray) -> tuple[int, int] | None:
    """A state and joint action from which play can avoid absorption for ever, or None.

    The greatest set of states each of which has a joint action that surely stays in the set: it is
    empty if and only if no joint policy avoids absorption (there is no end component outside).
    """
    # States are taken out one after another, and with each the joint actions that may lead to it.
    rows_into, n_joint = sp.csc_array(table), playable.shape[1]
    inside, stays = ~absorbing, (playable & ~absorbing[:, None]).ravel()
    left = stays.reshape(playable.shape).sum(axis=1)
    out = np.flatnonzero(absorbing | (left == 0))
    while out.size:
        inside[out] = False
        leaks = np.unique(_entries(rows_into, out))
        leaks = leaks[stays[leaks]]
        stays[leaks] = False
        np.subtract.at(left, leaks // n_joint, 1)
        owners = np.unique(leaks // n_joint)
        out = owners[inside[owners] & (left[owners] == 0)]
    if not inside.any():
        return None
    state = int(np.flatnonzero(inside)[0])
    return state, int(np.flatnonzero(stays.reshape(playable.shape)[state])[0])


def depth(table: sp.csr_array, playable: np.ndarray, absorbing: np.ndarray) -> int | None:
    """Number of states on the longest play, the absorbing one included; None if play can cycle."""
    # A row that does not exist stays in place and must not count as a cycle.
    counts = (playable & ~absorbing[:, None]).ravel()
    row, target = table.nonzero()
    kept = counts[row] & ~absorbing[target]
    states = (row[kept] // playable.shape[1], target[kept])
    leads = sp.csc_array((np.ones(states[0].size), states), shape=(absorbing.size, absorbing.size))
    leads.sum_duplicates()
    waiting = np.bincount(leads.indices, minlength=absorbing.size)
    # Those that lead only to what is done are next (Kahn 1962).
    ready, rounds, done = np.flatnonzero(~absorbing & (waiting == 0)), 1, 0
    while ready.size:
        done, rounds = done + ready.size, rounds + 1
        led = _entries(leads, ready)
        np.subtract.at(waiting, led, 1)
        ready = np.unique(led[waiting[led] == 0])
    return rounds if done == np.count_nonzero(~absorbing) else None


def _entries(table: sp.csc_array, columns: np.ndarray) -> np.ndarray:
    """The rows of all entries in some columns."""
    sizes = table.indptr[columns + 1] - table.indptr[columns]
    first = np.repeat(table.indptr[columns] - (np.cumsum(sizes) - sizes), sizes)
    return table.indices[first + np.arange(sizes.sum())]


def unroll(steps: int, reward: np.ndarray, table: sp.csr_array, mu: np.ndarray, seen: np.ndarray,
           stage: np.ndarray | None, allowed: np.ndarray, playable: np.ndarray) -> tuple:
    """The same game over `steps` steps, with the time in the state and an absorbing end.

    State t*S + s is state s at time t; state steps*S is the end.
    """
    n_states, n_joint = playable.shape
    total = steps * n_states + 1
    within = sp.kron(sp.eye_array(steps - 1, k=0), table) if steps > 1 else None
    blocks = []
    if within is not None:
        left = sp.csr_array((within.shape[0], n_states))
        right = sp.csr_array((within.shape[0], 1))
        blocks.append(sp.hstack([left, within, right]))
    end = sp.csr_array((np.ones(n_states * n_joint), (np.arange(n_states * n_joint),
                        np.full(n_states * n_joint, total - 1))), shape=(n_states * n_joint, total))
    last = sp.csr_array((np.ones(n_joint), (np.arange(n_joint), np.full(n_joint, total - 1))),
                        shape=(n_joint, total))
    unrolled = sp.csr_array(sp.vstack([*blocks, end, last]))
    unrolled.sort_indices()

    def repeat(array: np.ndarray, axis: int, final: float) -> np.ndarray:
        shape = list(array.shape)
        shape[axis] = 1
        return np.concatenate([*[array] * steps, np.full(shape, final, array.dtype)], axis=axis)

    information = int(seen.max()) + 1
    by_time = [seen + t * information for t in range(steps)]
    seen = np.concatenate([*by_time, np.full((seen.shape[0], 1), steps * information)], axis=1)
    one_action = np.zeros((allowed.shape[0], 1, allowed.shape[2]), bool)
    one_action[..., 0] = True
    allowed = np.concatenate([*[allowed] * steps, one_action], axis=1)
    only_first = np.zeros((1, n_joint), bool)
    only_first[0, 0] = True
    playable = np.concatenate([*[playable] * steps, only_first])
    mu = np.concatenate([mu, np.zeros(total - n_states)])
    stage = None if stage is None else repeat(stage, 0, 0.0)
    return repeat(reward, 0, 0.0), unrolled, mu, seen, stage, allowed, playable


def is_separable(game: TabularData, table: sp.csr_array, tolerance: float = 1e-10) -> bool:
    """Whether what an agent sees tells of the state only what the others' policies decide.

    That is: with b(s | h) the probability of state s given information h, b does not depend on the
    agent's own policy, because every own action leads from every h to next information h' with next
    states distributed as b(. | h'), and so does the start. The test is a rational identity in the
    policies, so that holding at one random interior profile it holds at all, with probability one.
    """
    rng = np.random.default_rng(0)
    policies = [rng.dirichlet(np.ones(game.mask.shape[2]), size=game.mask.shape[1]) * game.mask[i]
                for i in range(game.n_agents)]
    by_state = [(p / p.sum(axis=1, keepdims=True))[game.information[i], :count]
                for i, (p, count) in enumerate(zip(policies, game.action_counts, strict=True))]
    return all(_belief_residual(game, table, by_state, i) <= tolerance
               for i in range(game.n_agents))


def _belief_residual(game: TabularData, table: sp.csr_array, policies: list[np.ndarray],
                     agent: int) -> float:
    """Largest violation of the identity of `is_separable` for one agent."""
    seen = game.information[agent]
    groups = sp.csr_array((np.ones(seen.size), (seen, np.arange(seen.size))))     # [H, S]
    step = _mixed(game, table, policies)
    # Any damping serves, the belief being independent of time; this one stays far from underflow at
    # all S steps.
    damping = 1.0 - 1.0 / (seen.size + 1)
    visits = sp.linalg.spsolve(sp.csc_array(sp.eye_array(seen.size) - damping * step.T),
                               game.initial)
    total = (groups @ visits)[seen]
    belief = np.divide(visits, total, out=np.zeros_like(visits), where=total > UNDERFLOW)
    worst = _conditional_error(game.initial[None, :], groups, belief, seen)
    start = sp.csr_array(groups * belief[None, :])  # [H, S] rows b(. | h)
    for action in range(game.action_counts[agent]):
        pure = np.zeros_like(policies[agent])
        pure[:, action] = game.mask[agent][seen, action]
        step = _mixed(game, table, [*policies[:agent], pure, *policies[agent + 1:]])
        flow = sp.csr_array(start @ step).toarray()
        worst = max(worst, _conditional_error(flow, groups, belief, seen))
    return float(worst)


def _conditional_error(flow: np.ndarray, groups: sp.csr_array, belief: np.ndarray,
                       seen: np.ndarray) -> float:
    """Largest difference between the belief and what a flow [rows, S] says of the state given the
    information it leads to, however rarely it does."""
    into = (groups @ flow.T).T[:, seen]
    share = np.divide(flow, into, out=np.zeros_like(flow), where=into > 0)
    return float(np.abs(np.where(into > 0, share - belief, 0.0)).max())


def _mixed(game: TabularData, table: sp.csr_array, policies: list[np.ndarray]) -> sp.csr_array:
    """State-to-state matrix until absorption under policies by state, sparse."""
    weights = policies[0]
    for policy in policies[1:]:
        weights = (weights[:, :, None] * policy[:, None, :]).reshape(weights.shape[0], -1)
    weights = np.where(game.absorbing[:, None], 0.0, weights)
    n_states, n_joint = weights.shape
    rows = np.repeat(np.arange(n_states), n_joint)
    mixer = sp.csr_array((weights.ravel(), (rows, np.arange(n_states * n_joint))))
    return sp.csr_array(mixer @ table)
