"""Simultaneous games of OpenSpiel as ours and back, and its policies by our certificates."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.games.tabular.payoffs import tables_of
from slow_markov import random_arrays

pyspiel = pytest.importorskip("pyspiel")
policies = pytest.importorskip("open_spiel.python.policy")
exploitability = pytest.importorskip("open_spiel.python.algorithms.exploitability")
openspiel = pt.bridges.openspiel

ARRAYS = {"random moves": random_arrays(1, (2, 2), 2, 0.9),
          "three agents": random_arrays(3, (2, 2, 2), 2, 0.8),
          "masked": random_arrays(2, (2, 3), 2, 0.7, masked=True)}
GAMES = {name: pt.MarkovGame.from_arrays(**arrays) for name, arrays in ARRAYS.items()}
PLAYED = {name: openspiel.to_pyspiel(game, horizon=2) for name, game in GAMES.items()}


def drawn(game, seed=0, players=None):
    """A policy of theirs with random probabilities on legal actions, of all players or of these."""
    policy = policies.TabularPolicy(game, players)
    weights = np.random.default_rng(seed).exponential(
        size=policy.action_probability_array.shape) * policy.legal_actions_mask
    policy.action_probability_array[:] = weights / weights.sum(axis=1, keepdims=True)
    return policy


@pytest.mark.parametrize("name", GAMES)
def test_games_of_several_steps_pass_their_own_test(name):
    for serialize in (False, True):
        pyspiel.random_sim_test(PLAYED[name], num_sims=3, serialize=serialize, verbose=False)


@pytest.mark.parametrize("name", ["random moves", "three agents"])
def test_certificates_of_their_policies_are_nash_conv_and_our_own_at_that_horizon(name):
    theirs, policy = PLAYED[name], drawn(PLAYED[name])
    certificate = pt.certify(theirs, policy)
    conv = exploitability.nash_conv(theirs, policy, return_only_nash_conv=False)
    np.testing.assert_allclose(certificate.per_agent, conv.player_improvements, atol=1e-12)
    assert certificate.per_agent.sum() == pytest.approx(conv.nash_conv, abs=1e-12)
    unrolled = pt.MarkovGame.from_arrays(**ARRAYS[name], horizon=2)
    rows = np.asarray(unrolled.initial_profile("uniform", 0)).copy()
    for agent, step, state in np.ndindex(GAMES[name].n_agents, 2, 2):
        rows[agent, 2 * step + state] = policy.policy_for_key(
            f"player {agent}: step {step}, state {state}")
    ours = pt.certify(unrolled, rows)
    np.testing.assert_allclose(certificate.values, ours.values, atol=1e-12)
    np.testing.assert_allclose(certificate.per_agent, ours.per_agent, atol=1e-12)


def test_the_value_of_a_game_that_comes_back_is_its_own_at_that_horizon():
    values = [game.evaluate(game.initial_profile("uniform", 0)).v @ np.asarray(game.initial)
              for game in (openspiel.from_pyspiel(PLAYED["masked"]),
                           pt.MarkovGame.from_arrays(**ARRAYS["masked"], horizon=2))]
    np.testing.assert_allclose(*values, atol=1e-12)


@pytest.mark.parametrize("counts", [(2, 3), (2, 3, 2)])
def test_games_played_once_go_both_ways_with_their_names(counts):
    tables = np.random.default_rng(1).normal(size=(len(counts), *counts))
    names = [[f"{agent}{action}" for action in range(count)]
             for agent, count in enumerate(counts)]
    game = pt.MarkovGame.from_payoffs(*tables, name="drawn", actions=names)
    theirs = openspiel.to_pyspiel(game)
    assert theirs.get_type().dynamics == pyspiel.GameType.Dynamics.SIMULTANEOUS
    again = openspiel.from_pyspiel(theirs)
    np.testing.assert_array_equal(np.stack(tables_of(again)), tables)
    assert again.names.actions == tuple(map(tuple, names))
    assert again.name == "drawn"


def test_a_game_of_theirs_is_certified_as_it_stands():
    theirs = pyspiel.load_game("matrix_sh")
    assert pt.certify(theirs, [0, 0]).nash_gap <= 1e-12
    assert pt.certify(theirs, policies.UniformRandomPolicy(theirs)).nash_gap == pytest.approx(
        exploitability.nash_conv(theirs, policies.UniformRandomPolicy(theirs)) / 2, abs=1e-12)


def test_chance_between_moves_is_part_of_the_table():
    theirs = pyspiel.load_game("goofspiel(num_cards=3,points_order=random,players=2)")
    policy = policies.UniformRandomPolicy(theirs)
    np.testing.assert_allclose(
        pt.certify(theirs, policy).per_agent,
        exploitability.nash_conv(theirs, policy, False).player_improvements, atol=1e-12)


GOOFSPIEL = pyspiel.load_game("goofspiel(num_cards=3,players=2)")
OSHI_ZUMO = pyspiel.load_game("oshi_zumo(coins=4,size=1,horizon=3)")


class Each(policies.Policy):
    """A policy of theirs made of one for each player."""

    def __init__(self, game, own):
        super().__init__(game, range(game.num_players()))
        self.own = own

    def action_probabilities(self, state, player_id=None):
        player = state.current_player() if player_id is None else player_id
        return self.own[player].action_probabilities(state, player)


@pytest.mark.parametrize("theirs", [GOOFSPIEL, OSHI_ZUMO])
def test_a_policy_for_each_player_is_certified_where_players_share_a_text(theirs):
    with pytest.raises(pt.InputError) as told:
        pt.certify(theirs, drawn(theirs))
    assert "not to 1; player 0 after " in str(told.value)
    assert "give a list with a policy for each player, TabularPolicy(game, [player])" in str(
        told.value)
    own = [drawn(theirs, seed=player, players=[player]) for player in range(2)]
    conv = exploitability.nash_conv(theirs, Each(theirs, own), return_only_nash_conv=False)
    np.testing.assert_allclose(pt.certify(theirs, own).per_agent, conv.player_improvements,
                               atol=1e-12)
    assert min(conv.player_improvements) > 0.1


class Stranger:
    """A policy that plays what is not there."""

    def action_probabilities(self, state, player):
        return {7: 1.0}


class Half:
    """A policy that plays every second time."""

    def action_probabilities(self, state, player):
        return {0: 0.5}


@pytest.mark.parametrize(("call", "why"), [
    (lambda: openspiel.from_pyspiel(3), "game is 3, but a pyspiel.Game was expected"),
    (lambda: openspiel.from_pyspiel(pyspiel.load_game("tic_tac_toe")),
     "tic_tac_toe is sequential: its players move in turns"),
    (lambda: pt.certify(pyspiel.load_game("kuhn_poker"), None),
     "kuhn_poker is sequential: its players move in turns, but agents of a Markov game move at "
     "once; pyspiel.extensive_to_tensor_game gives its strategic form"),
    (lambda: openspiel.from_pyspiel(pyspiel.load_game("goofspiel(imp_info=True)")),
     "goofspiel has imperfect information"),
    (lambda: openspiel.from_pyspiel(pyspiel.load_game("mfg_crowd_modelling")),
     "mfg_crowd_modelling is a mean field game"),
    (lambda: openspiel.from_pyspiel(pyspiel.load_game("goofspiel(num_cards=8)")),
     "goofspiel has more than 20,000 histories"),
    (lambda: openspiel.to_pyspiel(GAMES["masked"]), "need not end: give a horizon"),
    (lambda: openspiel.to_pyspiel(GAMES["masked"], horizon=0), "horizon is 0, but it must be at"),
    (lambda: openspiel.to_pyspiel(pt.MarkovGame.from_arrays(
        np.zeros((1, 2, 2)), [[0, 1], [1, 0]], discount=0.5, information=[[0, 0]]), 2),
     "agents do not see the state of the game"),
    (lambda: pt.certify(pyspiel.load_game("matrix_sh"), Stranger()),
     "policy of player 0 after nothing: ValueError: it plays action 7, which is not legal"),
    (lambda: pt.certify(pyspiel.load_game("matrix_sh"), Half()),
     "player 0 after nothing: what it plays of the legal actions sums to 0.5, not to 1"),
    (lambda: pt.certify(GOOFSPIEL, [policies.UniformRandomPolicy(GOOFSPIEL)]),
     "but a policy for each of the 2 players of goofspiel was expected"),
    (lambda: pt.certify(GOOFSPIEL, [policies.UniformRandomPolicy(GOOFSPIEL), 3]),
     "but a policy for each of the 2 players of goofspiel was expected"),
])
def test_what_does_not_fit_is_said(call, why):
    with pytest.raises(pt.InputError) as told:
        call()
    assert why in str(told.value)


def test_labels_that_tell_actions_not_apart_are_noted(caplog):
    game = pyspiel.create_matrix_game("twice", "twice", ["a", "a"], ["x", "y"],
                                      [[1, 2], [3, 4]], [[1, 2], [3, 4]])
    table = pt.bridges.openspiel.from_pyspiel(game)
    assert table.names.actions == ()
    assert "player 0 has two actions called 'a', so that actions have numbers here" in caplog.text
    assert pt.certify(game, [1, 1]).nash_gap < 1e-12
    for policy in (["a", "x"], {0: {"a": 1.0}, 1: 0}):
        with pytest.raises(pt.InputError, match="has none: player 0 has two actions called 'a'; c"):
            pt.certify(game, policy)


def test_a_policy_of_another_game_is_called_so():
    theirs = pytest.importorskip("open_spiel.python.policy")
    one, other = map(pyspiel.load_game, ("matrix_rps", "matrix_mp"))
    for policy in (theirs.TabularPolicy(other), [theirs.UniformRandomPolicy(other)] * 2):
        with pytest.raises(pt.InputError, match=r"policy is of another game, matrix_mp\(\), than "
                                                r"matrix_rps\(\)"):
            pt.certify(one, policy)
    with pytest.raises(pt.InputError, match=r"OpenSpiel's goes with its own game, pt\.certify\(py"):
        pt.certify(pt.games.make("matching-pennies"), theirs.TabularPolicy(other))
