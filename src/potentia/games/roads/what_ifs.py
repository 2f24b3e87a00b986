"""Other versions of the same roads, as methods of a routing game: links less or more, tolls, other
capacities and times, more or fewer trips."""

from __future__ import annotations

import dataclasses
from typing import Any, Self

import numpy as np

from potentia.errors import InputError
from potentia.games.roads import (
    changes,
    charges,
    departures,
    elastic,
    further_links,
    link_facts,
    timed,
)
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import Costs
from potentia.games.roads.plan import Plan
from potentia.games.roads.reach import CutOffError


class WhatIfs(RoadData):
    """What `RoutingGame` makes of its roads and trips."""

    def without(self, link: object) -> Self:
        """The same trips without the link, or links, from one node to another: (from, to), by the
        names of the nodes where they have any; or without the link of an id.

        Raises InputError for a link that is not there, and if a destination can then not be
        reached.
        """
        left = changes.without(self._roads, link)
        try:
            self._refuse_untouched(left)
            return self._rebuilt(left)
        except CutOffError as error:
            raise InputError(f"{error} without the link {link}") from None

    def joined(self, link: object, costs: Costs, toll: float = 0.0, *,
               capacity: float | None = None, length: float | None = None) -> Self:
        """The same trips with one more link, (from, to), whose time has costs of its own, of the
        kind that the others have, and with a toll on it. capacity, length: as reports tell them, if
        they are known; costs say what agents see."""
        return self._rebuilt(changes.joined(self._roads, link, costs, toll, capacity, length))

    def tolled(self, tolls: object) -> Self:
        """The same trips with a further toll on each link, [links], or on those that a mapping
        {(from, to): toll} or {id: toll} names.

        Tolls are in units of cost and not negative. They are paid, but take no time. Raises
        InputError naming the link at fault.
        """
        return self._rebuilt(changes.tolled(self._roads, tolls))

    def altered(self, link: object, *, capacity: float | None = None,
                capacity_factor: float | None = None, free_flow_time: float | None = None,
                free_flow_time_factor: float | None = None) -> Self:
        """The same trips with another capacity or free-flow time of the link, or links, from one
        node to another, (from, to), or of an id.

        capacity: in vehicles, where one is known; a load counts by its share of it. Or
            capacity_factor: times what it is.
        free_flow_time: what the link takes without any load; at every load it takes as many times
            as long, as BPR has it. Or free_flow_time_factor: times what it is.

        All are positive. Costs must be polynomials or power laws. Raises InputError naming the link
        or the number at fault.
        """
        return self._rebuilt(changes.altered(self._roads, link, {
            "capacity": capacity, "capacity_factor": capacity_factor,
            "free_flow_time": free_flow_time, "free_flow_time_factor": free_flow_time_factor}))

    def demand_times(self, factor: float, pair: object = None) -> Self:
        """The same roads with `factor` times the trips, of all pairs or of one (origin,
        destination).

        Of all, each agent stands for so many times the vehicles. Of one pair, not negative, there
        are so many times the agents, rounded to whole ones, which is noted.

        Raises InputError for a pair without trips, and where nobody is left.
        """
        count, weight = changes.grown(self, factor, pair)
        return self._rebuilt(self._roads, count, float(weight))

    def _refuse_untouched(self, left: Plan) -> None:
        """Raise CutOffError where trips begin or end at a node that none of these links touches."""
        ends = np.stack([self.trips.origin, self.trips.destination], axis=1)
        alone = np.flatnonzero(~np.isin(ends, left.links).all(axis=1))
        if alone.size:
            start, end = self.ends_of(int(alone[0]))
            raise CutOffError(f"destination {end} cannot be reached from origin {start}")

    @property
    def _roads(self) -> Plan:
        """The roads, with what they cost in time alone."""
        return further_links.plan_of(self, charges.taken_off(self).costs)

    def _rebuilt(self, changed: Plan, count: np.ndarray | None = None,
                 weight: float | None = None) -> Self:
        """The same trips on other links, or at other costs; or as many of each type as `count` [T]
        says, of another weight."""
        agents = self.trips.count if count is None else count
        demand = [(*row[:2], int(one), *row[3:]) for row, one in zip(
            self.demand, np.asarray(agents).tolist(), strict=True)]
        n_links = len(changed.links)
        facts: dict[str, Any] = {"link_ids": None, "capacity": None, "length": None}
        further = self.n_roads < len(self.links)
        if further:                           # links which need ids and facts, too
            facts = {"link_ids": link_facts.ids(changed.facts, n_links),
                     "capacity": link_facts.known(changed.facts.capacity, n_links),
                     "length": link_facts.known(changed.facts.length, n_links)}
        rebuilt = type(self)(**vars(timed.from_links(
            changed.links, changed.costs, demand,
            weight=float(self.weight) if weight is None else weight, policies=self.policies,
            horizon=self.horizon,
            closed=np.intersect1d(self.closed, changed.links), detour=self.detour,
            reorient_every=self.reorient_every or 10,
            name=self.name, tolls=changed.tolls, distance_costs=changed.distance_costs,
            node_names=changed.node_names, at_home=elastic.at_home(self.stay),
            departures=departures.told(self.wishes),
            classes=self.traffic_classes,
            **facts)))
        rebuilt = dataclasses.replace(rebuilt, placed=self.placed)
        return rebuilt if further else dataclasses.replace(rebuilt, facts=changed.facts)
