"""Performative games: what a profile is worth in the game that it induces, against enumeration in
exact fractions."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from slow_markov import random_profile
from slow_performative import enumerated, random_arguments

# agents, places, actions
SHAPES = [(2, 2, 3), (3, 2, 2)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("pure", [False, True])
def test_values_are_those_of_enumeration(shape: tuple[int, int, int], pure: bool) -> None:
    game = pt.PerformativeGame.from_moves(**random_arguments(1, *shape))
    profile = random_profile(2, game.mask, pure)
    slow = enumerated(game, profile)
    values = slow.values(*slow.average(slow.policies(profile)))
    found = game.evaluate(profile)
    np.testing.assert_allclose(found.v, values.astype(float), atol=1e-12)
    assert game.welfare(profile) == pytest.approx(float((values @ slow.initial).sum()), abs=1e-12)
    for agent in range(game.n_agents):
        rewards, steps = slow.marginal(slow.policies(profile), agent)
        ahead = rewards + slow.discount * steps @ values[agent]
        np.testing.assert_allclose(found.q[agent], ahead.astype(float), atol=1e-12)


def test_the_induced_game_is_that_of_enumeration_and_says_what_the_game_says() -> None:
    game = pt.PerformativeGame.from_moves(**random_arguments(3, 2, 2))
    profile = random_profile(4, game.mask)
    slow, induced = enumerated(game, profile), game.induced(profile)
    rewards = np.moveaxis(induced.rewards, -1, 0).reshape(slow.rewards.shape)
    table = induced.transitions.csr().toarray().reshape(slow.transitions.shape)
    np.testing.assert_allclose(rewards, slow.rewards.astype(float), atol=1e-15)
    np.testing.assert_allclose(table, slow.transitions.astype(float), atol=1e-15)
    assert (table[slow.transitions == 0] == 0).all()
    still = game.induced(game.initial_profile("uniform", None)).transitions.csr().toarray()
    assert (table[still.reshape(table.shape) > 0] == 0).any(), "nothing was cut off"
    for ours, theirs in ((game.soft_values(profile, 0.3), induced.soft_values(profile, 0.3)),
                         (game.best_response(profile).gain, induced.best_response(profile).gain)):
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-12), ours, theirs)


def test_uniform_play_induces_the_game_without_a_response_to_the_bits() -> None:
    arguments = random_arguments(5, 2, 2)
    game = pt.PerformativeGame.from_moves(**arguments)
    still = pt.PerformativeGame.from_moves(**arguments | {"pay": 0.0, "lead": 0.0})
    uniform, drawn = (np.asarray(game.initial_profile(start, 0)) for start in ("uniform", "random"))
    assert game.responds
    assert not still.responds
    base = game.induced(uniform)
    for profile in (uniform, drawn):
        jax.tree.map(np.testing.assert_array_equal, still.induced(profile), base)
    jax.tree.map(np.testing.assert_array_equal, still.evaluate(drawn), base.evaluate(drawn))
    assert not np.allclose(game.evaluate(drawn).v, base.evaluate(drawn).v, atol=1e-3)


def test_values_grow_with_what_is_paid_for_what_is_played_often() -> None:
    """By pay times the expected visits times sum of p (p - 1/A), which is never below 0: the same
    for each more, and nothing for uniform play."""
    arguments = random_arguments(6, 2, 2) | {"lead": 0.0}
    at = [pt.PerformativeGame.from_moves(**arguments | {"pay": pay}) for pay in (0.0, 1.0, 2.0)]
    profile = random_profile(7, at[0].mask)
    values = [np.asarray(game.evaluate(profile).v) for game in at]
    visits = np.asarray(at[0].evaluate(profile).visitation) * at[0].scale
    earned = (visits * (profile * (profile - 0.5)).sum(axis=-1)).sum(axis=1)
    np.testing.assert_allclose((values[1] - values[0]) @ at[0].initial, earned, atol=1e-12)
    np.testing.assert_allclose(values[2] - values[1], values[1] - values[0], atol=1e-12)
    assert (values[1] > values[0]).all()


def test_play_goes_where_the_induced_game_leads() -> None:
    game = pt.PerformativeGame.from_moves(**random_arguments(8, 2, 2))
    profile = random_profile(9, game.mask)
    played = game.simulate(profile, jax.random.key(0), episodes=4000, steps=1)
    induced = game.induced(profile)
    first, joint = np.asarray(played.states[:, 0]), np.asarray(played.actions[:, 0]) @ [2, 1]
    np.testing.assert_allclose(played.rewards[:, 0], induced.rewards[first, joint], atol=1e-12)
    table = induced.transitions.csr().toarray().reshape(4, 4, 4)
    seen = np.bincount(np.asarray(played.states[:, 1]), minlength=4)
    expected = table[first, joint].sum(axis=0)
    assert (np.abs(seen - expected) <= 5 * np.sqrt(expected + 1)).all()


def test_an_equilibrium_of_the_induced_game_is_learnt() -> None:
    """A performatively stable equilibrium, which is none of the game without the response."""
    game = pt.games.make("performative-loop", n_agents=2)
    result = pt.solve(game, pt.rules.INPG(step_size=6e-4), initial="random", tolerance=1e-6)
    assert result.status is pt.Status.CONVERGED
    assert pt.certify(game, result.profile).nash_gap <= 1.1e-6
    assert pt.certify(game.induced(result.profile), result.profile).nash_gap <= 1.1e-6


@pytest.mark.parametrize(("changed", "said"), [
    ({"rewards": np.zeros((2, 4, 2))}, r"rewards has shape \(2, 4, 2\)"),
    ({"rewards": np.zeros((2, 4, 2, 3))}, r"rewards has shape \(2, 4, 2, 3\)"),
    ({"rewards": np.full((2, 4, 2, 2), np.nan)},
     r"rewards\[agent=0, state=0, actions=\(0, 0\)\] is nan, not a finite number"),
    ({"places": np.zeros((2, 3), int)}, r"places has shape \(2, 3\)"),
    ({"places": np.array([[0, 0, 1, 2], [0, 1, 0, 1]])},
     r"places\[agent=0, state=3\] is 2, but places run from 0 to 1"),
    ({"places": np.array([[0, 0, 1, 0], [0, 1, 0, 1]])},
     r"places of state=3 are \(0, 1\), those of state=1"),
    ({"moves": np.full((2, 3, 2), 0.5)}, r"moves has shape \(2, 3, 2\)"),
    ({"moves": np.full((2, 2, 2), 0.4)}, r"moves\[place=0, action=0\] sums to 0.8, not 1"),
    ({"moves": np.array([[[2, -1]] * 2] * 2)}, r"moves\[place=0, action=0, next=1\] is -1"),
    ({"support": np.full((2, 2, 2), np.inf)}, r"support\[place=0, action=0, next=0\] is inf"),
    ({"support": np.zeros((2, 2))}, r"support has shape \(2, 2\)"),
    ({"lead": -1.0}, "lead is -1"),
    ({"pay": np.nan}, "pay is nan"),
    ({"discount": 1.0}, r"discount is 1, but it must lie in \[0, 1\)"),
    ({"moves": np.full((2, 2, 2), 0.5), "support": np.full((2, 2, 2), 0.5), "lead": 2.0},
     "lead is 2, but from place=0 action=0, where it is never played, would lead nowhere: lead "
     "must be below 2"),
])
def test_what_is_no_game_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        pt.PerformativeGame.from_moves(**random_arguments(0, 2, 2) | changed)


def test_states_must_hold_all_that_agents_may_come_to() -> None:
    arguments = random_arguments(0, 2, 2)
    fewer = {"rewards": arguments["rewards"][:, :3], "places": arguments["places"][:, :3],
             "initial": None}
    with pytest.raises(InputError, match="from state=0 agents may come to 4 joint places, by moves "
                                         "and support, but only 3 of them are states"):
        pt.PerformativeGame.from_moves(**arguments | fewer)


def test_what_asks_for_a_table_is_told_of_the_induced_game() -> None:
    game = pt.games.make("performative-loop", n_agents=2)
    for ask in (pt.theory.report, pt.welfare.report, pt.equilibria.pure):
        with pytest.raises(InputError, match=r"give its induced\(profile\)"):
            ask(game)
    with pytest.raises(InputError, match="profile"):
        game.induced(np.zeros((2, 9, 2)))
    assert game.potential(game.initial_profile("uniform", None)) is None
    assert "2 agents at 5 places, 9 states" in repr(game)
