"""Markov routing of arXiv 2205.14590: pay and probabilities by hand, and which of its games are
potential games."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.load_driven.game import LoadGame
from potentia.games.zoo.markov_routing import build


def joint(game: pt.MarkovGame, *routes: int) -> int:
    return int(np.ravel_multi_index(routes, game.action_counts))


def test_the_published_numbers() -> None:
    game = build()
    assert isinstance(game, pt.MarkovGame)
    assert (game.n_agents, game.n_states, game.action_counts) == (4, 4, (2, 2, 2, 2))
    assert game.discount == 0.5
    assert game.initial.tolist() == [0.25] * 4
    assert game.stage_potential is None


@pytest.mark.parametrize(("state", "routes", "pay"), [
    (0, (0, 0, 0, 1), [9 - 2 * 2 * 3] * 3 + [16 - 2 * 4]),      # both safe: slopes count twice
    (1, (0, 1, 1, 1), [9 - 2 * 2, *[16 - 4 * 3] * 3]),          # the second is unsafe
    (2, (0, 0, 1, 1), [9 - 2 * 2] * 2 + [16 - 2 * 4 * 2] * 2),  # the first is unsafe
    (3, (1, 1, 1, 1), [16 - 4 * 4] * 4)])
def test_pay_by_hand(state: int, routes: tuple[int, ...], pay: list[float]) -> None:
    game = build()
    assert game.rewards[state, joint(game, *routes)].tolist() == pay
    common = build(pay="common")
    assert common.rewards[state, joint(common, *routes)].tolist() == [sum(pay)] * 4


@pytest.mark.parametrize(("routes", "safe"),
                         [((0, 0, 0, 1), (0.2, 0.8)), ((0, 0, 1, 1), (0.2, 0.2)),
                          ((1, 1, 1, 1), (0.8, 0.2))])
def test_statuses_are_drawn_by_the_loads_alone(routes: tuple[int, ...],
                                               safe: tuple[float, float]) -> None:
    game = build()
    rows = game.transitions.csr().toarray().reshape(4, 16, 4)[:, joint(game, *routes)]
    expected = [(p if a == 0 else 1 - p) * (q if b == 0 else 1 - q)
                for (p, q), (a, b) in zip([safe] * 4, itertools.product((0, 1), repeat=2),
                                          strict=True)]
    np.testing.assert_allclose(rows, [expected] * 4, rtol=1e-15)


def test_moved_by_chance_is_the_mean_over_all_joint_choices() -> None:
    by_loads, by_chance = (build(moved_by=kind).transitions.csr().toarray().reshape(4, 16, 4)
                           for kind in ("loads", "chance"))
    np.testing.assert_allclose(by_chance, by_loads.mean(axis=1, keepdims=True).repeat(16, axis=1),
                               rtol=1e-14)


@pytest.mark.parametrize(("parameters", "verdict"), [
    ({}, "REFUTED"), ({"pay": "common"}, "PROVEN"), ({"moved_by": "chance"}, "PROVEN"),
    ({"discount": 0.0}, "PROVEN")])
def test_which_are_potential_games(parameters: dict, verdict: str) -> None:
    assert pt.potential.classify(build(**parameters)).verdict == verdict
    loads = build(**parameters, representation="loads")
    assert isinstance(loads, LoadGame)
    assert (loads.stage_potential is not None) == (verdict == "PROVEN")


def test_three_routes() -> None:
    game = build(3, (1, 2, 3), (4, 5, 6), crowd=1, safe_factor=1, unsafe_factor=3,
                 representation="loads")
    assert isinstance(game, LoadGame)
    assert game.mask.shape == (3, 8, 3)
    np.testing.assert_allclose(game.pay[0, 0b011, :, 2], [4 - 2, 5 - 3 * 4, 6 - 3 * 6])
    counted = game.counts.vectors.tolist().index([0, 3, 0])
    assert game.following[0, counted, 0b010] == pytest.approx(0.8 * 0.8 * 0.8)
    assert game.following[0, counted, 0b000] == pytest.approx(0.8 * 0.2 * 0.8)


@pytest.mark.parametrize(("parameters", "message"), [
    ({"n_agents": 0}, r"n_agents is 0, but it must be at least 1"),
    ({"slopes": 3}, r"slopes is 3, but it must be 2 to 10 numbers, one a route"),
    ({"slopes": (1,)}, r"slopes is \(1,\), but it must be 2 to 10 numbers"),
    ({"slopes": "12"}, r"slopes is '12', but it must be 2 to 10 numbers"),
    ({"slopes": np.ones(11)}, r"slopes is array\(.*\), but it must be 2 to 10 numbers"),
    ({"intercepts": (1, 2, 3)},
     r"intercepts is \(1, 2, 3\), but it must be 2 numbers, one a route"),
    ({"slopes": (1, "b")}, r"slopes\[1\] is 'b', not a number"),
    ({"safe_factor": np.nan}, r"safe_factor is nan, not a finite number"),
    ({"crowd": 0}, r"crowd is 0, but it must be at least 1"),
    ({"safe_if_free": 1.2}, r"safe_if_free is 1\.2, but it must lie in \[0, 1\]"),
    ({"pay": "all"}, r"unknown pay 'all'"),
    ({"moved_by": "load"}, r"unknown moved_by 'load'; did you mean 'loads'\?"),
    ({"discount": 1}, r"discount is 1, but play need not end"),
    ({"representation": "table"}, r"unknown representation 'table'"),
    ({"n_agents": 24, "representation": "tabular"},
     r"n_agents=24 .*; representation='loads' needs no table$")])
def test_bad_parameters_are_refused_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(**parameters)
