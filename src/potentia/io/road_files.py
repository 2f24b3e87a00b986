"""What files say of a road network and of the trips on it, whatever their format."""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Roads:
    """links: [m, 2] node numbers. The rest [m], of BPR costs: capacity, length, free_flow_time, b,
    power, toll.

    n_zones, n_nodes: zones are nodes 1..n_zones. first_through: nodes below it are not crossed.
    toll_factor, length_factor: what a unit of toll and of length costs, in units of time, if the
        file says so. tolls_are_costs: whether tolls are in units of time where nothing is said.
    """

    links: np.ndarray
    capacity: np.ndarray
    length: np.ndarray
    free_flow_time: np.ndarray
    b: np.ndarray
    power: np.ndarray
    toll: np.ndarray
    n_zones: int
    n_nodes: int
    first_through: int = 1
    toll_factor: float | None = None
    length_factor: float | None = None
    tolls_are_costs: bool = False


@dataclasses.dataclass(frozen=True)
class Demand:
    """origin, destination: [k] zones, ascending, each pair once. trips: [k] positive. intrazonal:
    trips that end where they begin, which use no road."""

    origin: np.ndarray
    destination: np.ndarray
    trips: np.ndarray
    intrazonal: float = 0.0

    @property
    def total(self) -> float:
        return float(self.trips.sum())
