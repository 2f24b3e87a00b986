"""The two-link congestion game: payoffs by hand, an exact potential, the symmetric mixed
equilibrium."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest

import potentia as pt
from potentia import InputError, games
from potentia.games.zoo.two_link_congestion import build


def test_rewards_are_negative_costs_by_hand() -> None:
    game = build(costs=(1.0, 1.5))
    assert (game.n_agents, game.n_states, game.action_counts, game.discount) == (2, 1, (2, 2), 0.0)
    # actions 00, 01, 10, 11
    assert game.rewards[0].tolist() == [[-2, -2], [-1, -1.5], [-1.5, -1], [-3, -3]]
    assert game.stage_potential.tolist() == [[-3, -2.5, -2.5, -4.5]]  # -(1 + 2), -(1 + 1.5), ...
    # play stays in its one state
    np.testing.assert_array_equal(game.transitions.csr().toarray(), np.ones((4, 1)))
    assert not game.absorbing.any()


def test_costs_and_potential_against_counting() -> None:
    costs = (0.7, 2.25)
    game = build(costs)
    for place, chosen in enumerate(itertools.product(range(2), repeat=2)):
        assert game.rewards[0, place].tolist() == [-costs[own] * chosen.count(own)
                                                   for own in chosen]
        rosenthal = -sum(Fraction(costs[link]) * k for link in range(2)
                         for k in range(1, chosen.count(link) + 1))
        assert game.stage_potential[0, place] == pytest.approx(float(rosenthal), rel=1e-15)


@pytest.mark.parametrize("discount", [0.0, 0.6])
def test_the_potential_moves_as_the_value_of_whoever_moves(discount: float) -> None:
    game = build((1.0, 1.4), discount)
    rng = np.random.default_rng(3)
    for agent in (0, 1, 0, 1):
        before = rng.dirichlet([1, 1], size=(2, 1))
        after = before.copy()
        after[agent] = rng.dirichlet([1, 1], size=1)
        gained = game.evaluate(after).v[agent, 0] - game.evaluate(before).v[agent, 0]
        assert game.potential(after) - game.potential(before) == pytest.approx(gained, abs=1e-13)


def test_the_symmetric_mixed_equilibrium() -> None:
    # Indifference at 2 c2 - c1 = (c1 + c2) x: with costs 1 and 1.4, x = 3/4.
    game = build((1.0, 1.4))
    assert pt.certify(game, np.tile([0.75, 0.25], (2, 1, 1))).nash_gap < 1e-13
    assert pt.certify(game, np.tile([0.5, 0.5], (2, 1, 1))).nash_gap_lower > 0.2
    # and a pure one, off the diagonal
    assert pt.certify(game, [[[1, 0]], [[0, 1]]]).nash_gap < 1e-13


@pytest.mark.parametrize(("parameters", "message"), [
    ({"costs": (1, 0)}, r"costs\[1\] is 0, but it must be positive"),
    ({"costs": (-1, 1)}, r"costs\[0\] is -1, but it must be positive"),
    ({"costs": (1, "b")}, r"costs\[1\] is 'b', not a number"),
    ({"costs": (1, np.inf)}, r"costs\[1\] is inf, not a finite number"),
    ({"costs": (1, 2, 3)},
     r"costs is \(1, 2, 3\), but it must be two positive numbers, one a link"),
    ({"costs": 3}, r"costs is 3, but it must be two positive numbers"),
    ({"costs": np.array(3)}, r"costs is array\(3\), but it must be two positive numbers"),
    ({"costs": "12"}, r"costs is '12', but it must be two positive numbers"),
    ({"discount": 1.0}, r"discount is 1, but play never ends"),
    ({"discount": 2}, r"discount is 2, but it must lie in \[0, 1\]"),
    ({"discount": "x"}, r"discount is 'x', not a number")])
def test_bad_parameters_are_refused_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(**parameters)


def test_the_registry_builds_it() -> None:
    assert games.make("two-link-congestion", costs=[1, 1]).name == "two-link-congestion"
