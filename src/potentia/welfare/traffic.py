"""What selfishness costs on roads: the total travel time of a profile against that of the system optimum.

Agents who pay what they cost all, k c(w k) - (k - 1) c(w (k - 1)) on a link of k agents, have the total cost for their
potential, and learn towards the system optimum (Pigou 1920; Beckmann, McGuire and Winsten 1956). What they reach is
no better than the optimum, so that the price of it is at least as high as told. From above it is bounded by flows: the
total cost at mean flows is convex where each x c(x) is, below the expected total (Jensen), and above its own
linearisation (Frank and Wolfe 1956).
"""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
import numpy as np

from potentia.console.text import Line, as_text
from potentia.errors import InputError, whole_number
from potentia.games.roads import evaluation
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.link_costs import Polynomial, Tabulated
from potentia.learning.solver import solve
from potentia.rules.adaptive_inpg import AdaptiveINPG
from potentia.runtime.float64 import float64_on_one_blas_thread


@dataclasses.dataclass(frozen=True)
class RoadReport:
    """Travel times are totals over all vehicles, in the unit of the costs.

    total_travel_time: at mean flows. expected_travel_time: with the load's spread. optimum, optimum_below: expected
    total of the best profile that was found, and a bound below which no profile gets. price, price_above: bounds on the
    price of the profile, expected_travel_time over the optimum's. relative_gap, wardrop_gap: see `RoutingGame`.
    """

    total_travel_time: float
    expected_travel_time: float
    optimum: float
    optimum_below: float
    price: float
    price_above: float
    relative_gap: float
    wardrop_gap: float

    def __str__(self) -> str:
        return as_text(self.lines())

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("total travel time at mean flows", f"{self.total_travel_time:,.2f}"),
                ("expected total travel time", f"{self.expected_travel_time:,.2f}"),
                ("at the system optimum", f"between {self.optimum_below:,.2f} and {self.optimum:,.2f}"),
                ("price of anarchy of this profile", f"between {self.price:.5f} and {self.price_above:.5f}"),
                ("relative gap, by own expected costs", f"{self.relative_gap:.3g}"),
                ("relative gap of the traffic literature", f"{self.wardrop_gap:.3g}")]


def report(game: RoutingGame, profile: object, iterations: int = 1000) -> RoadReport:
    """What the profile [R, 1, A] costs all, against the best that agents who pay their marginal costs learn in so many
    iterations. Raises InputError for what is no routing game."""
    if not isinstance(game, RoutingGame):
        raise InputError(f"game is a {type(game).__name__}, but a RoutingGame is needed; welfare.report takes others")
    found = optimum(game, whole_number(iterations, "iterations", 1))
    expected, best = float(game.expected_travel_time(profile)), float(game.expected_travel_time(found))
    below = least_total(game, found)
    return RoadReport(
        total_travel_time=float(game.total_travel_time(profile)), expected_travel_time=expected, optimum=best,
        optimum_below=below, price=expected / best, price_above=expected / below if below > 0 else np.inf,
        relative_gap=float(game.relative_gap(profile)), wardrop_gap=float(game.wardrop_gap(profile)))


def optimum(game: RoutingGame, iterations: int = 1000) -> np.ndarray:
    """The profile [R, 1, A] that agents who pay their marginal costs learn from a uniform start."""
    return solve(paying_marginal_costs(game), AdaptiveINPG(), initial="uniform", max_iterations=iterations,
                 tolerance=None, check_every=iterations, progress=False).profile


def paying_marginal_costs(game: RoutingGame) -> RoutingGame:
    """The game in which each agent pays what it costs all: its potential is the total cost."""
    if isinstance(game.costs, Polynomial):
        return dataclasses.replace(game, costs=game.costs.marginal(float(game.weight)), recipe=None)
    assert game.table is not None, "costs that are no polynomials have a table"
    number = np.arange(game.table.shape[1])
    table = np.diff(number * game.table, axis=1)
    return dataclasses.replace(game, costs=Tabulated(table, game.weight), table=np.pad(table, ((0, 0), (1, 0))),
                               recipe=None)


def least_total(game: RoutingGame, profile: object) -> float:
    """A bound below which no profile's total cost gets, where x c(x) is convex: the linearisation at these flows."""
    with float64_on_one_blas_thread():
        held = game.holding(profile)
        policy = jnp.asarray(profile)[:, 0]
        mean = evaluation.taken(held, policy)[1].mean
        total, cost = evaluation.at_mean_flows(held, mean)
        marginal = cost + evaluation.marginal_tolls(held, mean)
        paths = evaluation.cheapest(held, held.rows.spread(marginal))[jnp.asarray(held.trips.row)]
        shortest = game.weight * jnp.sum(jnp.asarray(game.trips.count) * paths)
        return float(total + shortest - jnp.sum(game.weight * mean * marginal))
