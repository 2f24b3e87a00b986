"""What is said of roads with classes, held against what is said of the table of all joint paths."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.roads import normal_form
from potentia.potential import classify
from potentia.potential.road_witness import RoadWitness

STEEP = [[1, 2.0, 0.5, 0.1], [2, 1.0, 0.3, 0.0], [4, 0.1, 0.2, 0.05]]
AFFINE = [[1, 2.0], [2, 1.0], [4, 0.1]]
TOLLS = [0.5, 0.0, 1.0]


def roads(table, *classes: tuple[float, float], policies: str = "agent") -> pt.RoutingGame:
    """Two agents of the first class and one of the second on three roads, each with a policy of its
    own; classes: weights and values of time."""
    named = {name: pt.TrafficClass(*numbers) for name, numbers in zip(
        ("car", "lorry"), classes, strict=True)}
    return pt.RoutingGame.from_links([(1, 2)] * 3, pt.link_costs.polynomial(table),
                                     [(1, 2, 2, "car"), (1, 2, 1, "lorry")], classes=named,
                                     policies=policies, tolls=TOLLS, weight=0.5)


@pytest.mark.parametrize(("table", "classes", "weights"), [
    (STEEP, ((1.0, 1.0), (1.0, 3.0)), (1, 1, 3)),           # values of time alone
    (AFFINE, ((1.0, 2.0), (2.5, 10.0)), (1, 1, 2)),         # affine costs: v / w
])
def test_weighted_potentials_are_those_of_the_table(table, classes, weights):
    game = roads(table, *classes)
    kind, joint = classify(game), classify(game.normal_form()[0])
    assert (kind.verdict, joint.verdict) == ("REFUTED", "REFUTED")
    assert kind.weighted is not None
    assert joint.weighted is not None
    assert (kind.weighted.verdict, joint.weighted.verdict) == ("PROVEN", "PROVEN")
    np.testing.assert_allclose(np.array(kind.weighted.weights), weights, rtol=1e-12)
    np.testing.assert_allclose(np.array(joint.weighted.weights), weights, rtol=1e-12)
    one, other = (np.asarray(game.initial_profile("random", seed)) for seed in range(2))
    changes = [kind.weighted.potential(one) - kind.weighted.potential(other),
               joint.weighted.potential(normal_form.over_paths(game, one))
               - joint.weighted.potential(normal_form.over_paths(game, other))]
    assert changes[0] == pytest.approx(changes[1], rel=1e-9)
    assert game.potential(one) is None
    with pytest.raises(InputError, match="has no potential: REFUTED"):
        kind.potential(one)


def test_values_of_time_in_proportion_to_weights_leave_an_exact_potential_of_affine_costs():
    game = roads(AFFINE, (1.0, 2.0), (2.5, 5.0))
    kind = classify(game)
    assert (kind.verdict, kind.weighted) == ("PROVEN", None)
    table = game.normal_form()[0]
    one, other = (np.asarray(game.initial_profile("random", seed)) for seed in range(2))
    joint = classify(table)
    assert joint.verdict == "PROVEN"
    change = kind.potential(one) - kind.potential(other)
    assert change == pytest.approx(joint.potential(normal_form.over_paths(game, one))
                                   - joint.potential(normal_form.over_paths(game, other)), rel=1e-9)


@pytest.mark.parametrize(("classes", "why"), [
    (((1.0, 1.0), (2.5, 3.0)), "needs weights with a ratio of"),
    (((1.0, 1.0), (1.0, 0.0)), "gains nothing, whatever its weight"),
])
def test_where_no_weights_fit_the_table_says_so_too(classes, why):
    game = roads(STEEP, *classes)
    kind, joint = classify(game), classify(game.normal_form()[0])
    assert kind.verdict == "REFUTED"
    assert kind.weighted is not None
    assert joint.weighted is not None
    assert (kind.weighted.verdict, joint.weighted.verdict) == ("REFUTED", "REFUTED")
    assert why in kind.weighted.proof


def test_the_witness_is_a_four_cycle_that_the_table_has():
    """Two agents of the three; the third one keeps to the first road, cheapest to one alone."""
    game = roads(STEEP, (1.0, 1.0), (2.5, 3.0))
    witness = classify(game).witness
    assert isinstance(witness, RoadWitness)
    table, paths = game.normal_form()
    link = [[int(game.rows.link[path[0]]) for path in of_type] for of_type in paths]
    i, j = witness.types
    gains = []
    for k, (a, b) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        values = []
        for own in ((a, b), ((1, 0), (1, 1), (0, 1), (0, 0))[k]):
            joint = [row.index(0) for row in link]
            joint[i] = link[i].index(witness.paths[0][own[0]][0])
            joint[j] = link[j].index(witness.paths[1][own[1]][0])
            rewards = np.asarray(table.rewards)[0].reshape(3, 3, 3, 3)
            values.append(rewards[(*joint, (i, j)[k % 2])])
        gains.append(values[1] - values[0])
    np.testing.assert_allclose([float(gain) for gain in witness.gains], gains, rtol=1e-12)
    assert witness.total == sum(witness.gains, Fraction(0)) != 0
    assert "witness, sum of the gains" in str(classify(game))


def test_costs_that_are_no_polynomials_refute_nothing():
    classes = {"car": pt.TrafficClass(), "lorry": pt.TrafficClass(value_of_time=2.0)}
    costs = pt.link_costs.power_law([1, 2, 4], 1.0, 1.0, [1.5, 0.5, 2.5])
    game = pt.RoutingGame.from_links([(1, 2)] * 3, costs, [(1, 2, 2, "car"), (1, 2, 1, "lorry")],
                                     classes=classes, policies="agent", tolls=TOLLS)
    kind = classify(game)
    assert kind.verdict == "UNKNOWN"
    assert kind.weighted is not None
    assert kind.weighted.verdict == "PROVEN"
