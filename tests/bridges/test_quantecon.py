"""QuantEcon's games as ours and back; what one agent faces, solved by its policy iteration."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.bridges import quantecon
from potentia.games.tabular.payoffs import tables_of
from slow_markov import random_arrays, random_profile

game_theory = pytest.importorskip("quantecon.game_theory")
markov = pytest.importorskip("quantecon.markov")

CASES = {"dense and masked": random_arrays(1, (3, 2, 2), 5, 0.9, masked=True),
         "sparse": random_arrays(2, (2, 3), 12, 0.99, successors=2),
         "ending": random_arrays(4, (2, 3, 2), 5, 0.95, play="ending"),
         "discount 0": random_arrays(5, (2, 2), 4, 0.0)}


@pytest.mark.parametrize("counts", [(2, 3), (2, 3, 4)])
def test_normal_form_games_go_both_ways(counts):
    tables = np.random.default_rng(1).normal(size=(len(counts), *counts))
    game = pt.MarkovGame.from_payoffs(*tables, name="drawn")
    theirs = pt.bridges.quantecon.to_quantecon(game)
    joint = tuple(count - 1 for count in counts)
    assert np.ravel(theirs[joint]).tolist() == tables[:, *joint].tolist()
    again = quantecon.from_quantecon(theirs, name="drawn")
    np.testing.assert_array_equal(np.stack(tables_of(again)), tables)
    assert again.name == "drawn"


def test_players_have_their_own_action_first():
    """In QuantEcon the second player's payoffs are [own action, the other's]."""
    players = [[[1, 2], [3, 4], [5, 6]], [[0, 1, 5], [2, 3, 4]]]
    theirs = game_theory.NormalFormGame([game_theory.Player(table) for table in players])
    first, second = tables_of(quantecon.from_quantecon(theirs))
    assert first.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert second.tolist() == [[0, 2], [1, 3], [5, 4]]


def test_pure_equilibria_are_quantecons():
    tables = np.random.default_rng(3).integers(-3, 4, size=(2, 3, 4)).astype(float)
    game = pt.MarkovGame.from_payoffs(*tables)
    theirs, pure = quantecon.to_quantecon(game), pt.equilibria.pure(game)
    joint = [(row, column) for row in range(3) for column in range(4)]
    assert [tuple(actions[:, 0]) for actions in pure.actions] == [
        actions for actions in joint if theirs.is_nash(actions)] != []


@pytest.mark.parametrize("case", CASES)
def test_policy_iteration_finds_the_best_response(case):
    game = pt.MarkovGame.from_arrays(**CASES[case])
    profile = random_profile(6, np.asarray(game.mask))
    certificate, response = pt.certify(game, profile), game.best_response(profile)
    for agent in range(game.n_agents):
        problem = quantecon.best_response_problem(game, profile, agent)
        values = problem.solve(method="policy_iteration").v
        np.testing.assert_allclose(values, response.value[agent], rtol=1e-11, atol=1e-12)
        gain = values @ np.asarray(game.initial) - certificate.values[agent]
        assert gain == pytest.approx(certificate.per_agent[agent], abs=1e-10)


def test_an_agent_is_called_by_its_name_and_a_profile_as_people_write_it():
    game = pt.MarkovGame.from_payoffs([[1, 2], [3, 4]], [[0, 1], [1, 0]], agents=["row", "column"],
                                      actions=["a", "b"])
    problem = quantecon.best_response_problem(game, {"row": "b", "column": "a"}, "column")
    assert problem.R.tolist() == [1, 0]
    with pytest.raises(pt.InputError, match="unknown agent 'colum'; did you mean 'column'"):
        quantecon.best_response_problem(game, {"row": "b", "column": "a"}, "colum")


def test_a_problem_of_one_agent_comes_back_as_it_was():
    game = pt.MarkovGame.from_arrays(**random_arrays(7, (3,), 6, 0.9, masked=True))
    profile = np.asarray(game.initial_profile("uniform", 0))
    problem = quantecon.best_response_problem(game, profile, 0)
    again = quantecon.from_discrete_dp(problem, initial=game.initial)
    exists = np.asarray(game.mask)[0]
    assert np.array_equal(np.asarray(again.mask)[0], exists)
    assert np.array_equal(np.asarray(again.rewards)[exists], np.asarray(game.rewards)[exists])
    np.testing.assert_allclose(again.transitions.csr().toarray()[exists.ravel()],
                               game.transitions.csr().toarray()[exists.ravel()], atol=1e-15)
    assert float(again.discount) == 0.9


def test_a_discrete_dp_of_their_own_is_solved_by_ours():
    rewards = np.array([[5.0, 10.0], [-1.0, -np.inf]])
    moves = np.array([[[0.5, 0.5], [0.0, 1.0]], [[0.0, 1.0], [0.5, 0.5]]])
    problem = markov.DiscreteDP(rewards, moves, 0.95)
    game = quantecon.from_discrete_dp(problem, initial=[1, 0], name="two states")
    best = game.best_response(np.asarray(game.initial_profile("uniform", 0))).value[0]
    np.testing.assert_allclose(best, problem.solve(method="policy_iteration").v, rtol=1e-12)


SMALL = pt.MarkovGame.from_arrays(np.zeros((1, 2, 2)), [[0, 1], [1, 0]], discount=0.5)
PROFILE = [[[0.5, 0.5], [0.5, 0.5]]]


@pytest.mark.parametrize(("call", "why"), [
    (lambda: quantecon.from_quantecon(3), "game is 3, but a quantecon.game_theory.NormalFormGame"),
    (lambda: quantecon.from_discrete_dp(3), "problem is 3, but a quantecon.markov.DiscreteDP"),
    (lambda: quantecon.to_quantecon(SMALL), "the game has 2 states, but a strategic game is play"),
    (lambda: quantecon.best_response_problem(SMALL, PROFILE, 1), "agent is 1, but it must be at m"),
    (lambda: quantecon.best_response_problem(SMALL, [[[1.0], [1.0]]], 0), "profile has shape"),
    (lambda: quantecon.best_response_problem(
        pt.MarkovGame.from_arrays(np.zeros((1, 2, 2)), [[0, 1], [1, 0]], discount=0.5,
                                  information=[[0, 0]]), [[[0.5, 0.5]]], 0),
     "do not see the state of the game"),
    (lambda: quantecon.best_response_problem(
        pt.MarkovGame.from_arrays([[[1.0], [0.0]]], [[1], [1]], discount=1), [[[1.0], [1.0]]], 0),
     "the game is at discount 1"),
])
def test_what_does_not_fit_is_said(call, why):
    with pytest.raises(pt.InputError) as told:
        call()
    assert why in str(told.value)
