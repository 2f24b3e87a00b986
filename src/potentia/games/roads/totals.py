"""What a profile costs all, by one pass over all types: what a report tells of it."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.game import TravelTotals
from potentia.games.roads import class_costs, evaluation
from potentia.games.roads.data import RoadData
from potentia.runtime.pytree import Leaf, tree


@tree
class Paid:
    """total: what all pay, in agents. error: how far it may be off. at_mean: what they pay at mean
    flows, in vehicles. tolls, distance, schedule: what of the total is tolls, is for distance, and
    for arriving early or late, in agents. wardrop_gap: of the profile.
    """

    total: Leaf
    error: Leaf
    at_mean: Leaf
    tolls: Leaf
    distance: Leaf
    schedule: Leaf
    wardrop_gap: Leaf


def paid(game: RoadData, policy: Array) -> Paid:
    """All of it at `policy` [R, A]."""
    flow, loads = evaluation.taken(game, policy)
    _, _, total, error = evaluation.totals_of(game, policy, flow, loads)
    link_of = jnp.asarray(game.link_of)
    agents = game.rows.by_link(class_costs.number(game, flow))
    besides = jnp.asarray(game.distance_costs)[link_of] * agents      # of links to arrive by, too
    schedule = jnp.sum(jnp.where(link_of >= game.n_roads, besides, 0.0))
    return Paid(total=total, error=error,
                at_mean=evaluation.mean_total(game, flow, loads.mean),
                tolls=jnp.sum(jnp.asarray(game.tolls)[link_of] * agents),
                distance=jnp.sum(besides) - schedule, schedule=schedule,
                wardrop_gap=evaluation.wardrop_gap_of(game, flow, loads.mean))


def of(game: RoadData, everything: Paid, time: Paid) -> TravelTotals:
    """From what is paid in the game and in the one without charges."""
    weight = float(game.weight)
    return TravelTotals(total_travel_time=float(time.at_mean), expected_travel_time=weight * float(
        time.total), expected_cost=weight * float(everything.total),
        error=weight * max(float(everything.error), float(time.error)),
        toll_revenue=weight * float(everything.tolls),
        wardrop_gap=float(everything.wardrop_gap),
        distance_cost=weight * float(everything.distance),
        schedule_cost=weight * float(everything.schedule))
