"""What all pay together where classes that value time otherwise share rows, against numbers of
agents drawn one by one: both classes' are binomial."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

import potentia as pt

AGENTS, TAKEN, TOLLS = (15, 6), ((0.3, 0.7), (0.6, 0.4)), (1.0, 0.0)
BASE, RISE, SCALE, POWER = (10.0, 9.0), (3.0, 2.0), (10.0, 8.0), 2.5


def by_hand(value: float) -> float:
    cars, lorries, total = np.arange(AGENTS[0] + 1)[:, None], np.arange(AGENTS[1] + 1), 0.0
    for link in range(2):
        chance = (binom.pmf(cars, AGENTS[0], TAKEN[0][link])
                  * binom.pmf(lorries, AGENTS[1], TAKEN[1][link]))
        time = BASE[link] + RISE[link] * ((cars + lorries) / SCALE[link]) ** POWER
        paid = cars * (time + TOLLS[link]) + lorries * (value * time + TOLLS[link])
        total += float((chance * paid).sum())
    return total


@pytest.mark.parametrize(("value", "within"), [(1.0, 1e-4), (3.0, 6.0), (0.5, 1.5), (0.0, 3.0)])
def test_what_classes_pay_together_lies_within_its_error(value: float, within: float) -> None:
    """Alike, to the error of the links' own costs; unlike, within a third of what one agent more on
    the links would cost all."""
    classes = {"car": pt.TrafficClass(), "lorry": pt.TrafficClass(value_of_time=value)}
    game = pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], costs=pt.link_costs.power_law(BASE, RISE, SCALE, POWER), tolls=TOLLS,
        demand=[(1, 2, count, name) for count, name in zip(AGENTS, classes, strict=True)],
        classes=classes, policies="destination")
    profile = np.zeros(game.usable.shape)
    profile[..., 0] = 1.0
    profile[game.trips.row, 0] = TAKEN
    told = game.totals(profile)
    assert abs(told.expected_cost - by_hand(value)) <= told.error <= within
    assert told.expected_cost == pytest.approx(by_hand(value), abs=0.05)
