"""Bimatrix games of nashpy as ours and back, and its equilibria by our certificates."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.games.tabular.payoffs import tables_of

nashpy = pytest.importorskip("nashpy")


def test_games_go_both_ways():
    first, second = np.random.default_rng(1).normal(size=(2, 3, 2))
    game = pt.bridges.nashpy.from_nashpy(nashpy.Game(first, second), name="drawn")
    assert [table.tolist() for table in tables_of(game)] == [first.tolist(), second.tolist()]
    again = pt.bridges.nashpy.to_nashpy(game).payoff_matrices
    assert [table.tolist() for table in again] == [first.tolist(), second.tolist()]
    assert game.name == "drawn"


def test_one_matrix_is_a_game_of_zero_sum_whose_equilibrium_has_no_gap():
    theirs = nashpy.Game([[2, -1], [-1, 1]])
    game = pt.bridges.nashpy.from_nashpy(theirs)
    (found,) = theirs.support_enumeration()
    assert pt.certify(game, np.stack(found)[:, None]).nash_gap <= 1e-12


@pytest.mark.parametrize(("call", "why"), [
    (lambda: pt.bridges.nashpy.from_nashpy([[1]]), r"but a nashpy\.Game was expected"),
    (lambda: pt.bridges.nashpy.to_nashpy(pt.MarkovGame.from_payoffs(*np.zeros((3, 2, 2, 2)))),
     "the game has 3 agents, but nashpy holds games of 2"),
])
def test_what_does_not_fit_is_said(call, why):
    with pytest.raises(pt.InputError, match=why):
        call()
