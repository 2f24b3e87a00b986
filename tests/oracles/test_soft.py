"""The soft oracle: values of play that is paid for its own entropy later on."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.game import Evaluation
from slow_soft import as_profile, random_arrays, random_policies, soft_values

ARRAYS = random_arrays(0)
GAME = pt.MarkovGame.from_arrays(**ARRAYS)
LOADS = pt.games.make("markov-routing", n_agents=2, representation="loads")


def told(game: object, profile: object, temperature: float) -> Evaluation:
    return pt.oracles.Soft(temperature).evaluate(game, profile, jax.random.key(0))


def test_soft_values_are_those_of_an_enumeration() -> None:
    for seed, tau in ((1, 0.3), (2, 5.0)):
        policies = random_policies(seed, ARRAYS)
        policies[0][0] = [0.0, 1.0]                     # a sure action has no entropy
        found = told(GAME, as_profile(policies), tau)
        v, q = soft_values(ARRAYS, policies, tau)
        np.testing.assert_allclose(found.v, v.real, rtol=1e-12)
        for agent, values in enumerate(q):
            np.testing.assert_allclose(found.q[agent, :, :values.shape[1]], values.real,
                                       rtol=1e-12)
        np.testing.assert_allclose(found.visitation, GAME.evaluate(as_profile(policies)).visitation,
                                   rtol=1e-12)


def test_where_play_has_ended_nobody_is_paid_for_entropy() -> None:
    """The last state is left by no action and pays nothing; all actions are there."""
    arrays = random_arrays(3)
    arrays["rewards"][:, 2] = 0.0
    arrays["transitions"][2] = np.eye(3)[2]
    policies = random_policies(4, arrays)
    found = told(pt.MarkovGame.from_arrays(**arrays), as_profile(policies), 0.7)
    v, _ = soft_values(arrays, policies, 0.7, ended=(2,))
    np.testing.assert_allclose(found.v, v.real, rtol=1e-12, atol=1e-15)
    assert (np.asarray(found.v)[:, 2] == 0).all()


def test_who_sees_less_is_told_the_mean_by_visitation() -> None:
    """The second agent cannot tell the first two states apart."""
    seen = np.array([[0, 1, 2], [0, 0, 1]])
    game = pt.MarkovGame.from_arrays(**ARRAYS, information=seen)
    policies = random_policies(5, ARRAYS)
    policies[1] = policies[1][seen[1]]
    profile = as_profile([policies[0], np.vstack([policies[1][[0, 2]], [1, 0, 0]])])
    profile[1, 2] = [1, 0, 0]
    found = told(game, np.where(game.mask, profile, 0.0), 0.4)
    _, q = soft_values(ARRAYS, policies, 0.4)
    d = np.asarray(GAME.evaluate(as_profile(policies)).visitation)[0]
    mean = (d[:2, None] * q[1].real[:2]).sum(axis=0) / d[:2].sum()
    np.testing.assert_allclose(found.q[1, :2], [mean, q[1].real[2]], rtol=1e-12)


def test_without_entropy_to_pay_for_the_values_are_the_games_own() -> None:
    profile = GAME.initial_profile("random", 0)
    cold, plain = told(GAME, profile, 1e-300), GAME.evaluate(profile)
    np.testing.assert_allclose(cold.q, plain.q, rtol=1e-13)
    np.testing.assert_allclose(cold.v, plain.v, rtol=1e-13)


def test_a_game_that_is_no_table_is_evaluated_by_its_own() -> None:
    table = LOADS.tabular()
    rule, options = pt.rules.EntropyINPG(0.4, 1.0), {"max_iterations": 30, "initial": "uniform"}
    by_loads, by_table = (pt.solve(game, rule, pt.oracles.Soft(1.0), **options).profile
                          for game in (LOADS, table))
    np.testing.assert_allclose(by_loads, by_table, atol=1e-13)
    assert np.abs(by_loads - 0.5).max() > 0.1


def test_a_run_that_learns_from_soft_values_is_never_called_converged() -> None:
    """Though its gap is as small as is asked for, at the very start."""
    found = pt.solve(LOADS, pt.rules.INPG(0.1), pt.oracles.Soft(1.0), tolerance=1e9,
                     step_tolerance=0.05, max_iterations=100)
    assert found.status is pt.Status.SMALL_STEP
    assert 0 < found.iterations < 100


@pytest.mark.parametrize(("game", "message"), [
    (lambda: pt.games.make("pigou", n_agents=2), "no horizon"),
    (lambda: pt.games.make("anonymous-congestion", n_agents=3), "has no method tabular"),
    (lambda: pt.games.make("stochastic-congestion", n_agents=14), "needs a table of .* but the")])
def test_a_game_without_a_table_is_refused(game: object, message: str) -> None:
    with pytest.raises(pt.InputError, match=message) as refusal:
        pt.oracles.Soft(1.0).check(game())
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(("temperature", "message"), [
    (0, "^temperature is 0, but it must be positive$"), ("hot", "^temperature is 'hot', not a"),
    (lambda t: 1.0, "^temperature is a function, but an oracle's is one number$")])
def test_a_bad_temperature_is_named(temperature: object, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.oracles.make("soft", temperature=temperature)
