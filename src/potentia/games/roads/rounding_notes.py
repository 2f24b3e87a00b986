"""What is noted where the agents of roads do not divide the demand: how much of it is moved, and
how many agents would do."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.games.roads.apportionment import finer, misplaced
from potentia.games.roads.node_names import Names, called

EXACT = 1e-9              # share by which a pair may be off and still be what the demand says
LOST = 0.005              # share of all trips that rounding may move without a word
TENTH = 0.1               # of what is moved, that more agents are to move at most


@dataclasses.dataclass(frozen=True)
class Pairs:
    """origin, destination: [k] nodes by their numbers. trips: [k] vehicles, positive. names: of the
    nodes, if they have any."""

    origin: np.ndarray
    destination: np.ndarray
    trips: np.ndarray
    names: Names = ()


def note_loss(pairs: Pairs, counts: np.ndarray, most: int) -> None:
    """Note what rounding the trips to these agents [k] costs: a warning where it leaves a pair out
    or moves more than `LOST`; most: agents that there may be."""
    total, agents = float(pairs.trips.sum()), int(counts.sum())
    moved, empty = misplaced(pairs.trips, counts), np.count_nonzero(counts == 0)
    error = np.abs(counts * (total / agents) / pairs.trips - 1)
    worst = int(np.argmax(np.round(error, 9)))      # the first of those that rounding tells apart
    if error[worst] < EXACT:
        return
    each = total / agents
    # Little is moved where agents are many, but flows are of what they stand for.
    told = LOG.info if moved <= LOST and not empty else LOG.warning
    told("the demand is rounded to %s: %.2g %% of all trips are moved (%s of %s), and %.3g %% of "
         "those from %s to %s, the most of any pair%s; an agent is %.4g %s%s",
         counted(agents, "agent"), 100 * moved, _amount(moved * total), _amount(total),
         100 * error[worst],
         called(pairs.names, pairs.origin[worst]), called(pairs.names, pairs.destination[worst]),
         f"; {empty:,} of {counted(len(counts), 'pair')} lose all" if empty else "",
         each, "vehicle" if f"{each:.4g}" == "1" else "vehicles",
         _advice(pairs.trips, agents, most, min(LOST, TENTH * moved)))


def _amount(trips: float) -> str:
    return f"{trips:,.0f}" if trips >= 100 else f"{trips:.3g}"


def _advice(trips: np.ndarray, agents: int, most: int, lost: float) -> str:
    """What number of agents would move at most that share; nothing where none does."""
    enough = finer(trips, agents, most, lost)
    if enough is None:
        return ""
    left = misplaced(trips, np.rint(trips / trips.sum() * enough))
    kept = f"about {100 * left:.1g} %" if left > EXACT else "none"
    return f"; n_agents={enough} would move {kept}"
