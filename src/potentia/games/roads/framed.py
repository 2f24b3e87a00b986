"""What a routing game hands to other tools, as its methods: frames of pandas, a graph of
networkx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from potentia.games.roads import departure_times, frames, link_table
from potentia.games.roads.data import RoadData

if TYPE_CHECKING:
    from networkx import MultiDiGraph
    from pandas import DataFrame


class Frames(RoadData):
    """What `RoutingGame` tells of a profile [R, 1, A] as pandas frames. Nodes are called by their
    names where they have any, links by their ids (`link_ids`).

    Where there are classes, each pair has a row for each of them, `class`, vehicles count as what
    its agents weigh, and costs are what these pay.
    With a horizon a path's links are taken one at each step, and times and costs are those of the
    steps at which they are taken. Each raises InputError for a profile that is none, or that has a
    cycle.
    """

    def to_dataframe(self, profile: object) -> DataFrame:
        """A row for each link: id, from, to, flow (expected vehicles), capacity, free_flow_time
        (without any load), volume_over_capacity, length, time and cost (of a vehicle, at mean
        flows), toll (part of the cost, in its unit); with classes also what each has of the flow,
        flow_NAME, and toll_revenue; the cost is that of an agent whose value of time is 1.

        Capacity, length and what follows from them are NaN where none is known. With a horizon the
        flow is that of all steps together, time and cost are means over its vehicles, and the
        volume over the capacity is that of the busiest step.
        """
        return frames.links(self, profile)

    def flows_by_class(self, profile: object) -> dict[str, np.ndarray]:
        """[links] expected vehicles of each class, by its name, in passenger-car units: an agent
        counts as its weight, so that they sum to `RoutingGame.link_flows`. Divided by the weight of
        the class they are its own vehicles. Empty where there are no classes."""
        return link_table.by_class(self, profile)

    def skims(self, profile: object) -> DataFrame:
        """A row for each pair of origin and destination: origin, destination, agents, vehicles;
        where some may stay at home (`at_home`), travelling, the vehicles that do not; time and cost
        that one of its agents expects, what it pays at home included, so that they are at_home
        where all stay; cheapest, the cost of its
        best response; and gain, how much less that is.

        Agents leave themselves out of the load; by destination they are price-takers, and the gain
        is an upper bound, as in `RoutingGame.relative_gap`: that is the sum of agents times gain
        over the sum of agents times cost. Pairs that several types share have one row, of means.
        """
        return frames.skims(self, profile)

    def select_link(self, profile: object, link: object) -> DataFrame:
        """A row for each pair that uses the link, those with most vehicles first: origin,
        destination, share (of the pair's vehicles) and vehicles through the link, whose sum is the
        link's flow.

        link: its id, or (from, to); where several lead from one node to the other, all of them
            together. With a horizon a vehicle counts each time it takes the link.

        Raises InputError for a link that is none.
        """
        return frames.select_link(self, profile, link)

    def paths(self, profile: object, od: object = None, mass: float = 0.999) -> DataFrame:
        """A row for each path, of falling probability: origin, destination, path (its nodes), links
        (their ids), probability (of one of the pair's vehicles), covered, flow (expected vehicles),
        time and cost that its agents expect. Path and links are empty of who stays at home. Where
        trips choose when to leave (`pt.Departures`), also step, at which they do; the cost has what
        they pay for arriving early or late.

        od: one pair (origin, destination); all pairs, one after another, if omitted.
        mass: share of each pair's trips to cover, above 0 and at most 1. Paths are found in this
            order and no further: `covered` is what a path and those above it have of the pair's
            trips, so that 1 less the pair's last one is left out.

        Agents leave themselves out of the load; by destination they are price-takers. Raises
        InputError for a pair without trips, and where 100,000 paths of a pair cover less than
        `mass`.
        """
        return frames.paths(self, profile, od, mass)

    def departures(self, profile: object) -> DataFrame:
        """A row for each pair and each step 0, 1, ..., of a game with a horizon: origin,
        destination, step; leaving and arriving, the expected vehicles that leave the origin and
        arrive at the destination then; and schedule_cost, what each of those that arrive pays for
        arriving early or late (`pt.Departures`) in the mean, in units of cost, NaN where nobody
        arrives.

        Who does not choose leaves at step 0 and pays nothing. Raises InputError without a horizon.
        """
        return departure_times.frame(self, profile)

    def to_networkx(self, profile: object = None) -> MultiDiGraph:
        """The graph of the links, with the flow, time and cost of each at a profile if one is
        given; see `bridges.networkx`."""
        from potentia.bridges.networkx import to_networkx
        return to_networkx(self, profile)  # pyright: ignore[reportReturnType]
