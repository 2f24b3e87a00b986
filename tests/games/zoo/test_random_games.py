"""Random games: what they promise of their potential, held against exact values of pure
profiles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from four_cycles import Pure

import potentia as pt
from potentia import InputError

ALPHA = 0.3


def gains_off_the_potential(game: pt.MarkovGame, potential: np.ndarray) -> np.ndarray:
    """Of every deviation between pure policies: the gain less the change of the value of the stage
    rewards `potential`, from the initial distribution."""
    pure, stage = Pure(game), Pure(game)
    stage.rewards = np.asarray(potential).reshape(*stage.rewards.shape[:2], 1)
    profiles = list(itertools.product(*map(pure.policies, range(game.n_agents))))
    values = {one: pure.values(*one) for one in profiles}
    levels = {one: stage.values(*one)[0] for one in profiles}
    return np.array([values[other][agent] - values[one][agent] - levels[other] + levels[one]
                     for agent in range(game.n_agents) for one in profiles
                     for policy in pure.policies(agent)
                     for other in [(*one[:agent], policy, *one[agent + 1:])]])


@pytest.mark.parametrize(("n_agents", "n_states", "seed"), [(2, 3, 0), (3, 2, 1)])
def test_shaped_games_have_their_potential(n_agents: int, n_states: int, seed: int) -> None:
    game = pt.games.make("random-potential", n_agents=n_agents, n_states=n_states, seed=seed)
    rewards = np.asarray(game.rewards)
    assert np.ptp(rewards, axis=2).min() > 1e-3                       # not of common interest
    assert np.abs(gains_off_the_potential(game, np.asarray(game.stage_potential))).max() < 1e-12


def test_without_shaping_all_want_the_same() -> None:
    game = pt.games.make("random-potential", shaping=0.0)
    assert np.ptp(np.asarray(game.rewards), axis=2).max() == 0
    shaped = pt.games.make("random-potential")
    np.testing.assert_array_equal(game.stage_potential, shaped.stage_potential)


@pytest.mark.parametrize("seed", range(3))
def test_a_perturbed_game_is_within_alpha_of_the_potential(seed: int) -> None:
    near = pt.games.make("random-potential", seed=seed)
    game = pt.games.make("random-potential", seed=seed, alpha=ALPHA)
    assert game.stage_potential is None
    off = np.abs(gains_off_the_potential(game, near.stage_potential)).max()
    assert 0.05 * ALPHA < off <= ALPHA
    kind = pt.potential.classify(game)
    assert kind.verdict == "REFUTED"
    assert 0 < kind.alpha_lower <= ALPHA


def test_general_sums_are_no_potential_games() -> None:
    for seed in range(3):
        kind = pt.potential.classify(pt.games.make("random-general-sum", seed=seed))
        assert kind.verdict == "REFUTED"


@pytest.mark.parametrize("name", ["random-potential", "random-general-sum"])
def test_a_seed_is_a_game(name: str) -> None:
    one, same, other = (np.asarray(pt.games.make(name, seed=seed).rewards) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, same)
    assert not np.isclose(one, other).any()
    assert one.shape == (3, 4, 2)


@pytest.mark.parametrize(("name", "parameters", "message"), [
    ("random-potential", {"n_agents": 0}, "n_agents is 0, but it must be at least 1"),
    ("random-potential", {"n_states": 1.5}, "n_states is 1.5, not a whole number"),
    ("random-potential", {"n_actions": 0}, "n_actions is 0, but it must be at least 1"),
    ("random-potential", {"seed": -1}, "seed is -1, but it must be at least 0"),
    ("random-potential", {"alpha": -1}, "alpha is -1, but it must not be negative"),
    ("random-potential", {"discount": 1}, r"discount is 1, but it must lie in \[0, 1\)"),
    ("random-potential", {"shaping": "x"}, "shaping is 'x', not a number"),
    ("random-potential", {"n_agents": 40}, "needs a table of at least"),
    ("random-general-sum", {"n_states": 10**6}, "needs a table of at least"),
    ("random-general-sum", {"discount": 2}, "discount is 2, but it must lie in"),
    ("random-general-sum", {"discount": 1}, "discount is 1, but play need not end")])
def test_bad_parameters_are_refused_by_name(name: str, parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pt.games.make(name, **parameters)
