"""Isolated fixed points: known spectra, ties, and the whole Jacobian of MWU by differences in plain
NumPy."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import potentia as pt
from potentia.theory import isolation as module
from potentia.theory.dynamics import follow
from potentia.theory.isolation import FAILS, HOLDS, UNKNOWN, at_profile, isolated
from slow_markov import random_arrays


def one_state(table: object, discount: float = 0.0) -> pt.MarkovGame:
    """A common-interest game of one state."""
    rewards = np.asarray(table, float)
    game = pt.MarkovGame.from_arrays(np.stack([rewards] * rewards.ndim)[:, None],
                                     np.zeros((1, *rewards.shape), int), discount=discount)
    return dataclasses.replace(game, stage_potential=np.asarray(game.rewards)[:, :, 0])


def rows(*policies: object) -> np.ndarray:
    return np.array(policies, float)[:, None]


COORDINATION = one_state([[1.0, 0.0], [0.0, 1.0]])


def test_a_strict_equilibrium_holds_with_its_closed_form():
    """The action that is not played has advantage -1: its eigenvalue is exp(-step)."""
    found = at_profile(COORDINATION, rows([1, 0], [1, 0]), 0.3)
    assert found.status == HOLDS
    assert found.distance == pytest.approx(1 - math.exp(-0.3), rel=1e-12)
    assert found.why == ("the fixed point is pure and strict: the smallest |1 - eigenvalue| of the "
                         "update's derivative there is 0.259; 0 if not isolated")


@pytest.mark.parametrize("discount", [0.0, 0.75])
def test_an_isolated_mixed_point_holds_with_its_closed_form(discount):
    """x' = x + c/2 y and y' = y + c/2 x to first order: eigenvalues 1 -+ c/2, c = step/(1 -
    discount)."""
    found = at_profile(one_state([[1.0, 0.0], [0.0, 1.0]], discount), rows([0.5, 0.5], [0.5, 0.5]),
                       0.3)
    assert found.status == HOLDS
    assert found.distance == pytest.approx(0.15 / (1 - discount), rel=1e-12)
    assert found.why.startswith(
        "the fixed point is mixed in 2 coordinates: the smallest |1 - eigenvalue| ")


def test_a_tie_fails_by_name():
    """Agent 1's actions are worth the same when agent 0 plays 0."""
    found = at_profile(one_state([[1.0, 1.0], [0.0, 0.5]]), rows([1, 0], [1, 0]), 0.3)
    assert (found.status, found.distance) == (FAILS, 0.0)
    assert found.why == "agent=1, information state=0, action=1 is not played and ties at 0"


def test_a_line_of_fixed_points_fails():
    found = at_profile(one_state([[1.0, 1.0], [0.0, 0.5]]), rows([1, 0], [0.3, 0.7]), 0.3)
    assert found.status == FAILS
    assert found.why == ("the fixed point is mixed and can be moved, most of all at agent=1, "
                         "information state=0, action=0")


@pytest.mark.parametrize(("gain", "status"), [(1e-12, FAILS), (1e-8, UNKNOWN), (1e-4, HOLDS)])
def test_a_near_tie_is_not_decided(gain, status):
    found = at_profile(one_state([[1.0, 1.0 - gain], [0.0, 0.0]]), rows([1, 0], [1, 0]), 0.3)
    assert found.status == status
    if status == UNKNOWN:
        assert found.why == ("agent=1, information state=0, action=1 is not played and has "
                             "advantage -1e-08: nearly a tie")
        assert found.distance is None


def test_a_nearly_singular_face_is_not_decided():
    table = [[1.0, 1.0 - 1e-8, 0.0], [1.0 - 1e-8, 1.0, 0.0], [0.0, 0.0, 0.0]]
    found = at_profile(one_state(table), rows([0.5, 0.5, 0], [0.5, 0.5, 0]), 0.3)
    assert found.status == UNKNOWN
    assert found.why.startswith(
        "the fixed point is mixed and I - DF nearly singular, most of all at agent=")


def test_what_is_no_fixed_point_is_not_decided():
    found = at_profile(COORDINATION, rows([0.9, 0.1], [0.9, 0.1]), 0.3)
    assert found.status == UNKNOWN
    assert found.why == ("the profile reached is no fixed point once probabilities below 1e-06 are "
                         "0: an advantage of 0.072 is left")


def test_tiny_probabilities_are_set_to_0():
    assert at_profile(COORDINATION, rows([1 - 1e-9, 1e-9], [1, 0]), 0.3).status == HOLDS


def test_too_many_coordinates_are_not_decided(monkeypatch):
    monkeypatch.setattr(module, "MOST_COORDINATES", 1)
    found = at_profile(COORDINATION, rows([0.5, 0.5], [0.5, 0.5]), 0.3)
    assert (found.status, found.why) == (UNKNOWN,
                                         "the fixed point is mixed in 2 coordinates, more than the "
                                         "1 that are "
                                                  "checked")


def test_a_run_cut_short_is_not_decided():
    found = isolated(COORDINATION, 0.3, updates=2)
    assert (found.status, found.why) == (
        UNKNOWN, "no fixed point reached: the profile still moved after 2 updates")


def test_a_run_whose_potential_falls_is_not_decided():
    wrong = dataclasses.replace(COORDINATION, stage_potential=-COORDINATION.stage_potential)
    found = isolated(wrong, 0.3)
    assert (found.status,
            found.why) == (UNKNOWN, "no fixed point reached: the potential fell after 1 update")


def test_a_run_does_not_rest_where_a_better_action_is_all_but_extinct(x64):
    """Agent 1's action 1 gains 1 and has probability 1e-14: nothing moves yet."""
    game = one_state([[0.0, 1.0], [0.0, 0.0]])
    start = np.log(rows([1 - 1e-14, 1e-14], [1 - 1e-14, 1e-14]))
    run = follow(game, start, np.float64(0.5), np.int64(1000), np.float64(1e-10),
                 np.ones((2, 1), bool))
    assert run.rests
    assert np.exp(run.log_profile[1, 0, 1]) == pytest.approx(1)


@pytest.mark.parametrize("seed", range(3))
def test_random_common_interest_holds(seed):
    arrays = random_arrays(seed, (2, 3), 3, 0.9)
    arrays["rewards"] = np.stack([arrays["rewards"][0]] * 2)
    game = pt.MarkovGame.from_arrays(**arrays)
    found = isolated(dataclasses.replace(game, stage_potential=np.asarray(game.rewards)[:, :, 0]),
                     0.1, seed=seed)
    assert found.status == HOLDS
    assert found.distance > 0


def test_a_duplicated_action_fails():
    """Two names for one action: their shares are free along every fixed point that plays it."""
    arrays = random_arrays(0, (2, 3), 3, 0.9)
    arrays["rewards"] = np.stack([arrays["rewards"][0]] * 2)
    arrays["rewards"][:, :, 1] = arrays["rewards"][:, :, 0]
    arrays["transitions"][:, 1] = arrays["transitions"][:, 0]
    game = pt.MarkovGame.from_arrays(**arrays)
    found = isolated(dataclasses.replace(game, stage_potential=np.asarray(game.rewards)[:, :, 0]),
                     0.1)
    assert found.status == FAILS
    assert "agent=0" in found.why


def test_where_play_has_ended_or_never_comes_nothing_is_at_stake():
    """State 2 has ended and state 1 is out of reach: both tie in everything."""
    rewards = [[[1.0, 0.5], [0.0, 0.0], [0.0, 0.0]]]
    game = pt.MarkovGame.from_arrays(rewards, [[2, 2], [1, 1], [2, 2]], discount=0.5,
                                     initial=[1.0, 0.0, 0.0])
    game = dataclasses.replace(game, stage_potential=np.asarray(game.rewards)[:, :, 0])
    assert isolated(game, 0.5).status == HOLDS
    assert at_profile(game, np.array([[[1.0, 0.0]] * 3]), 0.5).status == HOLDS


def test_local_policies_are_free_where_the_play_reached_never_comes():
    game = pt.games.make("stochastic-congestion", n_agents=2, observe="own")
    found = isolated(game, 0.02)
    assert found.status == FAILS
    assert "is free, since the play reached never comes there (" in found.why


def slow_update(table: np.ndarray, x: np.ndarray, y: np.ndarray,
                step: float) -> tuple[np.ndarray, np.ndarray]:
    """MWU in a common-interest game of one state at discount 0."""
    new_x, new_y = x * np.exp(step * (table @ y - x @ table @ y)), y * np.exp(
        step * (x @ table - x @ table @ y))
    return new_x / new_x.sum(), new_y / new_y.sum()


@pytest.mark.parametrize(("lows", "step"),
                         [((-0.3, -0.1), 0.4), ((-0.1, -2.0), 0.4), ((-0.01, -0.02), 1.0)])
def test_the_whole_jacobian_has_the_same_smallest_distance(lows, step):
    """Actions that are not played are coordinates too: here they are, by central differences of the
    map itself."""
    table = np.full((3, 3), -3.0)
    table[:2, :2] = np.eye(2)
    table[2, :2], table[:2, 2] = 0.5 + lows[0], 0.5 + lows[1]
    point = np.array([0.5, 0.5, 0.0])
    # Tangent coordinates of each simplex: one played action makes up for the others.
    basis = np.array([[-1.0, 1.0, 0.0], [-1.0, 0.0, 1.0]])

    def moved(shift: np.ndarray) -> np.ndarray:
        x, y = slow_update(table, point + shift[:2] @ basis, point + shift[2:] @ basis, step)
        return np.concatenate([x[1:], y[1:]])

    small = 1e-5
    jacobian = np.stack([(moved(small * e) - moved(-small * e)) / (2 * small) for e in np.eye(4)],
                        axis=1)
    truth = np.abs(1 - np.linalg.eigvals(jacobian)).min()
    found = at_profile(one_state(table), rows(point, point), step)
    assert found.status == HOLDS
    assert found.distance == pytest.approx(float(truth), rel=1e-7)


def test_nothing_is_isolated_where_nothing_is_paid():
    """Every profile of a game of zeros is a fixed point, in one state or in two that play can only
    begin in."""
    nothing = one_state(np.zeros((2, 2)), 0.9)
    found = isolated(nothing, 1.0)
    assert (found.status, found.distance) == (FAILS, 0.0)
    assert found.why.startswith("the fixed point is mixed and can be moved, most of all at agent=")
    hypotheses = {each.name: each.status for each in pt.theory.report(nothing).hypotheses}
    assert hypotheses["isolated fixed points"] == FAILS
    zeros = np.zeros((2, 2, 2, 2))
    stays = pt.MarkovGame.from_arrays(zeros, np.arange(2)[:, None, None] + np.zeros((2, 2, 2), int),
                                      discount=0.9)
    assert isolated(stays, 1.0).status == FAILS
