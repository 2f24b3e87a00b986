"""What would be best for all: agents who pay what they cost all, and a bound that no total cost
gets below.

An agent on a link of k pays k c(w k) - (k - 1) c(w (k - 1)), so that the potential is the total
cost (Pigou 1920; Beckmann, McGuire and Winsten 1956). Where x c(x) is convex, the total cost at
mean flows is below the expected one (Jensen) and above its own linearisation, which shortest paths
minimise (Frank and Wolfe 1956).
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.roads import evaluation
from potentia.games.roads.cost_kinds import Costs, Polynomial, Tabulated
from potentia.games.roads.data import RoadData


def marginal_costs(game: RoadData) -> tuple[Costs, np.ndarray | None]:
    """What a further agent costs all on each link, as `costs` and as `table` of the game that
    charges it."""
    if game.costs.coefficients is not None:
        return Polynomial(game.costs.coefficients).marginal(float(game.weight)), None
    by_number = np.asarray(game.table)
    table = np.diff(np.arange(by_number.shape[1]) * by_number, axis=1)
    return Tabulated(table, game.weight), np.pad(table, ((0, 0), (1, 0)))


def least_total(game: RoadData, policy: Array) -> Array:
    """A bound below which no policy's total cost gets, where x c(x) is convex: the linearisation at
    the flows of `policy` [R, A]."""
    mean = evaluation.taken(game, policy)[1].mean
    total, cost = evaluation.at_mean_flows(game, mean)
    marginal = cost + evaluation.marginal_tolls(game, mean)
    paths = evaluation.cheapest(game, game.rows.at_rows(marginal))[jnp.asarray(game.trips.row)]
    shortest = game.weight * jnp.sum(jnp.asarray(game.trips.count) * paths)
    return total + shortest - jnp.sum(game.weight * mean * marginal)
