"""What rounding, size and bad input do to a verdict: nothing is refuted, or proven, by them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from built import built

import potentia as pt
from potentia.potential import classify
from slow_markov import random_profile

STAY = {n: np.zeros((1, *[2] * n), int) for n in (2, 3)}


def test_the_band_between_is_unknown():
    kind = classify(built(2, 2e-10, (2, 3, (2, 2)), 0.9))
    assert kind.verdict == "UNKNOWN"
    assert "tolerance band" in kind.proof
    assert 0 <= kind.alpha_lower <= kind.alpha_upper < 1e-7


def test_rounding_does_not_refute():
    """A potential game whose values are 1e9 times its gains."""
    game = built(3, 0.0, (2, 3, (2, 2)), 0.9)
    lifted = dataclasses.replace(game, rewards=game.rewards + 1e9)
    assert classify(lifted).verdict != "REFUTED"


def with_information(game: pt.MarkovGame, information: list[list[int]]) -> pt.MarkovGame:
    rewards = np.moveaxis(game.rewards, -1, 0).reshape(2, 4, 2, 2)
    return pt.MarkovGame.from_arrays(rewards, game.transitions.csr().toarray().reshape(4, 2, 2, 4),
                                     discount=0.9,
                                     information=information)


def test_local_policies_beyond_structure_and_cycles_are_unknown():
    """A perturbation too small to refute, large enough not to prove."""
    blind = with_information(built(4, 5e-10, (2, 4, (2, 2)), 0.9), [[0, 0, 1, 1], [0, 1, 0, 1]])
    kind = classify(blind)
    assert kind.verdict == "UNKNOWN"
    assert "local policies beyond structure and cycles" in kind.proof


def test_a_game_too_large_for_the_search_says_what_it_would_cost():
    rng = np.random.default_rng(0)
    shape = (200, 2, 2, 2, 2)
    following = rng.integers(200, size=shape)
    common = rng.normal(size=shape)
    shaping = rng.normal(size=(4, 200))
    rewards = np.stack([common + h[:, None, None, None, None] - 0.9 * h[following]
                        for h in shaping])
    game = pt.MarkovGame.from_arrays(rewards, following, discount=0.9)
    kind = classify(game)
    assert kind.verdict == "UNKNOWN"
    assert "3,200 unknowns" in kind.proof
    assert "GB" in kind.proof
    built_with = pt.MarkovGame.from_arrays(rewards, following, discount=0.9, stage_potential=common)
    assert classify(
        built_with).verdict == "PROVEN", "a potential that the game brings is checked, not searched"


def test_a_false_potential_is_not_believed():
    game = pt.games.make("stochastic-congestion", n_agents=3)
    wrong = dataclasses.replace(game, stage_potential=np.asarray(game.rewards)[..., 0])
    assert classify(wrong).verdict == "REFUTED"


@pytest.mark.parametrize(("arguments", "message"), [
    ({"policies": "own"}, "unknown policies 'own'; did you mean 'joint'"),
    ({"states": "some"}, "unknown states 'some'; known: all, reachable"),
    ({"policies": "local"},
     "policies is 'local', but agents of prisoners see the whole state: give the game "
                            "`information` \\[N, S\\]"),
    ({"seed": 0.5}, "seed is 0.5, not a whole number"),
    ({"thorough": 1}, "thorough is 1, but it must be True or False"),
])
def test_bad_input_is_named(arguments, message):
    rewards = np.array([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], float)[:, None]
    game = pt.MarkovGame.from_arrays(rewards, STAY[2], discount=0.9, name="prisoners")
    with pytest.raises(pt.InputError, match=message):
        classify(game, **arguments)


def test_only_tabular_games():
    with pytest.raises(pt.InputError, match="game is a str, but classify needs a tabular game"):
        classify("distancing")


def test_a_refutation_ends_the_search_unless_more_is_asked():
    """What is asked beside it changes nothing of the rest."""
    game = pt.games.make("stochastic-congestion", n_agents=3)
    short, long = classify(game), classify(game, thorough=True)
    steps = [[what for what, _, _ in kind.tried] for kind in (short, long)]
    assert "cross second derivatives" not in steps[0]
    assert steps[1] == [*steps[0][:2], "cross second derivatives", *steps[0][2:]]
    assert short.cross_derivatives is None
    assert long.cross_derivatives > 1e-3
    assert (short.verdict, short.alpha_lower, short.alpha_upper) == ("REFUTED", long.alpha_lower,
                                                                     long.alpha_upper)


def test_the_same_seed_gives_the_same_answer():
    game = pt.games.make("stochastic-congestion", n_agents=3)
    first, second = (classify(game, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.witness.profiles, second.witness.profiles)
    assert (first.alpha_lower, first.alpha_upper) == (second.alpha_lower, second.alpha_upper)


def test_a_profile_of_the_wrong_shape_is_refused():
    potential = classify(pt.games.make("stochastic-congestion", n_agents=2)).potential
    with pytest.raises(pt.InputError, match="profile has shape"):
        potential(random_profile(0, np.ones((2, 3, 2), bool)))


@pytest.mark.parametrize(("verdict", "said"), [
    ("REFUTED", "stochastic-congestion has no potential: REFUTED, by a cycle"),
    ("UNKNOWN", "stochastic-congestion has no known potential: UNKNOWN, by a cycle"),
])
def test_where_there_is_no_potential_asking_for_its_value_says_why(verdict, said):
    game = pt.games.make("stochastic-congestion", n_agents=2)
    kind = dataclasses.replace(classify(game), verdict=verdict, proof="by a cycle")
    with pytest.raises(pt.InputError) as caught:
        kind.potential(random_profile(0, game.mask))
    assert str(caught.value) == said


@pytest.mark.parametrize("verdict", ["PROVEN", "REFUTED", "UNKNOWN"])
def test_a_verdict_is_neither_true_nor_false(verdict):
    kind = dataclasses.replace(classify(pt.games.make("prisoners-dilemma")), verdict=verdict)
    with pytest.raises(pt.InputError, match=rf"classification, here {verdict}, is neither true nor "
                                            r".* kind\.verdict == pt\.potential\.PROVEN"):
        bool(kind)
    assert (kind.verdict == pt.potential.PROVEN) == (verdict == "PROVEN")


PENNIES = np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], float)


@pytest.mark.parametrize("discount", [0.0, 0.5])
def test_a_state_where_much_is_at_stake_hides_no_other(discount):
    """Matching pennies in state 0, a potential game at 1e12 times the stakes in state 1."""
    rewards = np.stack([PENNIES, np.broadcast_to(1e12 * np.array([[1, 0], [0, 2.0]]), (2, 2, 2))],
                       axis=1)
    stay = np.broadcast_to(np.arange(2)[:, None, None], (2, 2, 2))
    kind = classify(pt.MarkovGame.from_arrays(rewards, stay, discount=discount))
    assert kind.verdict == "REFUTED"
    # Pennies are 2 away from every potential in one step.
    assert kind.alpha_lower <= 2 / (1 - discount) <= kind.alpha_upper


def test_a_rare_step_to_a_rich_state_is_noticed():
    """With a probability of 1e-12 the agents' choice leads to a state worth 1e13 to one and as much
    less to the other."""
    rewards, transitions = np.zeros((2, 2, 2, 2)), np.zeros((2, 2, 2, 2))
    rewards[:, 0] = np.eye(2)
    rewards[1, 0, 1] += 1
    rewards[0, 1], rewards[1, 1] = 1e13, -1e13
    transitions[0, ..., 0] = transitions[1, ..., 1] = 1
    transitions[0, 0, 0] = transitions[0, 1, 1] = [1 - 1e-12, 1e-12]
    kind = classify(pt.MarkovGame.from_arrays(rewards, transitions, discount=0.5, initial=[1, 0]))
    assert kind.verdict == "REFUTED"
    # The pure cycle sums to -80 in exact arithmetic.
    assert kind.alpha_lower <= 20 <= kind.alpha_upper


@pytest.mark.parametrize("counts", [(8, 8), (10, 10), (3, 6, 6)])
def test_the_search_draws_enough_profiles_of_many_actions(counts):
    kind = classify(built(1, 0.0, (len(counts), 2, counts), 0.9))
    assert kind.verdict == "PROVEN"
    assert kind.residual < 1e-12


def test_a_game_too_large_for_cycles_is_unknown_at_once():
    states = 2000
    rewards = np.random.default_rng(0).normal(size=(2, states, 2, 2))
    rewards[:, -1] = 0
    following = np.minimum(np.arange(states)[:, None, None] + 1 + np.array([[0, 1], [1, 2]]),
                           states - 1)
    kind = classify(pt.MarkovGame.from_arrays(rewards, following, discount=0.99,
                                              initial=np.eye(states)[0]))
    assert kind.verdict == "UNKNOWN"
    assert "a four-cycle at 2,000 states solves four systems of 0.03 GB each" in kind.proof
    assert (kind.alpha_lower, kind.alpha_upper) == (0.0, np.inf)


@pytest.mark.parametrize(("scale", "discount", "message"), [
    (1e308, 0.9, r"rewards of up to .*e\+30. are too large to classify a game: at most 1e\+100"),
    (1.0, 1 - 2**-53, r"discount is 0.9999999999999999, too near 1 to classify a game"),
])
def test_what_float64_cannot_judge_is_refused(scale, discount, message):
    game = built(1, 0.1, (2, 3, (2, 2)), 0.9)
    table = game.transitions.csr().toarray().reshape(3, 2, 2, 3)
    rewards = np.moveaxis(game.rewards, -1, 0).reshape(2, 3, 2, 2) / 4 * scale
    with pytest.raises(pt.InputError, match=message):
        classify(pt.MarkovGame.from_arrays(rewards, table, discount=discount))
