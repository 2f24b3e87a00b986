"""What an exact iteration of a routing game takes.

A sweep along a bush meets its blocks one after the other; all else is done to each action of each
row, or to each link. Hardly any of it is a product of matrices: the time goes into gathering and
into arithmetic of single numbers, which `passes` counts in units of a machine's own speed. Its
constants were fitted to measured iterations of `AdaptiveINPG`, from two links to two hundred
thousand rows, and hold within a factor of two to three where nothing else runs.
"""

from __future__ import annotations

import numpy as np

from potentia.games.estimate import GATHER
from potentia.games.roads.data import RoadData
from potentia.games.roads.large_loads import TERMS
from potentia.games.roads.load_windows import window
from potentia.games.roads.power_means import NODES, QUADRATURE

# All in passes: an iteration whatever the game is, a block of a sweep, an action of a row,
FIXED, BLOCK, ACTION = 2500, 100, 35
# an action's own cost by each power of the load, a power sum of it,
POWER, NODE = 2.5, 3.0
# a number in a window of loads, and a point of a quadrature with each moment of the load.
NUMBER, POINT = 5.5, 0.7


def operations(game: RoadData) -> tuple[float, float]:
    """Operations of an exact evaluation, and bytes that it reads from tables that no cache
    holds."""
    entries = np.size(game.usable)
    # Powers of probabilities, cumulants and moments; then probabilities forward, by adding to
    # what follows, and costs backward, by gathering.
    links = len(game.link_of) / entries
    if game.large:
        means = 4 * TERMS**2
    elif game.order:
        means = 8 * NODES + links * QUADRATURE[2] * NODES * (40 + 4 * game.order**2)
    elif game.costs.coefficients is None:
        means = 12 * window(game.n_agents)
    else:
        means = 4 * (game.costs.coefficients.shape[1] - 1) ** 2
    return entries * (means + 8), 8 * entries * (6 * GATHER + 12)


def passes(game: RoadData) -> float:
    """How many numbers an exact iteration gathers, multiplies and adds, if that were all it did."""
    entries = np.size(game.usable)
    swept = FIXED + 2 * BLOCK * int(game.bush.blocks)
    if game.large:
        return swept + entries * (ACTION + POWER * TERMS * (game.shared is None))
    if game.order:
        own = 0.0 if game.shared is not None else NODE * NODES
        points = len(game.link_of) * QUADRATURE[2] * NODES * POINT * (3 + game.order)
        return swept + entries * (ACTION + own) + points
    if game.costs.coefficients is None:
        return swept + entries * (ACTION + NUMBER * window(game.n_agents))
    return swept + entries * (ACTION + POWER * (game.costs.coefficients.shape[1] - 1))
