"""Trips that choose when to leave, and what it costs them to arrive at another time than they wish
(Vickrey 1969, "Congestion theory and transport investment"; Arnott, de Palma and Lindsey 1990,
"Economics of a bottleneck")."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.errors import (
    InputError,
    finite_number,
    not_negative_number,
    shown,
    whole_number,
)
from potentia.runtime.pytree import Leaf

MOST = 1e280              # of what arriving costs, so that sums over many agents are numbers

@dataclasses.dataclass(frozen=True, kw_only=True)
class Departures:
    """When trips may leave, and when they wish to arrive, on roads with a horizon.

    earliest, latest: the first and the last step at which a trip may leave, whole numbers of steps
        from 0 to the horizon less 1.
    arrival: t*, the time of arrival that it wishes, any finite number of steps; a trip that takes k
        links and leaves at step t arrives at step t + k.
    early, late: what a step too early, and a step too late, costs each agent, in units of cost a
        step, finite and not negative: whoever arrives at step s pays

            early (t* - s) if s <= t*, late (s - t*) if s > t*.

    `RoutingGame.from_links` takes it as `departures` and raises InputError naming what is no such
    number.

    Source: Vickrey (1969), "Congestion theory and transport investment"; Arnott, de Palma and
    Lindsey (1990), "Economics of a bottleneck", whose beta and gamma are early and late.
    """

    earliest: int = 0
    latest: int
    arrival: float
    early: float
    late: float

    def costs(self, steps: np.ndarray) -> np.ndarray:
        """What arriving at each of these steps costs, of their shape."""
        return np.where(steps <= self.arrival, self.early * (self.arrival - steps),
                        self.late * (steps - self.arrival))


def checked(value: object, name: str, horizon: int) -> Departures:
    """The departures called `name`, within so many steps. Raises InputError naming what is wrong
    with them."""
    if not isinstance(value, Departures):
        raise InputError(f"{name} is {shown(value)}, but it must be a pt.Departures")
    earliest = whole_number(value.earliest, f"{name}.earliest")
    latest = whole_number(value.latest, f"{name}.latest")
    if latest < earliest:
        raise InputError(f"{name}.latest is {latest}, but it must be at least {name}.earliest, "
                         f"which is {earliest}")
    if latest >= horizon:
        raise InputError(f"{name}.latest is {latest}, but within a horizon of {horizon} the last "
                         f"step at which a trip can leave is {horizon - 1}")
    found = Departures(
        earliest=earliest, latest=latest,
        arrival=float(finite_number(value.arrival, f"{name}.arrival")),
        early=float(not_negative_number(value.early, f"{name}.early")),
        late=float(not_negative_number(value.late, f"{name}.late")))
    with np.errstate(over="ignore"):
        most = float(found.costs(np.array([1, horizon])).max())
    if not most < MOST:
        raise InputError(f"{name} makes a trip within the horizon cost {most:g}, too much for sums "
                         f"over trips to be numbers")
    return found


def written(found: list[Departures | None]) -> np.ndarray:
    """[T, 5] earliest, latest, arrival, early and late of each; NaN where there are none."""
    nothing = (np.nan,) * len(dataclasses.fields(Departures))
    return np.array([nothing if one is None else dataclasses.astuple(one) for one in found])


def told(wishes: Leaf) -> list[Departures | None] | None:
    """`RoadData.wishes` as `from_links` takes it."""
    if not np.size(wishes):
        return None
    return [None if np.isnan(first) else Departures(
        earliest=int(first), latest=int(last), arrival=arrival, early=early, late=late)
        for first, last, arrival, early, late in np.asarray(wishes).tolist()]
