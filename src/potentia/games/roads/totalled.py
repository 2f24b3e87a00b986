"""What all pay together on roads, in time and in all, as methods of a routing game."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.game import TravelTotals
from potentia.games.roads import charges, compiled, held, totals
from potentia.games.roads.data import RoadData
from potentia.runtime.float64 import float64_method, float64_on_one_blas_thread


class Totals(RoadData):
    """What `RoutingGame` tells of a profile's costs to all."""

    @float64_method
    def expected_cost(self, profile: Array) -> Array:
        """E sum over links of load times cost, in vehicles: what all are expected to pay together,
        time, tolls and distance costs, each agent once, whatever it weighs; profile: [R, 1, A]."""
        return self.weight * compiled.totals(*held.with_profile(self, profile))[2]

    @float64_method
    def expected_cost_error(self, profile: Array) -> Array:
        """How far `expected_cost` of `profile` [R, 1, A] may be off, in its unit: rounding, and
        what the means of costs leave out that are dear at loads that hardly ever come."""
        return self.weight * compiled.totals(*held.with_profile(self, profile))[3]

    @float64_method
    def expected_travel_time(self, profile: Array) -> Array:
        """The same of time alone, without tolls and distance costs; profile: [R, 1, A]."""
        return charges.taken_off(self).expected_cost(profile)

    @float64_method
    def total_travel_time(self, profile: Array) -> Array:
        """Sum over links of flow times time at the mean flows of `profile` [R, 1, A]: the traffic
        literature's total, without tolls and distance costs."""
        return compiled.mean_total(*held.with_profile(charges.taken_off(self), profile))

    @float64_method
    def toll_revenue(self, profile: Array) -> Array:
        """What all vehicles are expected to pay in tolls together; profile: [R, 1, A]."""
        agents = compiled.agents_by_class(*held.with_profile(self, profile)).sum(axis=0)
        return self.weight * jnp.sum(jnp.asarray(self.tolls)[self.link_of] * agents)

    def totals(self, profile: object) -> TravelTotals:
        """What `profile` [R, 1, A] costs all, by one pass over all types."""
        time = charges.taken_off(self)
        with float64_on_one_blas_thread():
            every = compiled.answered(*held.with_profile(self, profile))[3]
            alone = (every if time is self
                     else compiled.answered(*held.with_profile(time, profile))[3])
        return totals.of(self, every, alone)
