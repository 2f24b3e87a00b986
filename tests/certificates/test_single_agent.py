"""One agent's problem: how it is formed, against loops in fractions; how it is solved, against
QuantEcon."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import scipy.sparse as sp
from quantecon.markov import DiscreteDP

from potentia import MarkovGame
from potentia.certificates import decision_problem
from potentia.certificates.decision_problem import Problem, best_policy, horizon, value_of
from potentia.certificates.tabular import agent_problem, by_state
from potentia.errors import InputError
from slow_markov import SlowGame, random_arrays, random_profile

CASES = {
    "dense": random_arrays(1, (3, 2, 2), 6, 0.9, masked=True),
    "sparse": random_arrays(2, (2, 3), 12, 0.99, successors=2),
    "index": random_arrays(3, (3, 3), 8, 0.5, certain=True),
    "ending": random_arrays(4, (2, 3, 2), 6, 0.95, play="ending"),
    "discount 0": random_arrays(5, (2, 2), 4, 0.0),
}


@pytest.fixture(params=CASES)
def problems(request) -> list[tuple[Problem, np.ndarray, np.ndarray]]:
    """For each agent its problem, and its rewards [S, A] and steps [S, A, S] found by loops."""
    arrays = CASES[request.param]
    game, slow = MarkovGame.from_arrays(**arrays), SlowGame.of(arrays)
    profile = random_profile(6, np.asarray(game.mask))
    policies, table = by_state(game, profile), game.transitions.csr()
    found = []
    for agent in range(game.n_agents):
        rewards, steps = slow.marginal(slow.policies(profile), agent)
        count = game.action_counts[agent]
        found.append((agent_problem(game, table, policies, agent), rewards[:, :count].astype(float),
                      slow.until_absorbed(steps)[:, :count].astype(float)))
    return found


def test_marginals_are_those_of_the_loops(problems):
    for problem, rewards, steps in problems:
        exists = problem.allowed
        np.testing.assert_allclose(problem.rewards[exists], rewards[exists], rtol=1e-13, atol=1e-15)
        kernel = problem.kernel.toarray().reshape(steps.shape)
        np.testing.assert_allclose(kernel[exists], steps[exists], rtol=1e-13, atol=1e-300)


def test_best_response_is_quantecons(problems):
    """An ending is written as a self-loop at reward 0, as DiscreteDP wants distributions."""
    for problem, rewards, steps in problems:
        state, action = np.nonzero(problem.allowed)
        onward = steps[state, action]
        onward[np.arange(state.size), state] += 1 - onward.sum(axis=1)
        if problem.discount == 0:
            truth = np.where(problem.allowed, rewards, -np.inf).max(axis=1)
        else:
            truth = DiscreteDP(rewards[state, action], onward, problem.discount, state,
                               action).solve(
                method="policy_iteration").v
        policy, values = best_policy(problem, np.zeros(rewards.shape[0]))
        np.testing.assert_allclose(values, truth, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(value_of(problem, policy), truth, rtol=1e-11, atol=1e-12)
        assert not policy[~problem.allowed].any()


def test_sparse_and_dense_solves_agree(problems, monkeypatch):
    dense = [best_policy(problem, problem.magnitude)[1] for problem, *_ in problems]
    monkeypatch.setattr(decision_problem, "DENSE_STATES", 0)
    monkeypatch.setattr(decision_problem, "DENSE_SHARE", 1.0)
    for (problem, *_), values in zip(problems, dense, strict=True):
        np.testing.assert_allclose(best_policy(problem, problem.magnitude)[1], values, rtol=1e-12,
                                   atol=1e-13)


def test_a_policy_that_is_not_best_is_found_out(problems):
    """The upper bound rests on the residual, so that a wrong best response widens it to hold the
    truth still."""
    for problem, *_ in problems:
        _, best = best_policy(problem, problem.magnitude)
        worst = dataclasses.replace(problem, rewards=-problem.rewards)
        policy, lowest = best_policy(worst, problem.magnitude)
        reach = horizon(problem)
        assert (-lowest + reach.above_best(problem, -lowest) >= best).all()
        below, above = reach.around(problem, policy, -lowest)
        assert (below + above <= 1e-11 * (1 + np.abs(lowest).max()) / (1 - problem.discount)).all()


def test_values_that_are_wrong_are_enclosed(problems):
    rng = np.random.default_rng(7)
    for problem, *_ in problems:
        policy, values = best_policy(problem, problem.magnitude)
        off = values + rng.normal(size=values.size)
        below, above = horizon(problem).around(problem, policy, off)
        assert (off - below <= values).all()
        assert (values <= off + above).all()


def test_horizon_is_the_longest_play_where_play_ends():
    """A corridor of four states walked once: 4 steps from its start, whatever the discount below 1
    says."""
    arrays = random_arrays(8, (2,), 5, 1.0, play="forward")
    arrays["transitions"] = np.minimum(np.arange(5) + 1, 4)[:, None] * np.ones((1, 2), int)
    game = MarkovGame.from_arrays(**arrays)
    problem = agent_problem(game, game.transitions.csr(), by_state(game, np.full((1, 5, 2), 0.5)),
                            0)
    np.testing.assert_allclose(horizon(problem).weights, [5, 4, 3, 2, 1], rtol=1e-15)


def test_horizon_at_discount_one_is_the_slowest_policys():
    """Leave with probability .5 or .1: the longest expected play is 10 steps, and one for the
    end."""
    transitions = np.array([[[0.5, 0.5], [0.9, 0.1]], [[0.0, 1.0], [0.0, 1.0]]])
    game = MarkovGame.from_arrays([[[1.0, 1.0], [0.0, 0.0]]], transitions, discount=1.0)
    problem = agent_problem(game, game.transitions.csr(), by_state(game, np.full((1, 2, 2), 0.5)),
                            0)
    np.testing.assert_allclose(horizon(problem).weights, [11, 1], rtol=1e-14)


@pytest.mark.parametrize("dense_states", [0, 256])
@pytest.mark.filterwarnings("error")
def test_play_without_an_end_has_no_factor(monkeypatch, dense_states):
    monkeypatch.setattr(decision_problem, "DENSE_STATES", dense_states)
    monkeypatch.setattr(decision_problem, "DENSE_SHARE", 1.0)
    ones = np.ones((3, 1))
    endless = Problem(rewards=ones, kernel=sp.csr_array(np.eye(3)), allowed=ones > 0, discount=1.0,
                      magnitude=ones[:, 0], operations=1)
    with pytest.raises(InputError, match="play lasts too long"):
        value_of(endless, ones)
