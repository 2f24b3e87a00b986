"""The questions of a routing game, each compiled as a whole; game and profile [R, 1, A] are its
arguments.

Functions rather than methods, since the game first looks, on the host, for a bush that holds the
profile.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games.roads import convex_totals, evaluation, simulation
from potentia.games.roads import totals as totals_of_all
from potentia.games.roads.data import RoadData
from potentia.games.roads.totals import Paid
from potentia.runtime.kept import kept


@kept()
def evaluated(game: RoadData, profile: Array) -> Evaluation:
    """What the agents are told; by destination they are price-takers."""
    return evaluation.evaluated(game, profile[:, 0], own=game.shared is None)


@kept()
def price_taking(game: RoadData, profile: Array) -> Evaluation:
    """What agents are told who do not leave themselves out of the load."""
    return evaluation.evaluated(game, profile[:, 0], own=False)


@kept()
def costs(game: RoadData, profile: Array) -> Array:
    """[R, A] expected cost of each action."""
    return evaluation.costs(game, profile[:, 0])


@kept()
def surveyed(game: RoadData, profile: Array) -> tuple[Array, Array]:
    """[R, A] what each action is expected to cost, and [E] expected agents on each link."""
    return evaluation.surveyed(game, profile[:, 0])


@kept()
def shares(game: RoadData, profile: Array) -> Array:
    """[K, E] sums of powers over the expected number of agents."""
    return evaluation.shares(game, profile[:, 0])


@kept()
def responded(game: RoadData, profile: Array) -> BestResponse:
    """Current costs and those of best responses, by type [T, 1]."""
    return evaluation.responded(game, profile[:, 0])


@kept(seldom=True)
def answered(game: RoadData, profile: Array) -> tuple[BestResponse, Array, Array, Paid]:
    """Best responses, the potential, the welfare, and what all pay: checks and reports share this
    program."""
    return totals_of_all.answered(game, profile[:, 0])


@kept()
def totals(game: RoadData, profile: Array) -> tuple[Array, Array, Array, Array]:
    """[links] expected vehicles, the potential, the sum of the agents' costs and how far that may
    be off."""
    return evaluation.totals(game, profile[:, 0])


@kept()
def agents_by_class(game: RoadData, profile: Array) -> Array:
    """[C, E] expected agents of each class on each link; of one class where there are none."""
    return evaluation.agents_by_class(game, profile[:, 0])


def mean_loads(game: RoadData, profile: Array) -> Array:
    """[E] expected agents on each link, by a program that each solve has used."""
    return surveyed(game, profile)[1]


@kept()
def mean_total(game: RoadData, profile: Array) -> Array:
    """What all pay together at mean flows."""
    flow, loads = evaluation.taken(game, profile[:, 0], exact=False)
    return evaluation.mean_total(game, flow, loads.mean)


@kept()
def mean_costs(game: RoadData, profile: Array) -> Array:
    """[E] costs at mean flows."""
    return evaluation.at_mean_flows(game, _mean(game, profile))[1]


@kept()
def marginal_tolls(game: RoadData, profile: Array) -> Array:
    """[E] x dc/dx at mean flows."""
    return evaluation.marginal_tolls(game, _mean(game, profile))


@kept()
def met(game: RoadData, profile: Array, amount: Array) -> Array:
    """[T] how much of `amount` [E] a trip of each type is expected to meet along its links."""
    return evaluation.met(game, profile[:, 0], amount)


@kept()
def done(game: RoadData, profile: Array, amount: Array) -> Array:
    """[T] how much of `amount` [R, A] a trip of each type is expected to meet at its nodes."""
    return evaluation.done(game, profile[:, 0], amount)


@kept()
def shortest_paths(game: RoadData, cost: Array) -> Array:
    """[T] cost of each type's shortest path in the whole network; cost: [E], not negative."""
    return evaluation.cheapest(game, game.rows.at_rows(cost))[jnp.asarray(game.trips.row), 0]


@kept()
def levelled(game: RoadData, profile: Array, cost: Array) -> Array:
    """[E] costs at which all paths that a type takes cost the same: by how much a link brings those
    who take it nearer to the end, at costs [E], on average; `cost` where nobody goes. Types do not
    share rows."""
    return evaluation.levelled(game, profile[:, 0], cost)


@kept()
def wardrop_gap(game: RoadData, profile: Array) -> Array:
    """Share of the total cost at mean flows that shortest paths would save."""
    return evaluation.wardrop_gap(game, profile[:, 0])


@kept()
def convex_slopes(game: RoadData, mean: Array) -> tuple[Array, Array]:
    """[E] two slopes of each link's total time at mean loads [E] of agents; times are convex."""
    return convex_totals.slopes(game, mean)


@kept()
def below_convex(game: RoadData, slope: Array) -> Array:
    """[E] the least of each link's total time less `slope` [E] times the agents there; times are
    convex."""
    return convex_totals.below(game, slope)


@kept("episodes", "steps")
def simulated(game: RoadData, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
    """So many trips of every agent, of at most so many steps."""
    return simulation.simulated(game, profile[:, 0], key, episodes, steps)


def _mean(game: RoadData, profile: Array) -> Array:
    """[E] expected agents on each link."""
    return evaluation.taken(game, profile[:, 0], exact=False)[1].mean
