"""Verdicts on games whose answer is known: the paper's, the classical ones, and edges."""

from __future__ import annotations

import dataclasses
import itertools
from fractions import Fraction

import jax
import numpy as np
import pytest
from built import built

import potentia as pt
from potentia.potential import classify
from potentia.potential.classification import ANY_START
from potentia.potential.draws import denominator
from slow_markov import SlowGame, random_arrays, random_profile

STAY = {n: np.zeros((1, *[2] * n), int) for n in (2, 3)}


def one_state(rewards: np.ndarray, discount: float = 0.0) -> pt.MarkovGame:
    """A normal-form game [N, A1..AN]."""
    return pt.MarkovGame.from_arrays(rewards[:, None], np.zeros((1, *rewards.shape[1:]), int),
                                     discount=discount)


def has_classical_potential(rewards: np.ndarray) -> bool:
    """Monderer and Shapley, Theorem 2.8: every four-cycle of pure profiles sums to 0."""
    counts = rewards.shape[1:]
    for i, j in itertools.combinations(range(len(counts)), 2):
        for rest in itertools.product(*[range(c) if k not in (i, j) else [0]
                                        for k, c in enumerate(counts)]):
            for a, b, x, y in itertools.product(range(counts[i]), range(counts[i]),
                                                range(counts[j]), range(counts[j])):
                corners = []
                for own, other in ((a, x), (b, x), (b, y), (a, y)):
                    place = list(rest)
                    place[i], place[j] = own, other
                    corners.append(tuple(place))
                total = (rewards[(i, *corners[1])] - rewards[(i, *corners[0])]
                         + rewards[(j, *corners[2])] - rewards[(j, *corners[1])]
                         + rewards[(i, *corners[3])] - rewards[(i, *corners[2])]
                         + rewards[(j, *corners[0])] - rewards[(j, *corners[3])])
                if abs(total) > 1e-9:
                    return False
    return True


@pytest.mark.parametrize(("name", "parameters", "policies", "verdict"), [
    ("stochastic-congestion", {"n_agents": 3}, "joint", "REFUTED"),
    ("stochastic-congestion", {"n_agents": 3}, "local", "PROVEN"),
    ("stochastic-congestion", {"n_agents": 3, "observe": "own"}, None, "PROVEN"),
    ("stochastic-congestion", {"n_agents": 3, "observe": "own"}, "joint", "REFUTED"),
    ("stochastic-congestion", {"n_agents": 3, "observe": "own", "discount": 1.0}, None, "PROVEN"),
    ("stochastic-congestion", {"n_agents": 3, "discount": 1.0}, None, "REFUTED"),
    ("stochastic-congestion", {"n_agents": 3, "observe": "own", "ending": "loop"}, None, "PROVEN"),
    ("stochastic-congestion", {"n_agents": 2}, None, "PROVEN"),
    ("stochastic-congestion", {"n_agents": 2, "reward": (1.0, 0.25)}, None, "PROVEN"),
    ("stochastic-congestion-published", {"n_agents": 4}, None, "REFUTED"),
    ("distancing", {"n_agents": 4, "weights": (1, 2)}, None, "REFUTED"),
    ("distancing", {}, None, "REFUTED"),
    ("distancing", {"n_agents": 4, "discount": 0.0}, None, "PROVEN"),
    ("two-link-congestion", {}, None, "PROVEN"),
])
def test_named_games(name, parameters, policies, verdict):
    kind = classify(pt.games.make(name, **parameters), policies)
    assert kind.verdict == verdict
    assert (kind.witness is not None) == (verdict == "REFUTED")
    assert (kind.potential is not None) == (verdict == "PROVEN")
    assert 0 <= kind.alpha_lower <= kind.alpha_upper
    assert verdict in str(kind)


def test_what_is_printed_explains_itself():
    proven = dict(classify(pt.games.make("two-link-congestion")).lines())
    assert proven[
        "for"] == "joint policies, the 1 state that play reaches from the initial distribution"
    assert proven["alpha, distance from a potential game"] == "0"
    assert proven["residual, relative to the gains"].endswith(
        ": what the potential leaves unexplained")
    kind = classify(pt.games.make("stochastic-congestion", n_agents=3))
    refuted = dict(kind.lines())
    assert all(len(label) <= 38 for label in refuted), "a label fits into its column"
    i, j = kind.witness.agents
    value, other = kind.witness.values[0]
    assert refuted["witness, profile 0"] == (
        f"worth {value:.8g} to agent {i}, {other:.8g} to agent {j}; then agent {i} moves and gains "
        f"{kind.witness.gains[0]:.8g}")
    assert classify(pt.games.make("two-link-congestion"), states="all").states == ANY_START


def test_two_agents_on_unequal_edges_are_refuted():
    """Example 1 with n = 2 is common-interest only where all edges pay alike, and no potential game
    elsewhere."""
    edges = [("s", "a"), ("s", "b"), ("a", "c"), ("a", "d"), ("b", "c"), ("b", "d"), ("c", "t"),
             ("d", "t")]
    pay = {edge: (1.0 + k, 0.5 / (1 + k)) for k, edge in enumerate(edges)}
    game = pt.games.make("stochastic-congestion", n_agents=2, graph=edges, source="s", sink="t",
                         reward=pay)
    assert classify(game).verdict == "REFUTED"
    assert classify(game, "local").verdict == "PROVEN"


@pytest.mark.parametrize("seed", range(20))
def test_at_discount_0_the_verdict_is_the_classical_one(seed):
    rng = np.random.default_rng(seed)
    counts = [(2, 2), (3, 2), (2, 2, 2)][seed % 3]
    rewards = rng.integers(-2, 3, size=(len(counts), *counts)).astype(float)
    if seed % 2:  # a potential game: common payoff plus what the others decide
        rewards = np.stack([rewards[0] + rng.integers(0, 3, size=[1 if k == i else c
                                                                  for k, c in enumerate(counts)])
                            for i in range(len(counts))])
    expected = "PROVEN" if has_classical_potential(rewards) else "REFUTED"
    assert classify(one_state(rewards)).verdict == expected
    assert classify(one_state(rewards,
                              0.9)).verdict == expected, "one state: discounting changes nothing"


# One program for all profiles of a game.
start_values = jax.jit(pt.MarkovGame.start_values)


def deviations(game, potential, seed):
    """How the potential changes as one agent deviates, and what that agent gains."""
    before, other = (random_profile(seed + k, np.asarray(game.mask)) for k in (0, 1000))
    height = potential(before)
    for agent in range(game.n_agents):
        after = before.copy()
        after[agent] = other[agent]
        with jax.enable_x64(True):
            gain = start_values(game, after)[agent] - start_values(game, before)[agent]
        yield potential(after) - height, float(gain)


@pytest.mark.parametrize("game", [
    pytest.param(lambda: built(1, 0.0, (3, 4, (2, 3, 2)), 0.9), id="shaped"),
    pytest.param(lambda: pt.games.make("stochastic-congestion", n_agents=3, observe="own"),
                 id="own position"),
    pytest.param(lambda: pt.games.make("stochastic-congestion", n_agents=2), id="common interest"),
])
def test_the_potential_moves_with_the_deviating_agents_value(game):
    game = game()
    if not game.full_information:
        # What structure finds, not what the game was built with.
        game = dataclasses.replace(game, stage_potential=None)
    potential = classify(game).potential
    for seed in range(3):
        for change, gain in deviations(game, potential, seed):
            assert change == pytest.approx(gain, rel=1e-9, abs=1e-12)


def test_the_witness_is_what_it_says():
    game = pt.games.make("stochastic-congestion", n_agents=3)
    witness = classify(game).witness
    i, j = witness.agents
    values = np.array([game.start_values(profile)[[i, j]] for profile in witness.profiles])
    np.testing.assert_allclose(values, witness.values, atol=1e-12)
    gains = [values[1, 0] - values[0, 0], values[2, 1] - values[1, 1], values[3, 0] - values[2, 0],
             values[0, 1] - values[3, 1]]
    np.testing.assert_allclose(gains, witness.gains, atol=1e-12)
    assert witness.total == pytest.approx(sum(gains), abs=1e-12)
    assert abs(witness.total) / np.abs(gains).max() == pytest.approx(witness.residual, rel=1e-9)
    assert (witness.profiles * denominator(2) % 1 == 0).all(), "short fractions"
    for corner, mover in enumerate((i, j, i, j)):
        moved = witness.profiles[(corner + 1) % 4] != witness.profiles[corner]
        assert set(np.flatnonzero(moved.any(axis=(1, 2)))) == {mover}


@pytest.mark.parametrize(("play", "discount"), [("cyclic", 0.9), ("ending", 1.0), ("forward", 1.0)])
def test_the_exact_sum_agrees_with_independent_fractions(play, discount):
    arrays = random_arrays(3, (2, 3), 4, discount, play=play, masked=True)
    witness = classify(pt.MarkovGame.from_arrays(**arrays)).witness
    slow = SlowGame.of(arrays)
    i, j = witness.agents
    values = []
    for profile in witness.profiles:
        rewards, step = slow.average(slow.policies(profile))
        values.append(slow.values(rewards, step) @ slow.initial)
    total = sum(values[(k + 1) % 4][(i, j)[k % 2]] - values[k][(i, j)[k % 2]] for k in range(4))
    assert isinstance(witness.exact_total, Fraction)
    assert witness.exact_total == total
    assert float(total) == pytest.approx(witness.total, rel=1e-9)


def test_unreachable_states_count_only_when_asked():
    """State 1, which is no potential game, is never reached from state 0."""
    pennies = np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], float)
    rewards = np.stack([np.ones_like(pennies), pennies], axis=1)
    stay = np.broadcast_to(np.arange(2)[:, None, None], (2, 2, 2))
    game = pt.MarkovGame.from_arrays(rewards, stay, discount=0.9, initial=[1, 0])
    assert classify(game).verdict == "PROVEN"
    assert "the 1 state that play" in classify(game).states
    everywhere = classify(game, states="all")
    assert everywhere.verdict == "REFUTED"
    assert everywhere.states == "every state a start"


def test_a_start_in_one_state_decides_for_all_that_play_reaches():
    """The verdict does not depend on which states the initial distribution gives weight, if play
    reaches the rest."""
    for size, verdict in ((0.0, "PROVEN"), (1e-3, "REFUTED")):
        game = built(5, size, (2, 3, (2, 2)), 0.9, initial=np.array([1.0, 0, 0]))
        assert classify(game).verdict == verdict


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


def test_a_potential_for_policies_of_the_state_is_one_for_local_ones():
    kind = classify(with_information(built(4, 0.0, (2, 4, (2, 2)), 0.9),
                                     [[0, 0, 1, 1], [0, 1, 0, 1]]))
    assert kind.verdict == "PROVEN"
    assert kind.policies == "local"


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


def test_symmetry_reduces_the_search_to_counts():
    """Agents that are alike: the search has one unknown for each state and count, and finds the
    same answer."""
    from potentia.potential import search, symmetry
    from potentia.potential.subject import subject_of
    game = pt.games.make("distancing", n_agents=4, weights=(1, 2, 3), discount=0.0)
    subject = subject_of(game, None, "reachable")
    assert symmetry.is_symmetric(subject)
    assert symmetry.unknowns(subject).shape == (2 * 81, 2 * 15)
    rng = np.random.default_rng(0)
    assert search.left_over(subject, search.search(subject, rng), rng)[1] < 1e-12


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


def test_the_stage_potential_has_the_shape_that_a_game_takes():
    rng = np.random.default_rng(0)
    for rewards in (rng.normal(size=(1, 4, 2, 3)).repeat(2, axis=0), rng.normal(size=(1, 4, 5))):
        arrays = {"rewards": rewards, "transitions": rng.integers(4, size=rewards.shape[1:]),
                  "discount": 0.9}
        kind = classify(pt.MarkovGame.from_arrays(**arrays), states="all")
        assert kind.stage_potential.shape == rewards.shape[1:]
        rebuilt = pt.MarkovGame.from_arrays(**arrays, stage_potential=kind.stage_potential)
        profile = rebuilt.initial_profile("random", 0)
        assert rebuilt.potential(profile) == pytest.approx(kind.potential(profile), rel=1e-12)
        np.testing.assert_array_equal(kind.stage_potential, rewards[0])


def test_the_same_seed_gives_the_same_answer():
    game = pt.games.make("stochastic-congestion", n_agents=3)
    first, second = (classify(game, seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.witness.profiles, second.witness.profiles)
    assert (first.alpha_lower, first.alpha_upper) == (second.alpha_lower, second.alpha_upper)


@pytest.mark.parametrize("seed", range(10))
def test_alpha_bounds_a_known_distance(seed):
    """One state at discount 0: alpha of a two-agent 2 x 2 game is |cycle| / 4 (its four edges share
    the sum)."""
    rng = np.random.default_rng(seed)
    r = rng.normal(size=(2, 2, 2))
    cycle = abs(r[0, 1, 0] - r[0, 0, 0] + r[1, 1, 1] - r[1, 1, 0] + r[0, 0, 1] - r[0, 1, 1]
                + r[1, 0, 0] - r[1, 0, 1])
    kind = classify(one_state(r))
    assert kind.alpha_lower <= cycle / 4 * (1 + 1e-12)
    assert kind.alpha_lower >= cycle / 4 * 0.5, "mixed cycles come near the pure one"
    assert kind.alpha_upper == pytest.approx(cycle / 4, rel=1e-6)


def test_relabelling_the_agents_changes_nothing():
    game = built(6, 0.1, (2, 3, (2, 3)), 0.9)
    rewards = np.moveaxis(game.rewards, -1, 0).reshape(2, 3, 2, 3)
    transitions = game.transitions.csr().toarray().reshape(3, 2, 3, 3)
    swapped = pt.MarkovGame.from_arrays(rewards[::-1].swapaxes(2, 3), transitions.swapaxes(1, 2),
                                        discount=0.9)
    one, two = classify(game), classify(swapped)
    assert one.verdict == two.verdict == "REFUTED"
    assert one.alpha_upper == pytest.approx(two.alpha_upper, rel=1e-3)


def test_a_profile_of_the_wrong_shape_is_refused():
    potential = classify(pt.games.make("stochastic-congestion", n_agents=2)).potential
    with pytest.raises(pt.InputError, match="profile has shape"):
        potential(random_profile(0, np.ones((2, 3, 2), bool)))


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


def test_agents_who_choose_once_have_a_potential():
    """Three agents on a graph where only the source has a choice; the shaping depends on the
    others' policies."""
    edges = [("s", "t"), ("s", "a"), ("a", "b"), ("b", "t"), ("s", "b")]
    game = pt.games.make("stochastic-congestion", n_agents=3, graph=edges, source="s", sink="t")
    kind = classify(game)
    assert kind.verdict == "PROVEN"
    assert kind.alpha_upper < 1e-12
    for change, gain in deviations(game, kind.potential, 0):
        assert change == pytest.approx(gain, rel=1e-9, abs=1e-12)


def test_where_nobody_can_gain_everything_is_a_potential():
    rng = np.random.default_rng(1)
    transitions, shaping = rng.dirichlet(np.ones(3), size=(3, 2, 2)), rng.normal(size=(2, 3, 1, 1))
    rewards = np.stack([h - 0.9 * transitions @ h.ravel() for h in shaping])
    assert classify(pt.MarkovGame.from_arrays(rewards, transitions,
                                              discount=0.9)).verdict == "PROVEN"


def test_with_every_state_a_start_the_potential_is_still_from_the_games_own():
    game = built(7, 0.0, (2, 3, (2, 2)), 0.9, initial=np.array([1.0, 0, 0]))
    potential = classify(game, states="all").potential
    for change, gain in deviations(game, potential, 0):
        assert change == pytest.approx(gain, rel=1e-9)
    witness = classify(built(7, 0.1, (2, 3, (2, 2)), 0.9, initial=np.array([1.0, 0, 0])),
                       states="all").witness
    np.testing.assert_allclose(witness.initial, 1 / 3)


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


def test_structure_says_nothing_of_derivatives_it_did_not_need():
    kind = classify(pt.games.make("stochastic-congestion", n_agents=2))
    assert kind.cross_derivatives is None
    assert kind.alpha_estimate is None
