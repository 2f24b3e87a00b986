"""The distribution mismatch coefficient: how much more often one joint play visits a state than
another.

    M = max over states s and policies pi, pi~ of d^pi(s) / d^pi~(s)      (Definition 3)

with d the visitation of eq. (3) from the initial distribution (everything after the arrival counts
at a state where play has ended), or the expected number of visits at discount 1. Source: Fox,
McAleer, Overman and Panageas, arXiv 2110.10614. States that no play reaches are left out.

Method. The largest and the least d(s) are control problems of one planner who picks the joint
action: paid 1 - discount (1 at the end of play and at discount 1) in state s, and nothing
elsewhere. A deterministic joint policy, which is a profile of deterministic policies, solves each
(Puterman, Markov Decision Processes, 1994). Guarantee: lower <= M <= upper, by the Bellman
residuals of both problems as in `certificates.decision_problem`. Whether a state can be avoided at
all, so that M is infinite, is decided exactly: see `avoidance`.

Where policies see less than the state, M over those policies is at most this one.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.certificates.decision_problem import MAX_IMPROVEMENTS, UNIT, Horizon, Problem, horizon
from potentia.certificates.joint_actions import planner, reachable
from potentia.console.text import counted
from potentia.errors import InputError
from potentia.game import Game
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.theory.avoidance import avoidable, chunks

LIMIT_SECONDS = 600.0
# products a second, roughly, of a sparse product and of a dense solve
SPARSE_RATE, DENSE_RATE = 2e8, 2e10
SAME = 1e-9                          # ratios that agree to this share count as one
USUAL_ROUNDS = 12  # rounds of policy iteration, or of the avoidance fixed point, that are usual


@dataclasses.dataclass(frozen=True)
class Mismatch:
    """The mismatch coefficient and the two joint plays that attain it.

    coefficient: M >= 1, infinite where some play never visits a state that other play does.
    lower, upper: bounds on M; equal to it where it is infinite.
    state: a state where the ratio is largest. visits_most, visits_least: largest and least d there.
    policy_most, policy_least: [S] joint action by state (agent 1 slowest) of plays that attain
    them.
    reason: one line.
    """

    coefficient: float
    lower: float
    upper: float
    state: int
    visits_most: float
    visits_least: float
    policy_most: np.ndarray
    policy_least: np.ndarray
    reason: str


@dataclasses.dataclass(frozen=True)
class _Play:
    """What a planner can do: problem (unpaid), bounds on the length of play, pay [S] of being in
    each state, steps of the longest play (None where play can cycle), initial distribution [S]."""

    problem: Problem
    reach: Horizon
    pay: np.ndarray
    sweeps: int | None
    initial: np.ndarray

    def next_values(self, values: np.ndarray) -> np.ndarray:
        """Expected discounted next values [S, J, T] of `values` [S, T]; -inf where there is no
        joint action."""
        n_states, n_joint = self.problem.allowed.shape
        following = self.problem.discount * np.asarray(self.problem.kernel @ values)
        return np.where(self.problem.allowed[:, :, None], following.reshape(n_states, n_joint, -1),
                        -np.inf)

    def stage(self, targets: np.ndarray, sign: float) -> np.ndarray:
        """Rewards [S, T]: `sign` times the pay at each target."""
        rewards = np.zeros((self.pay.size, targets.size))
        rewards[targets, np.arange(targets.size)] = sign * self.pay[targets]
        return rewards


@dataclasses.dataclass(frozen=True)
class _Visits:
    """Extreme visits of targets [T], with bounds [T], by joint actions [S, T]."""

    found: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    actions: np.ndarray


def mismatch(game: Game) -> Mismatch:
    """The exact mismatch coefficient of a tabular game, over full-information joint play.

    Raises InputError where the game is too large, saying what it would cost, and where play lasts
    too long for float64.
    """
    game = as_table(game, "the mismatch needs")
    with float64_on_one_blas_thread():
        reached, begins = reachable(game), np.asarray(game.initial) > 0
        problem = planner(game, np.zeros(np.asarray(game.rewards).shape[:2]))
        _check_cost(problem, game.sweeps, int(reached.sum()))
        avoided, policy = avoidable(problem, begins, np.flatnonzero(reached & ~begins))
        play = _play(game, problem)
        return (_infinite(play, avoided, policy) if avoided.size
                else _finite(play, np.flatnonzero(reached)))


def _play(game: MarkovGame, problem: Problem) -> _Play:
    ends = np.asarray(game.absorbing) | game.undiscounted
    return _Play(problem, _horizon(problem), np.where(ends, 1.0, 1.0 - problem.discount),
                 game.sweeps,
                 np.asarray(game.initial))


def _horizon(problem: Problem) -> Horizon:
    """Bounds on the length of play, which float64 must tell from endless play."""
    try:
        reach = horizon(problem)
        if reach.slack.min() > 0:
            return reach
    except InputError:
        pass
    if problem.discount == 1:
        raise InputError(
            "play lasts too long for the mismatch: float64 does not tell its length from endless "
            "play")
    raise InputError(f"discount is {problem.discount!r}, too near 1 for the mismatch of a game "
                     f"that may go on for ever: float64 does not tell its length from endless play")


def _check_cost(problem: Problem, sweeps: int | None, targets: int) -> None:
    n_states, n_joint = problem.allowed.shape
    rounds, solve = (USUAL_ROUNDS, n_states**3 / 3) if sweeps is None else (sweeps, 0.0)
    seconds = 2 * targets * rounds * (problem.kernel.nnz / SPARSE_RATE + solve / DENSE_RATE)
    if seconds > LIMIT_SECONDS:
        raise InputError(f"the mismatch of {n_states:,} states x {n_joint:,} joint actions takes "
                         f"{2 * targets:,} control problems, about {seconds / 3600:,.1f} hours; "
                         f"the limit is {LIMIT_SECONDS / 3600:.2g} hours")


def _infinite(play: _Play, avoided: np.ndarray, actions: np.ndarray) -> Mismatch:
    state = int(avoided[0])
    most = _visits(play, avoided[:1], 1.0)
    others = f", as at {counted(avoided.size - 1, 'other state')}" if avoided.size > 1 else ""
    return Mismatch(
        coefficient=np.inf, lower=np.inf, upper=np.inf, state=state,
        visits_most=float(most.found[0]),
        visits_least=0.0, policy_most=most.actions[:, 0], policy_least=actions,
        reason=f"state {state}: some play never visits it, and other play does{others}")


def _finite(play: _Play, targets: np.ndarray) -> Mismatch:
    best, largest, lower, upper = None, 0.0, 0.0, 0.0
    for chunk in chunks(targets, play.problem.allowed.shape):
        most, least = _visits(play, chunk, 1.0), _visits(play, chunk, -1.0)
        lower = max(lower, float((most.lower / least.upper).max()))
        upper = max(upper, float(_ratio(most.upper, least.lower).max()))
        ratio = _ratio(most.found, least.found)
        largest = max(largest, float(ratio.max()))
        # Of states alike, the first.
        at = int((ratio >= ratio.max() * (1 - SAME)).argmax())
        if best is None or ratio[at] > best.coefficient * (1 + SAME):
            best = _attained(chunk, most, least, at)
    assert best is not None, "some state is always reached"
    return dataclasses.replace(best, coefficient=largest, lower=max(lower * (1 - 4 * UNIT), 1.0),
                               upper=upper * (1 + 4 * UNIT))


def _ratio(over: np.ndarray, under: np.ndarray) -> np.ndarray:
    """over / under, infinite where `under` is not positive."""
    return np.divide(over, under, out=np.full_like(over, np.inf), where=under > 0)


def _attained(targets: np.ndarray, most: _Visits, least: _Visits, at: int) -> Mismatch:
    state, high, low = int(targets[at]), float(most.found[at]), float(least.found[at])
    coefficient = float(_ratio(most.found, least.found)[at])
    return Mismatch(
        coefficient=coefficient, lower=coefficient, upper=coefficient, state=state,
        visits_most=high,
        visits_least=low, policy_most=most.actions[:, at], policy_least=least.actions[:, at],
        reason=f"state {state}: visited {high:.4g} by the play that seeks it, {low:.4g} by the "
               f"play that shuns it")


def _visits(play: _Play, targets: np.ndarray, sign: float) -> _Visits:
    """The largest (sign 1) or least (sign -1) visits of each target."""
    rewards = play.stage(targets, sign)
    actions, values = (_policy_iteration if play.sweeps is None else _sweeps)(play, rewards)
    below, above = _errors(play, rewards, actions, values)
    found = play.initial @ values
    lower, upper = found - below, found + above
    return (_Visits(sign * found, lower, upper, actions) if sign > 0
            else _Visits(-found, -upper, -lower, actions))


def _sweeps(play: _Play, rewards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best joint actions and values [S, T], backwards from the end of the longest play."""
    values, next_values = rewards, play.next_values(rewards)
    for _ in range(play.sweeps or 0):
        values = rewards + next_values.max(axis=1)
        next_values = play.next_values(values)
    return next_values.argmax(axis=1), values


def _policy_iteration(play: _Play, rewards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best joint actions and values [S, T], by Howard's policy iteration for all targets at once.

    Ends for a target when nothing improves by more than rounding; what is left shows in `_errors`.
    """
    actions = play.next_values(rewards).argmax(axis=1)
    values = _values(play, rewards, actions)
    active = np.arange(rewards.shape[1])
    for _ in range(MAX_IMPROVEMENTS):
        next_values = play.next_values(values[:, active])
        held = np.take_along_axis(next_values, actions[:, None, active], axis=1)[:, 0]
        better = next_values.max(axis=1) - held > play.problem.relative_error * np.abs(held)
        trial = np.where(better, next_values.argmax(axis=1), actions[:, active])
        found = _values(play, rewards[:, active], trial)
        # Improvement is monotone in exact arithmetic: no progress means that only rounding is left.
        rises = better.any(axis=0) & ((found - values[:, active]).sum(axis=0) > 0)
        active, trial, found = active[rises], trial[:, rises], found[:, rises]
        if active.size == 0:
            break
        actions[:, active], values[:, active] = trial, found
    return actions, values


def _values(play: _Play, rewards: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """Values [S, T] of the joint actions [S, T], each target with a policy and a solve of its
    own."""
    n_states, n_joint = play.problem.allowed.shape
    rows = np.arange(n_states)[:, None] * n_joint + actions
    step = play.problem.kernel[rows.T.ravel()].toarray().reshape(-1, n_states, n_states)
    return np.linalg.solve(np.eye(n_states) - play.problem.discount * step,
                           rewards.T[:, :, None])[:, :, 0].T


def _errors(play: _Play, rewards: np.ndarray, actions: np.ndarray,
            values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[T] how far the initial distribution's value of the joint actions can lie below, and the best
    one above."""
    next_values, unsure = play.next_values(values), play.next_values(np.abs(values))
    error = play.problem.relative_error
    rounding = error * (np.abs(rewards) + unsure.max(axis=1))
    held = rewards + np.take_along_axis(next_values, actions[:, None], axis=1)[:, 0]
    best = (rewards + (next_values + error * np.maximum(unsure, 0.0)).max(axis=1)
            + error * np.abs(rewards))
    summing = (values.shape[0] + 2) * UNIT * (play.initial @ np.abs(values))
    length = play.initial @ play.reach.weights
    return tuple(_worst(play.reach, excess) * length + summing
                 for excess in (values - held + rounding, best - values))


def _worst(reach: Horizon, excess: np.ndarray) -> np.ndarray:
    """[T] factors rho of the guarantee in `decision_problem` for one-step errors of at most
    `excess` [S, T]."""
    return np.maximum((excess / reach.slack[:, None]).max(axis=0), 0.0)
