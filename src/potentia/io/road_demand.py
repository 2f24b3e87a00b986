"""From trips, which need not be whole, to agents, which are: how many, and what rounding costs."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, whole_number
from potentia.games.roads.apportionment import enough, keeping_all, rounded
from potentia.games.roads.cost_kinds import Costs, summed
from potentia.games.roads.node_names import Names
from potentia.games.roads.rounding_notes import LOST, Pairs, note_loss
from potentia.io.road_files import Demand

FEWEST = 1_000            # agents, so that a demand in thousands or of 1 in all is no lone vehicle
MOST = 10**9              # agents where the work does not depend on them
MOST_TRIPS = 1e15         # that may have an agent each
MOST_SINGLE = 10_000      # where each has a policy of its own
ENTRIES = 25_000_000      # of a table of costs by the number of agents, 200 MB


def counts_of(demand: Demand, n_agents: int | None, costs: Costs, policies: object,
              node_names: Names = ()) -> np.ndarray:
    """[k] agents of each pair of the demand; the user's number of them in all, or enough.

    Enough are as many as trips; or 2, 5, 10, 20, ... times as many, up to `MOST`, if these are
    fewer than `FEWEST`, leave a pair without an agent or move more than `LOST` of the trips. Pairs
    that are too small for any of these get an agent all the same. What rounding costs beyond `LOST`
    is a warning, and so is a pair that it leaves out; both say how many agents would do. Raises
    InputError for a number that is none.
    """
    most = _most(costs, policies)
    if n_agents is None:
        if demand.total > MOST_TRIPS:
            raise InputError(f"the trips sum to {demand.total:g}, more than there can be agents "
                             f"({MOST_TRIPS:g}): say by n_agents how many stand for them")
        agents = enough(demand.trips, FEWEST, most, LOST)
        counts = (keeping_all if agents >= len(demand.trips) else rounded)(demand.trips, agents)
    else:
        counts = rounded(demand.trips, whole_number(n_agents, "n_agents", 1))
    note_loss(Pairs(demand.origin, demand.destination, demand.trips, node_names), counts, most)
    return counts


def _most(costs: Costs, policies: object) -> int:
    if policies == "agent":
        return MOST_SINGLE
    return MOST if summed(costs) else ENTRIES // costs.n_links
