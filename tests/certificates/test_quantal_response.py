"""How far profiles are from quantal response equilibria, by code that learning never calls."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.special

import potentia as pt
from slow_soft import as_profile, random_arrays, random_policies, soft_values
from small_games import DILEMMA, PENNIES, static

SEEN = np.array([[0, 1, 2], [0, 0, 1]])
TAU = 1.5
GAMES = {
    "table": lambda: pt.games.make("markov-routing", n_agents=2),
    "loads": lambda: pt.games.make("markov-routing", n_agents=2, representation="loads"),
    "congestion": lambda: pt.games.make("stochastic-congestion", n_agents=2, layers=1,
                                        representation="congestion"),
    "own position": lambda: pt.games.make("stochastic-congestion", n_agents=2, observe="own"),
    "at random": lambda: pt.MarkovGame.from_arrays(**random_arrays(0)),
    "sees less": lambda: pt.MarkovGame.from_arrays(**random_arrays(0), information=SEEN),
}
EVEN = {"congestion", "own position"}      # at any temperature, as all ways are alike
residual = pt.equilibria.quantal_response_residual


@pytest.mark.parametrize("name", GAMES)
def test_what_entropy_inpg_comes_to_is_a_quantal_response_equilibrium(name: str) -> None:
    game = GAMES[name]()
    tau = 20.0 if name == "congestion" else TAU
    found = pt.solve(game, pt.rules.EntropyINPG(0.2 / (float(game.scale) * tau), tau),
                     pt.oracles.Soft(tau), max_iterations=1000, step_tolerance=1e-13)
    assert found.status is pt.Status.SMALL_STEP
    assert residual(game, found, tau) < 1e-11
    if name not in EVEN:
        assert residual(game, found.profile, 1.1 * tau) > 1e-5
    assert residual(game, game.initial_profile("random", 1), tau) > 0.05


def test_the_residual_is_that_of_an_enumeration() -> None:
    arrays = random_arrays(1)
    game, policies = pt.MarkovGame.from_arrays(**arrays), random_policies(2, arrays)
    _, q = soft_values(arrays, policies, 0.3)
    expected = max(np.abs(p - scipy.special.softmax(values.real / 0.3, axis=1)).max()
                   for p, values in zip(policies, q, strict=True))
    assert expected > 0.1
    np.testing.assert_allclose(residual(game, as_profile(policies), 0.3), expected, rtol=1e-12)


@pytest.mark.parametrize("tau", [0.01, 1.0, 100.0])
def test_matching_pennies_is_played_evenly_at_any_temperature(tau: float) -> None:
    even = np.full((2, 1, 2), 0.5)
    assert residual(PENNIES, even, tau) < 1e-15
    off = np.array([[[0.6, 0.4]], [[0.5, 0.5]]])
    response = scipy.special.expit(-2 * 0.2 / tau)         # the second is paid -0.2 or 0.2
    np.testing.assert_allclose(residual(PENNIES, off, tau), max(0.1, 0.5 - response), rtol=1e-12)


def test_a_two_by_two_game_has_the_equilibrium_that_scipy_finds() -> None:
    payoffs = np.array([[[2.0, 0.0], [0.5, 1.0]], [[1.0, 0.2], [0.0, 3.0]]])

    def off(x: np.ndarray) -> np.ndarray:
        """Of the two probabilities of the first action."""
        p, q = np.array([x[0], 1 - x[0]]), np.array([x[1], 1 - x[1]])
        return x - np.array([scipy.special.softmax(payoffs[0] @ q / 0.8)[0],
                             scipy.special.softmax(p @ payoffs[1] / 0.8)[0]])

    root = scipy.optimize.root(off, [0.5, 0.5], tol=1e-14).x
    profile = np.stack([root, 1 - root], axis=1)[:, None]
    assert residual(static(payoffs), profile, 0.8) < 1e-12
    found = pt.solve(static(payoffs), pt.rules.EntropyINPG(0.5, 0.8), pt.oracles.Soft(0.8),
                     initial="uniform", max_iterations=200)
    np.testing.assert_allclose(found.profile, profile, atol=1e-11)


def test_a_game_repeated_for_ever_has_the_equilibria_of_its_one_state() -> None:
    """Its state comes back whatever is done: the dilemma's logit equilibrium at each discount."""
    tau, x = 2.0, scipy.optimize.brentq(
        lambda x: x - scipy.special.expit(((3 * x) - (5 * x + (1 - x))) / 2.0), 0, 1, xtol=1e-15)
    profile = np.tile([x, 1 - x], (2, 1, 1))
    assert residual(DILEMMA, profile, tau) < 1e-13
    assert residual(DILEMMA, np.full((2, 1, 2), 0.5), tau) > 0.1


def test_states_count_whether_or_not_they_are_visited_save_where_play_has_ended() -> None:
    """One agent; play ends in state 3. From state 0 it does so at once or by way of state 1, whose
    value is a soft maximum; nobody comes to state 2."""
    rewards = np.zeros((1, 4, 2))
    rewards[0, :3, 0] = 1
    leads = np.array([[3, 1], [3, 3], [3, 3], [3, 3]])
    game = pt.MarkovGame.from_arrays(rewards, leads, discount=0.9, initial=[1, 0, 0, 0])
    by_hand = [scipy.special.softmax([1, 0.9 * scipy.special.logsumexp([1, 0])]),
               *[scipy.special.softmax([1, 0])] * 2]
    profile = np.array([[*by_hand, [0.4, 0.6]]])
    assert residual(game, profile, 1.0) < 1e-15
    profile[0, 2] = [0, 1]
    np.testing.assert_allclose(residual(game, profile, 1.0), by_hand[2][0], rtol=1e-14)


@pytest.mark.parametrize(("game", "tau", "message"), [
    (PENNIES, 0, "^temperature is 0, but it must be positive$"),
    (PENNIES, "low", "^temperature is 'low', not a number$"),
    (pt.games.make("pigou", n_agents=2), 1.0, "^game is a RoutingGame, whose agents have no")])
def test_bad_input_is_named(game: object, tau: object, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        residual(game, np.full((2, 1, 2), 0.5), tau)
