"""What a check asks of a profile, and what a report tells of what it costs all, by one pass over
all types."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.game import BestResponse, TravelTotals
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


def answered(game: RoadData, policy: Array) -> tuple[BestResponse, Array, Array, Paid]:
    """What `evaluation.responded` says of `policy` [R, A], the potential (of no meaning where none
    is known) and the welfare, both negative, and what all pay."""
    flow, loads = evaluation.taken(game, policy)
    _, potential, total, error = evaluation.totals_of(game, policy, flow, loads)
    response, best = evaluation.responded_beside(
        game, policy, flow, loads, evaluation.priced_at_mean(game, loads.mean))
    at_mean = evaluation.mean_total(game, flow, loads.mean)
    link_of = jnp.asarray(game.link_of)
    agents = (loads.mean if game.classes is None
              else game.rows.by_link(class_costs.number(game, flow)))
    besides = jnp.asarray(game.distance_costs)[link_of] * agents      # of links to arrive by, too
    roads = link_of < game.n_roads
    tolls, distance, schedule = jnp.sum(jnp.stack([
        jnp.asarray(game.tolls)[link_of] * agents, jnp.where(roads, besides, 0.0),
        jnp.where(roads, 0.0, besides)]), axis=1)
    return response, -potential, -total, Paid(
        total=total, error=error, at_mean=at_mean, tolls=tolls, distance=distance,
        schedule=schedule,
        wardrop_gap=evaluation.saved_by(game, best, at_mean))


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
