"""What files say of a road network and of the trips on it, whatever their format."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import InputError
from potentia.games.roads.link_costs import MOST_DEGREE
from potentia.io.text_lines import Line

MOST_POWER = 10**9        # of BPR costs: beyond, a road is free or shut


@dataclasses.dataclass(frozen=True)
class Roads:
    """links: [m, 2] node numbers. The rest [m], of BPR costs: capacity, length, free_flow_time, b,
    power, toll. A capacity of 0 is none; a length is NaN where the file gives none.

    n_zones, n_nodes: zones are nodes 1..n_zones. first_through: nodes below it are not crossed.
    toll_factor, length_factor: what a unit of toll and of length costs, in units of time, if the
        file says so. tolls_are_costs: whether tolls are in units of time where nothing is said.
    node_names: of the nodes 1, 2, ...; none where they are called by their numbers.
    ids: what the links are called, those left out counted; 1, 2, ... if None.
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
    node_names: tuple[str, ...] = ()
    ids: Sequence[int | str] | None = None


@dataclasses.dataclass(frozen=True)
class Demand:
    """origin, destination: [k] zones, ascending, each pair once. trips: [k] positive. intrazonal:
    trips that end where they begin, which use no road. path: the file they are from, if any.
    at_home: what staying at home costs by (origin, destination), of those who may.
    classes: [k] what class each part is of, each pair once in each; () where there are none."""

    origin: np.ndarray
    destination: np.ndarray
    trips: np.ndarray
    intrazonal: float = 0.0
    path: Path | None = None
    at_home: Mapping[tuple[int, int], float] = dataclasses.field(default_factory=dict)
    classes: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        return float(self.trips.sum())


def demand_of(trips: Mapping[tuple[int, int], float], intrazonal: float, path: object,
              ends: str) -> Demand:
    """The demand of trips by (origin, destination), two different ones; some may be 0. ends: what
    these are, for a message.

    Raises InputError naming the file if there are none, or they are too many for a number.
    """
    if not math.isfinite(sum(trips.values()) + intrazonal):
        raise InputError(f"{path} has trips whose sum is too large for a number")
    pairs = sorted(pair for pair, number in trips.items() if number > 0)
    if not pairs:
        raise InputError(f"{path} has no trips between different {ends}")
    table = np.array(pairs)
    return Demand(table[:, 0], table[:, 1], np.array([trips[pair] for pair in pairs]), intrazonal,
                  path if isinstance(path, Path) else None)


def of_classes(demands: Mapping[str, Demand]) -> Demand:
    """The demands of several classes as one, class after class."""
    origin, destination, trips = (
        np.concatenate([getattr(each, name) for each in demands.values()])
        for name in ("origin", "destination", "trips"))
    return Demand(origin, destination, trips,
                  float(sum(each.intrazonal for each in demands.values())),
                  next(iter(demands.values())).path,
                  classes=tuple(name for name, each in demands.items() for _ in each.trips))


def refuse_steep(line: Line, time: float, capacity: float, b: float, power: float) -> None:
    """Raise InputError naming the line and the column of BPR costs that float64 does not hold."""
    if power > MOST_POWER:
        raise line.error(f"power is {power:g}, but it must be at most {MOST_POWER:,}")
    if capacity == 0 or power > MOST_DEGREE:        # no load, or none but over the capacity
        return
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        steep = np.float64(time * b) / np.float64(capacity) ** power
    if np.isinf(steep):
        raise line.error(f"capacity is {capacity:g}, too small for a number: the time rises by "
                         f"free_flow_time b (x / capacity)^{power:g}")


def without_loops(lines: Sequence[Line], loops: Sequence[bool]) -> list[int]:
    """Which of the links in these lines are none from a node to itself, which nobody takes.

    The others are noted with their file and line. Raises InputError if all are.
    """
    left = [line for line, loop in zip(lines, loops, strict=True) if loop]
    if len(left) == len(lines):
        raise left[0].error("the link leads from a node to itself, and so does every other")
    if left:
        LOG.warning("%s leads from a node to itself: %s left out", left[0].where,
                    "it is" if len(left) == 1 else f"{counted(len(left), 'such link')} are")
    return [k for k, loop in enumerate(loops) if not loop]
