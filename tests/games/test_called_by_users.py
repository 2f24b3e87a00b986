"""A game's own methods, called outside any context: float64 NumPy, and the user's configuration as
it was."""

import jax
import numpy as np
import pytest

import potentia as pt

CALLS = {
    "evaluate": lambda game, profile, key: game.evaluate(profile).v,
    "best_response": lambda game, profile, key: game.best_response(profile).gain,
    "potential": lambda game, profile, key: game.potential(profile),
    "welfare": lambda game, profile, key: game.welfare(profile),
    "simulate": lambda game, profile, key: game.simulate(profile, key, 3, 2).rewards,
    "initial_profile": lambda game, profile, key: game.initial_profile("random", key),
}


@pytest.mark.parametrize("name", CALLS)
def test_methods_are_float64_for_users(name):
    game = pt.games.make("stochastic-congestion", n_agents=2)
    profile = np.asarray(game.mask / game.mask.sum(axis=-1, keepdims=True))
    before = jax.config.jax_enable_x64
    answer = CALLS[name](game, profile, jax.random.key(0))
    assert isinstance(answer, np.ndarray)
    assert answer.dtype == np.float64
    assert jax.config.jax_enable_x64 == before


def test_welfare_to_the_last_digit():
    game = pt.games.make("stochastic-congestion", n_agents=1, discount=1.0)
    profile = np.asarray(game.mask / game.mask.sum(axis=-1, keepdims=True))
    assert game.welfare(profile) == 3.0                      # three edges at reward 1


@pytest.mark.parametrize(("name", "parameters"), [
    ("stochastic-congestion", {"n_agents": 2}),
    ("stochastic-congestion", {"n_agents": 2, "representation": "congestion"}),
    ("markov-routing", {"representation": "loads"}), ("anonymous-congestion", {"n_agents": 5}),
    ("braess", {})])
def test_a_random_profile_takes_a_whole_number_as_its_key(name, parameters):
    game = pt.games.make(name, **parameters)
    seeded = game.initial_profile("random", 7)
    np.testing.assert_array_equal(seeded, game.initial_profile("random", jax.random.key(7)))
    assert not np.array_equal(seeded, game.initial_profile("random", np.int64(8)))
    for bad, message in ((0.5, "key is 0.5, not a whole number"),
                         (2**63, r"key is \d+, but it must be below 2"),
                         (-1, "key is -1, but it must be at least 0"), (
                             None, "key is None, not a whole number")):
        with pytest.raises(pt.InputError, match=message):
            game.initial_profile("random", bad)
