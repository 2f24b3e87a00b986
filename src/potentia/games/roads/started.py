"""What a routing game may begin from, besides a profile of its own, as its methods."""

from __future__ import annotations

import numpy as np

from potentia.games.roads import warm_start
from potentia.games.roads.data import RoadData


class WarmStarts(RoadData):
    """What `RoutingGame` makes of flows, and of profiles of other versions of its roads."""

    def profile_of_flows(self, flows: object) -> np.ndarray:
        """A profile [R, 1, A] from earlier flows on links, in vehicles, to begin a solve from.

        flows: by id of the links, a mapping or a frame with the columns id (or link_id) and flow
            (or volume), such as `to_dataframe` gives; or [links], in their order.

        Flows are totals, and do not say who takes a link; of the profiles that they could be of,
        this is one: at each node a link counts in proportion to its flow, if it leads closer to the
        destination at the costs of these flows; then, in ten rounds, so that the profile's own
        flows come nearer to those given, which they do not meet. Links without a flow, and
        flows of other links, are noted.

        Raises InputError naming the link whose flow is none, and with a horizon.
        """
        return warm_start.of_flows(self, flows)

    def profile_from(self, before: RoadData, profile: object) -> np.ndarray:
        """The profile [R, 1, A] that is nearest to `profile` of `before`, another version of these
        roads: with other costs, links or demand.

        Each origin and destination does what it did there, by ids of the links, as far as links
        lead closer to its destination at the costs of the flows there; what is new begins with a
        small share, or with the shortest way where nothing is known. With other policies or another
        horizon the profile is that of the flows (`profile_of_flows`).

        Raises InputError for what is no roads, for a profile that is none of `before`, and where
        that is another network, naming the first link that differs: less than half of the links
        have the same ids and ends.
        """
        return warm_start.carried(self, before, profile)

    def started(self, initial: object) -> object:
        """What a solve begins from where `initial` is flows, or a result of another version of
        these roads: a profile [R, 1, A], or one of each run. Anything else is given back."""
        return warm_start.started(self, initial)
