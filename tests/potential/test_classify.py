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
    assert (kind.stage_potential is not None) == (verdict == "PROVEN")
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


def test_structure_says_nothing_of_derivatives_it_did_not_need():
    kind = classify(pt.games.make("stochastic-congestion", n_agents=2))
    assert kind.cross_derivatives is None
    assert kind.alpha_estimate is None
