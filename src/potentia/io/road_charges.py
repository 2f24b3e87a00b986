"""What a unit of the tolls and of the lengths in a file costs: weights, since files hold cents and
miles."""

from __future__ import annotations

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import not_negative_number
from potentia.io.road_files import Roads


def charges_of(roads: Roads, toll_weight: float | None, length_weight: float | None,
               name: str) -> dict[str, np.ndarray]:
    """The tolls and distance costs [links] that `RoutingGame.from_links` takes.

    toll_weight, length_weight: what a unit of toll and of length costs, in units of time, not
        negative. If omitted, what the file says; lengths then cost nothing if it says nothing, and
        tolls are warned of.
    name: of the game, for the warning.

    Raises InputError naming the weight at fault.
    """
    toll = roads.toll_factor if toll_weight is None else _weight(toll_weight, "toll_weight")
    length = roads.length_factor if length_weight is None else _weight(length_weight,
                                                                       "length_weight")
    if toll_weight is None and not toll and roads.toll.any():
        toll = 1.0 if roads.tolls_are_costs else 0.0
        LOG.warning("%s: the tolls on %s %s, since no toll_weight says what a unit of them costs",
                    name, counted(int(np.count_nonzero(roads.toll)), "link"),
                    "count as they are" if roads.tolls_are_costs else "are left out")
    with np.errstate(over="ignore"):                # what is beyond float64 is refused
        return {"tolls": (toll or 0.0) * roads.toll,
                "distance_costs": (length or 0.0) * np.nan_to_num(roads.length)}


def _weight(value: object, name: str) -> float:
    return float(not_negative_number(value, name))
