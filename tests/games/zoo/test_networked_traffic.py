"""The traffic of three bridges, against sums over independent agents."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia import InputError
from potentia.games.zoo.networked_traffic import build

EDGES = {0: (4,), 1: (4, 5), 2: (5, 6), 3: (6,), 4: (7,), 5: (7,), 6: (7,)}


def expected_costs(each: int, horizon: int, discount: float) -> list[float]:
    """What an agent of each start pays, if everybody chooses uniformly among staying and going."""
    taken = np.zeros((4, horizon, 8, 8))                    # probability of each move in each step
    for start in range(4):
        where = np.eye(8)[start]
        for step in range(horizon):
            for node, ways in EDGES.items():
                for target in (node, *ways):
                    taken[start, step, node, target] = where[node] / (1 + len(ways))
            where = taken[start, step].sum(axis=0) + where * (np.arange(8) == 7)
    load = each * taken.sum(axis=0)                         # [horizon, 8, 8] of all agents
    cost = 0.5 + (1 + load[None] - taken) * (1 - np.eye(8))
    weights = discount ** np.arange(horizon)[:, None, None]
    return (taken * cost * weights).sum(axis=(1, 2, 3)).tolist()


@pytest.fixture(scope="module")
def game() -> pt.RoutingGame:
    return build(agents_each=2, horizon=4)


def test_costs_of_uniform_play(game: pt.RoutingGame) -> None:
    uniform = game.initial_profile("uniform", None)
    costs = -np.asarray(game.start_values(uniform))
    assert costs.tolist() == pytest.approx(expected_costs(2, 4, 0.9), rel=1e-12)


def test_it_is_the_size_that_is_published() -> None:
    whole = build()
    assert whole.n_agents == 12
    assert len(whole.links) == 15 * (9 + 7) + 15 + 8
    assert build(policies="agent").trips.count.tolist() == [1] * 12


def test_alone_one_goes_at_once() -> None:
    """Over a bridge of one's own: two edges of 1/2 + 1, the second a step later."""
    alone = build(agents_each=1, horizon=4, discount=0.5)
    profile = np.zeros(alone.mask.shape)
    profile[..., 0] = 1.0                                    # the first link of each row: an edge
    assert np.asarray(alone.mask)[..., 0].all()
    costs = (-np.asarray(alone.start_values(profile))).tolist()
    # Starts 0 and 1 share the first bridge, 2 has the second alone, and 3 the third.
    assert costs == pytest.approx([1.5 + 0.5 * 2.5, 1.5 + 0.5 * 2.5, 1.5 + 0.5 * 1.5,
                                   1.5 + 0.5 * 1.5])


@pytest.mark.parametrize(("parameters", "message"), [
    ({"agents_each": 0}, "agents_each is 0, but it must be at least 1"),
    ({"horizon": 2}, "horizon is 2, but it must be at least 3"),
    ({"discount": 1}, r"discount is 1, but it must lie in \[0, 1\)"),
    ({"policies": "node"}, "unknown policies 'node'")])
def test_bad_parameters_are_refused_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(**parameters)
