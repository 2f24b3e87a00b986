"""The game of the published congestion scripts: two vertices, the next state is the joint
action."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

from potentia import InputError, MarkovGame, games
from potentia.games.zoo.stochastic_congestion_published import build


@pytest.mark.parametrize("n_agents", [1, 2, 3, 5])
def test_every_reward_and_next_state_against_plain_counting(n_agents: int) -> None:
    game = build(n_agents)
    choices = list(itertools.product(range(2), repeat=n_agents))          # agent 1 slowest
    assert game.n_states == len(choices)
    for state, (joint, chosen) in itertools.product(range(game.n_states), enumerate(choices)):
        assert game.rewards[state, joint].tolist() == [1 / chosen.count(c) for c in chosen]
        assert game.transitions.targets[state, joint, 0] == joint


def test_the_scripts_constants() -> None:
    game = build()
    assert (game.n_agents, game.n_states, game.action_counts) == (4, 16, (2, 2, 2, 2))
    assert game.discount == 0.99
    np.testing.assert_array_equal(game.initial, 1 / 16)
    assert game.full_information
    assert game.sweeps is None
    assert not game.absorbing.any()
    assert game.mask.all()


@pytest.mark.usefixtures("x64")
def test_value_of_uniform_play_in_closed_form() -> None:
    # 1/load with load - 1 of three others, binomial: E = (1 - 2^-4) / (4/2); the same in every step
    # and state.
    game = build(4)
    told = jax.jit(MarkovGame.evaluate)(game, np.full(game.mask.shape, 0.5))
    np.testing.assert_allclose(told.v, (1 - 2**-4) / 2 / 0.01, rtol=1e-13)
    np.testing.assert_allclose(told.visitation, 1 / 16, rtol=1e-13)


def test_it_is_not_a_common_interest_game_beyond_two_agents() -> None:
    assert build(2).stage_potential is not None
    assert build(3).stage_potential is None


@pytest.mark.parametrize(("parameters", "message"), [
    ({"n_agents": 0}, r"n_agents is 0, but it must be at least 1"),
    ({"n_agents": 4.0}, r"n_agents is 4\.0, not a whole number"),
    ({"n_agents": 13}, r"n_agents=13 needs a table of at least 8,192 states x 8,192 joint actions"),
    ({"n_agents": 1000}, r"n_agents is 1,000, but a table of joint actions takes at most 62"),
    ({"discount": 1}, r"discount is 1, but play need not end"),
    ({"discount": -1}, r"discount is -1, but it must lie in \[0, 1\]")])
def test_bad_parameters_are_refused_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(**parameters)


def test_the_registry_builds_it() -> None:
    assert games.make("stochastic-congestion-published",
                      n_agents=2).name == "stochastic-congestion-published"
