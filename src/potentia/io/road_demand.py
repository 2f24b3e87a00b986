"""From trips, which need not be whole, to agents, which are: how many, and what rounding costs."""

from __future__ import annotations

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import InputError, whole_number
from potentia.games.roads.apportionment import enough, keeping_all, misplaced, rounded
from potentia.games.roads.cost_kinds import Costs, summed
from potentia.games.roads.node_names import Names, called
from potentia.io.road_files import Demand

FEWEST = 1_000            # agents, so that a demand in thousands or of 1 in all is no lone vehicle
MOST = 10**9              # agents where the work does not depend on them
MOST_TRIPS = 1e15         # that may have an agent each
MOST_SINGLE = 10_000      # where each has a policy of its own
ENTRIES = 25_000_000      # of a table of costs by the number of agents, 200 MB
EXACT = 1e-9              # share by which a pair may be off and still be what the file says
LOST = 0.005              # share of all trips that rounding may move without a word


def counts_of(demand: Demand, n_agents: int | None, costs: Costs, policies: object,
              node_names: Names = ()) -> np.ndarray:
    """[k] agents of each pair of the demand; the user's number of them in all, or enough.

    Enough are as many as trips; or 2, 5, 10, 20, ... times as many, up to `MOST`, if these are
    fewer than `FEWEST`, leave a pair without an agent or move more than `LOST` of the trips. Pairs
    that are too small for any of these get an agent all the same. What rounding costs beyond `LOST`
    is a warning, and so is a pair that it leaves out. Raises InputError for a number that is none.
    """
    if n_agents is None:
        if demand.total > MOST_TRIPS:
            raise InputError(f"the trips sum to {demand.total:g}, more than there can be agents "
                             f"({MOST_TRIPS:g}): say by n_agents how many stand for them")
        agents = enough(demand.trips, FEWEST, _most(costs, policies), LOST)
        counts = (keeping_all if agents >= len(demand.trips) else rounded)(demand.trips, agents)
    else:
        counts = rounded(demand.trips, whole_number(n_agents, "n_agents", 1))
    _note_loss(demand, counts, node_names)
    return counts


def _most(costs: Costs, policies: object) -> int:
    if policies == "agent":
        return MOST_SINGLE
    return MOST if summed(costs) else ENTRIES // costs.n_links


def _note_loss(demand: Demand, counts: np.ndarray, names: Names) -> None:
    moved, empty = misplaced(demand.trips, counts), np.count_nonzero(counts == 0)
    held = counts * (demand.total / counts.sum())
    error = np.abs(held / demand.trips - 1)
    worst = int(np.argmax(np.round(error, 9)))      # the first of those that rounding tells apart
    if error[worst] < EXACT:
        return
    each = demand.total / counts.sum()
    # Little is moved where agents are many, but flows are of what they stand for.
    told = LOG.info if moved <= LOST and not empty else LOG.warning
    told("the demand is rounded to %s: %.2g %% of all trips are moved, and %.3g %% of those from "
         "%s to %s, the most of any pair%s; an agent is %.4g %s",
         counted(int(counts.sum()), "agent"), 100 * moved, 100 * error[worst],
         called(names, demand.origin[worst]), called(names, demand.destination[worst]),
         f"; {empty:,} of {counted(len(counts), 'pair')} lose all" if empty else "",
         each, "vehicle" if f"{each:.4g}" == "1" else "vehicles")
