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
    flows, in vehicles. tolls: what of the total is tolls, in agents. wardrop_gap: of the profile.
    """

    total: Leaf
    error: Leaf
    at_mean: Leaf
    tolls: Leaf
    wardrop_gap: Leaf


def paid(game: RoadData, policy: Array) -> Paid:
    """All of it at `policy` [R, A]."""
    flow, loads = evaluation.taken(game, policy)
    _, _, total, error = evaluation.totals_of(game, policy, flow, loads)
    agents = game.rows.by_link(class_costs.number(game, flow))
    return Paid(total=total, error=error,
                at_mean=evaluation.mean_total(game, flow, loads.mean),
                tolls=jnp.sum(jnp.asarray(game.tolls)[jnp.asarray(game.link_of)] * agents),
                wardrop_gap=evaluation.wardrop_gap_of(game, flow, loads.mean))


def of(game: RoadData, everything: Paid, time: Paid) -> TravelTotals:
    """From what is paid in the game and in the one without charges."""
    weight = float(game.weight)
    return TravelTotals(total_travel_time=float(time.at_mean), expected_travel_time=weight * float(
        time.total), expected_cost=weight * float(everything.total),
        error=weight * max(float(everything.error), float(time.error)),
        toll_revenue=weight * float(everything.tolls),
        wardrop_gap=float(everything.wardrop_gap))
