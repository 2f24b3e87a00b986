"""The grid of two agents who should not meet, against its walks enumerated by code of our own."""

from __future__ import annotations

import itertools

import networkx as nx
import numpy as np
import pytest

import potentia as pt
from potentia import InputError
from potentia.games.zoo.constrained_grid import build

SIDE, STEPS, TARGET = 4, 6, 11                              # of the source
PAID = {1: 2.0, 4: 1.0, 11: 10.0}
SAFE = {0, 11}
UP, RIGHT, DOWN, LEFT = range(4)
MOVES = {UP: (-1, 0), RIGHT: (0, 1), DOWN: (1, 0), LEFT: (0, -1)}


def moved(cell: int, action: int, side: int = SIDE) -> int:
    """By the edges of networkx's grid; what leads off it stays."""
    row, column = divmod(cell, side)
    there = row + MOVES[action][0], column + MOVES[action][1]
    known = there in nx.grid_2d_graph(side, side)[row, column]
    return there[0] * side + there[1] if known else cell


def walked() -> dict[tuple[int, ...], tuple[int, ...]]:
    """The cells of every walk from the start, by one choice of the actions."""
    ways = {(cell, action): moved(cell, action) for cell in range(16) for action in range(4)}
    found = {}
    for actions in itertools.product(range(4), repeat=STEPS - 1):
        walk = [0]
        for action in actions:
            walk.append(ways[walk[-1], action])
        found[tuple(walk)] = actions
    return found


WALKS = walked()
LISTED = list(WALKS)
ALONE = np.array([sum(PAID.get(cell, 0.0) for cell in walk) for walk in LISTED])
HERE = np.array(LISTED)
COLLISIONS = ((HERE[:, None] == HERE) & ~np.isin(HERE, list(SAFE))).sum(axis=2)


def gains(price: float) -> np.ndarray:
    """[walks, walks] what the agent with the first walk would gain by its best one."""
    worth = ALONE[:, None] - price * COLLISIONS
    return worth.max(axis=0) - worth


def profile_of(game: pt.MarkovGame, *plans: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """Each agent goes the walks of its plan, from wherever they first part; elsewhere it goes
    up."""
    profile = np.zeros(game.mask.shape)
    profile[..., UP] = 1.0
    seen = [(time, cell) for time in range(STEPS) for cell in range(16)
            if sum(divmod(cell, SIDE)) <= time]
    for agent, walk in ((agent, walk) for agent, plan in enumerate(plans) for walk in plan):
        for time, action in enumerate(WALKS[walk]):
            profile[agent, seen.index((time, walk[time]))] = np.eye(4)[action]
    return profile


def test_walks_are_worth_what_they_are_counted_to_be() -> None:
    game, rng = build(price=1.5), np.random.default_rng(0)
    gap = gains(1.5)
    for a, b in rng.integers(len(LISTED), size=(4, 2)):
        certificate = pt.certify(game, profile_of(game, (LISTED[a],), (LISTED[b],)))
        expected = ALONE[[a, b]] - 1.5 * COLLISIONS[a, b]
        assert certificate.values == pytest.approx(expected, abs=1e-12)
        assert certificate.per_agent == pytest.approx([gap[a, b], gap[b, a]], abs=1e-9)


@pytest.mark.parametrize(("price", "outcomes"), [
    (0.0, {(24, 1), (24, 2), (24, 3), (24, 4)}), (0.25, {(24, 1), (24, 2)}),
    (0.75, {(24, 1), (23, 0)}), (1.5, {(23, 0), (23, 1)}), (2.5, {(23, 0), (21, 0)})])
def test_pure_equilibria_by_price(price: float, outcomes: set) -> None:
    """Rewards of both without the price, and collisions."""
    gap = gains(price)
    nash = np.argwhere((gap <= 1e-12) & (gap.T <= 1e-12))
    assert {(ALONE[[a, b]].sum(), COLLISIONS[a, b]) for a, b in nash} == outcomes
    together = ALONE[:, None] + ALONE - price * COLLISIONS
    assert together.max() == max(24 - price, 23)


def test_the_budget_of_the_source_is_spent_at_price_one() -> None:
    game = build()
    profile = profile_of(game, ((0, 1, 2, 3, 7, 11),),
                         ((0, 4, 8, 9, 10, 11), (0, 1, 5, 6, 10, 11)))
    profile[1, 0] = [0, 0.1, 0.9, 0]
    certificate = pt.certify(game, profile)
    assert certificate.nash_gap <= 1e-10
    assert certificate.values == pytest.approx([11.9, 11.0], abs=1e-12)
    free = pt.certify(build(price=0.0), profile)
    assert free.values.sum() == pytest.approx(23.1)
    assert free.values - certificate.values == pytest.approx([0.1, 0.1])


def test_values_and_potential_of_mixed_policies() -> None:
    """Where each stands is drawn by its own policy alone."""
    price, side, steps = 0.7, 3, 4
    game = build(price=price, size=side)
    profile = np.asarray(game.initial_profile("random", 5))
    row, here = itertools.count(), np.zeros((2, 9))
    here[:, 0] = 1.0
    worth, met = np.zeros(2), 0.0
    for time in range(steps):
        worth += here @ [0, 2, 0, 1, 0, 10, 0, 0, 0]
        met += (here[0] * here[1])[[1, 2, 3, 4, 6, 7, 8]].sum()
        there = np.zeros((2, 9))
        for cell in (cell for cell in range(9) if sum(divmod(cell, side)) <= time):
            policy = profile[:, next(row)]
            for action in range(4):
                there[:, moved(cell, action, side)] += here[:, cell] * policy[:, action]
        here = there
    assert next(row) == game.mask.shape[1] - 1              # and the end
    assert np.asarray(game.start_values(profile)) == pytest.approx(worth - price * met, abs=1e-12)
    assert float(game.potential(profile)) == pytest.approx(worth.sum() - price * met, abs=1e-12)


def test_a_potential_game_of_those_who_look_at_themselves() -> None:
    """Without a price too: who sees the other may walk by where it stands."""
    assert pt.potential.classify(build(size=3)).verdict == "PROVEN"
    state = pt.potential.classify(build(price=0.0, size=3, observe="state"))
    assert state.verdict == "REFUTED"
    assert state.alpha_lower > 1.9


@pytest.mark.parametrize(("parameters", "message"), [
    ({"price": -1}, "price is -1, but it must not be negative"),
    ({"size": 2}, "size is 2, but it must be at least 3"),
    ({"horizon": 0}, "horizon is 0, but it must be at least 1"),
    ({"observe": "cell"}, "unknown observe 'cell'")])
def test_bad_parameters_are_refused_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(**parameters)
