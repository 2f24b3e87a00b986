"""One agent's decision problem against fixed others, solved with bounds on its own error.

    V = r_pi + discount P_pi V,        V* = max_a [r(s, a) + discount P(s, a) . V*]

Guarantee. Take any w > 0 and slack(s) = min_a [w - discount P_a w](s) > 0. If V^ is any vector and
rho = max_s [T V^ - V^](s) / slack(s), T the Bellman operator of a policy (or of the maximum), then
V - V^ <= max(rho, 0) w in every state, since (I - discount P)^-1 is not negative and maps slack
below w. The bound needs no trust in how V^ or w were found. At discount < 1, w = 1 gives the
residual over (1 - discount); at discount 1, w is the longest expected play (Puterman, Markov
Decision Processes, 1994, sections 6.3 and 7.2). Every residual includes a bound on the rounding of
the arithmetic that formed it.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.linalg
import scipy.sparse as sp
import scipy.sparse.linalg

from potentia.certificates.linear_solve import Solver
from potentia.errors import InputError

UNIT = np.finfo(np.float64).eps / 2        # relative error of one float64 operation
# up to so many states, from such a filling, dense LU is the faster
DENSE_STATES, DENSE_SHARE = 256, 0.05
MAX_IMPROVEMENTS = 1000
ENDLESS = "play lasts too long to be certified: its expected length overflows float64"
SWEEPS = 32  # play that ends within so many steps is measured by sweeps


@dataclasses.dataclass(frozen=True)
class Problem:
    """What one agent faces.

    rewards: [S, A]. kernel: [S*A, S] next-state probabilities of (state, action); a row is 0 where
    play has ended. allowed: [S, A] actions that exist. magnitude: [S] bound on the absolute
    rewards.
    operations: float64 operations behind one number, from the game's arrays to a Bellman backup.
    solve: how a policy's values are found, where not by factoring; see `linear_solve`.
    """

    rewards: np.ndarray
    kernel: sp.csr_array
    allowed: np.ndarray
    discount: float
    magnitude: np.ndarray
    operations: int
    solve: Solver | None = None

    def backup(self, values: np.ndarray) -> np.ndarray:
        """Action values [S, A] of next-state values [S]."""
        return self.rewards + self.discount * (self.kernel @ values).reshape(self.rewards.shape)

    def rounding(self, values: np.ndarray) -> np.ndarray:
        """Bound [S, A] on the error of `backup` against exact arithmetic on the game's arrays."""
        next_values = self.discount * (self.kernel @ np.abs(values)).reshape(self.rewards.shape)
        return self.relative_error * (self.magnitude[:, None] + next_values)

    @property
    def relative_error(self) -> float:
        """Bound on the relative error of a sum of products of that many operations."""
        # The last 16 cover the handful of operations that turn residuals into bounds.
        return (self.operations + 16) * UNIT

    def best(self, action_values: np.ndarray) -> np.ndarray:
        """The largest action value in each state, [S]."""
        return np.where(self.allowed, action_values, -np.inf).max(axis=1)


class System:
    """I - discount P of a policy [S, A], factored once: dense when small or full, sparse otherwise
    or where play leads forward."""

    def __init__(self, problem: Problem, policy: np.ndarray):
        n_states, n_actions = policy.shape
        chooser = sp.csr_array((policy.ravel(), np.arange(policy.size),
                                np.arange(0, policy.size + 1, n_actions)),
                               shape=(n_states, policy.size))
        step = sp.csr_array(chooser @ problem.kernel) * problem.discount
        forward = n_states > DENSE_STATES and _leads_forward(step)
        if not forward and (n_states <= DENSE_STATES or step.nnz > DENSE_SHARE * n_states**2):
            self.dense = _dense_factor(np.eye(n_states) - step.toarray())
        else:
            self.dense, self.sparse = None, _sparse_factor(
                sp.csc_array(sp.eye_array(n_states) - step), forward)

    def solve(self, right: np.ndarray) -> np.ndarray:
        """(I - discount P)^-1 right. Raises InputError where that overflows."""
        return self._solved(right, transposed=False)

    def visits(self, start: np.ndarray) -> np.ndarray:
        """start (I - discount P)^-1: expected discounted visits [S] from `start` [S]. Raises as
        `solve` does."""
        return np.maximum(self._solved(start, transposed=True), 0.0)

    def _solved(self, right: np.ndarray, transposed: bool) -> np.ndarray:
        if self.dense is None:
            found = self.sparse.solve(right, trans="T" if transposed else "N")
        else:
            found = scipy.linalg.lu_solve(self.dense, right, trans=int(transposed),
                                          check_finite=False)
        return _finite(found, right)


def _finite(found: np.ndarray, right: np.ndarray) -> np.ndarray:
    if not np.isfinite(found).all():
        largest = float(np.abs(right).max())
        raise InputError(
            f"its values overflow float64: rewards of up to {largest:.3g} over the length of play")
    return found


def _dense_factor(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """LU factors and pivots for `scipy.linalg.lu_solve`, whose own `lu_factor` only warns if there
    are none."""
    factorise, = scipy.linalg.get_lapack_funcs(("getrf",), (matrix,))
    factor, pivots, info = factorise(matrix)
    if info != 0 or not np.diagonal(factor).all():
        raise InputError(ENDLESS)
    return factor, pivots


def _leads_forward(step: sp.csr_array) -> bool:
    """Whether play goes to later states from all states but one: without reordering, factors fill
    one row at most."""
    entries = sp.coo_array(step)
    return np.unique(entries.row[entries.row >= entries.col]).size <= 1


def _sparse_factor(matrix: sp.csc_array, forward: bool) -> sp.linalg.SuperLU:
    try:
        return sp.linalg.splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0) if forward else \
            sp.linalg.splu(matrix)
    except RuntimeError:
        raise InputError(ENDLESS) from None


def value_of(problem: Problem, policy: np.ndarray) -> np.ndarray:
    """Values [S] of a policy [S, A]. Raises InputError where they overflow."""
    rewards = (policy * problem.rewards).sum(axis=1)
    if problem.solve is None:
        return System(problem, policy).solve(rewards)

    def step(values: np.ndarray) -> np.ndarray:
        return (problem.discount * (policy * (problem.kernel @ values).reshape(policy.shape)).sum(
            axis=1))

    return _finite(problem.solve(step, rewards), rewards)


def one_hot(actions: np.ndarray, n_actions: int) -> np.ndarray:
    """The policy [S, A] that surely plays `actions` [S]."""
    policy = np.zeros((actions.size, n_actions))
    policy[np.arange(actions.size), actions] = 1.0
    return policy


def best_policy(problem: Problem, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A best policy [S, A] and its values [S], by policy iteration from the greedy policy for
    `values`.

    Ends when no action improves by more than rounding; whatever is left then shows in
    `Horizon.above_best`.
    """
    n_actions = problem.rewards.shape[1]
    actions = np.where(problem.allowed, problem.backup(values), -np.inf).argmax(axis=1)
    values = value_of(problem, one_hot(actions, n_actions))
    for _ in range(MAX_IMPROVEMENTS):
        q = np.where(problem.allowed, problem.backup(values), -np.inf)
        held = np.take_along_axis(q, actions[:, None], axis=1)[:, 0]
        better = q.max(axis=1) > held + problem.rounding(values).max(axis=1)
        trial = np.where(better, q.argmax(axis=1), actions)
        found = value_of(problem, one_hot(trial, n_actions)) if better.any() else values
        # Improvement is monotone in exact arithmetic: no progress means that only rounding is left.
        if (found - values).sum() <= 0:
            break
        actions, values = trial, found
    return one_hot(actions, n_actions), values


@dataclasses.dataclass(frozen=True)
class Horizon:
    """Weights w [S] and slack [S] of the guarantee above, for all policies of a problem at once."""

    weights: np.ndarray
    slack: np.ndarray

    def bound(self, excess: np.ndarray) -> np.ndarray:
        """What one-step errors of at most `excess` [S] amount to over all of play, [S]."""
        if self.slack.min() <= 0:
            return np.full_like(self.weights, np.inf)
        return self.weights * max(float((excess / self.slack).max()), 0.0)

    def around(self, problem: Problem, policy: np.ndarray,
               values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How far the policy's true values can lie below and above `values`, [S] each."""
        residual = (policy * problem.backup(values)).sum(axis=1) - values
        rounding = problem.rounding(values).max(axis=1)
        return self.bound(rounding - residual), self.bound(rounding + residual)

    def above_best(self, problem: Problem, values: np.ndarray) -> np.ndarray:
        """How far the best policy's true values can lie above `values`, [S]."""
        return self.bound(problem.best(problem.backup(values) + problem.rounding(values)) - values)


def horizon(problem: Problem) -> Horizon:
    """Weights that prove how long play can count: the longest expected discounted play, where that
    is cheap (play that soon ends) or needed (discount 1 or all but); else 1, which proves 1/(1 -
    discount)."""
    ones = np.ones_like(problem.rewards)
    counting = dataclasses.replace(problem, rewards=ones, magnitude=ones[:, 0])
    before, weights = ones[:, 0], counting.best(counting.backup(ones[:, 0]))
    for _ in range(SWEEPS):
        if (before == weights).all():
            return _with_slack(problem, weights)
        before, weights = weights, counting.best(counting.backup(weights))
    plain = _with_slack(problem, ones[:, 0])
    return (plain if plain.slack.min() >= 1e-6
            else _with_slack(problem, best_policy(counting, weights)[1]))


def _with_slack(problem: Problem, weights: np.ndarray) -> Horizon:
    next_values = problem.discount * (problem.kernel @ weights).reshape(problem.allowed.shape)
    next_values = np.where(problem.allowed, next_values, -np.inf).max(axis=1)
    return Horizon(weights, weights - next_values * (1 + problem.relative_error)
                   - problem.relative_error * weights)
