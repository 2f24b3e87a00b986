"""What the command line notes of roads with a horizon: what steps make of capacities, and wishes
that are not met."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from potentia.games.roads.game import RoutingGame

MISSED = 0.999            # share of the trips that wish, from which all are said to miss it


def before(game: RoutingGame) -> None:
    """Note that capacities are per step, and the first wish that lies where no trip can arrive."""
    from potentia.console.log import LOG
    from potentia.games.roads.departures import told
    if game.horizon is None:
        return
    LOG.info("%s: with a horizon every link takes one step, and capacities count per step: give "
             "them for as long as a step is", game.name)
    for wish in told(game.wishes) or ():
        if wish is not None and not wish.earliest < wish.arrival <= game.horizon:
            LOG.warning("%s: a trip that leaves at step %d or later arrives from step %d to %d, so "
                        "that none can meet the wish arrival=%g", game.name, wish.earliest,
                        wish.earliest + 1, game.horizon, wish.arrival)
            return


def after(game: RoutingGame, profile: object) -> None:
    """Note that nobody arrives when it wishes, where that is so."""
    import numpy as np

    from potentia.console.log import LOG
    if not game.timed:
        return
    found = game.departures(profile)
    arriving, cost = (np.asarray(found[name], dtype=float) for name in (
        "arriving", "schedule_cost"))                    # of whom nobody arrives then, NaN
    wishing, missing = arriving[cost >= 0].sum(), arriving[cost > 0].sum()
    if wishing > 0 and missing >= MISSED * wishing:
        LOG.info("%s: no trip arrives when it wishes, all pay for arriving early or late: arrival "
                 "counts steps, of which each link takes one", game.name)
