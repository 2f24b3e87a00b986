"""Bushes of games that are learnt on the choices alone, where costs swing far."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import contraction

# Found by drawing networks: few agents, steep costs, and links that are taken by all or by nobody.
LINKS = [(1, 102), (1, 102), (103, 1), (1, 101), (100, 2), (1, 104), (102, 2), (104, 1), (1, 103),
         (104, 1), (103, 1), (1, 103), (101, 1), (2, 102), (2, 1), (2, 100), (1, 2), (1, 105),
         (102, 1), (105, 1)]
BASE = [0.04846, 0.75967, 0.76761, 0.45208, 0.62272, 0.59338, 0.091, 0.22962, 0.71491, 0.38301,
        0.12004, 0.30575, 0.97812, 0.86002, 0.71671, 0.59655, 0.10685, 0.97374, 0.21757, 0.57112]
RISE = [0.63715, 0.63975, 0.58757, 0.0259, 0.8368, 0.87039, 0.95911, 0.79468, 0.77231, 0.63438,
        0.68745, 0.4154, 0.37168, 0.42846, 0.982, 0.94834, 0.93982, 0.97334, 0.74728, 0.21244]
SCALE = [2.07017, 1.32112, 1.21397, 1.02195, 1.55123, 1.2456, 1.86471, 1.21265, 2.10899, 1.09699,
         2.90923, 1.56232, 1.01019, 1.15167, 1.35168, 1.41177, 1.84853, 1.69934, 1.00544, 1.36568]
POWER = [2.51472, 3.40551, 0.42225, 0.64429, 1.00117, 0.4869, 0.49012, 2.4316, 2.21899, 1.58557,
         3.12936, 1.68424, 0.59436, 0.87115, 3.03364, 1.78579, 0.84805, 3.13508, 1.08803, 0.82255]


@pytest.mark.parametrize("fewest", [0, 2**40])
def test_links_that_are_dear_while_costs_swing_are_not_given_up(
        fewest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept to what was nearly as good, bushes took from half the trips what they came back to, for
    ever, at a relative gap of a half."""
    monkeypatch.setattr(contraction, "FEWEST", fewest)
    game = pt.RoutingGame.from_links(
        LINKS, pt.link_costs.power_law(BASE, RISE, SCALE, POWER),
        [(102, 105, 5), (103, 102, 5), (101, 100, 3)], weight=2.4483278299811135, horizon=6,
        closed=[100, 103, 104, 105], detour=2.0, policies="destination")
    assert game.contractible == (fewest == 0)
    found = pt.solve(game, pt.rules.ProjectedNewton(), initial="uniform", tolerance=None,
                     relative_tolerance=1e-4, max_iterations=400, check_every=20, progress=False)
    assert np.asarray(found.history["relative_gap"])[-1] < 1e-4
