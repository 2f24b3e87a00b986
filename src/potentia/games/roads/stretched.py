"""Costs of links that are wider or slower than they were."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError
from potentia.games.roads.cost_kinds import Costs, Polynomial, PowerLaw


def stretched(costs: Costs, room: np.ndarray, time: np.ndarray) -> Costs:
    """time c(x / room): the load counts as 1/room of what it did, all takes `time` times as long.

    room: [E] positive. time: [E] not negative. BPR costs keep their form, with `room` times the
    capacity and `time` times the free-flow time.

    Raises InputError for costs that are a table or a function, and beyond float64.
    """
    if isinstance(costs, Polynomial):
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            found = Polynomial(np.asarray(costs.coefficients) * time[:, None]
                               / room[:, None] ** np.arange(costs.degree + 1))
        finite = np.isfinite(found.coefficients).all()
    elif isinstance(costs, PowerLaw):
        found = PowerLaw(base=costs.base * time, rise=costs.rise * time, scale=costs.scale * room,
                         power=costs.power)
        finite = all(np.isfinite(column).all() for column in found.arrays().values())
    else:
        raise InputError(f"costs that are a {type(costs).__name__} say nothing of capacities and "
                         f"free-flow times: build the game anew")
    if not finite:
        raise InputError("costs are beyond float64 at this capacity and free-flow time")
    return found
