"""The nodes and links by which trips leave and arrive when they choose, on roads with a horizon.

Trips that may leave at steps a, ..., b begin at a *gate* of their origin: there they wait, from
step to step, or go on to the origin, at the same step, which both cost nothing. They end at a
*sink* of their destination, to which a link leads at each step, of the cost of arriving then. Gates
are shared by trips of the same origin and steps, sinks by those of the same destination and wish.
No other trip comes there.

Each link has a copy for every step of the horizon, H, with a load of its own. Copies of the links
to wait and to leave are of steps. The links to sinks are each of one step and wish, and their
copies are those of up to H sinks, so that there are about as many as there are wishes and steps,
however many destinations. Copies that nobody needs are no links (`RoadNetwork`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from potentia.games.roads.departures import Departures
from potentia.games.roads.network import RoadNetwork
from potentia.games.roads.reach import Types

LAST = 2                  # links of a gate: to wait, and to leave

Gate = tuple[int, int, int]                     # origin, first and last step
Sink = tuple[int, float, float, float]          # destination, wish, early, late


@dataclasses.dataclass(frozen=True)
class Timetable:
    """n_roads, horizon: of the network. first: the number of the first node besides, above all
    others.

    gates, sinks: nodes are gates, then sinks. gate, sink: [T] which of them each type has, -1 where
        it has none. seats: of each sink its block of links, and which copy is its own.
    costs: [blocks, H] what arriving costs by its step 1, ..., H.
    """

    n_roads: int
    horizon: int
    first: int
    gates: list[Gate]
    sinks: list[Sink]
    gate: np.ndarray
    sink: np.ndarray
    seats: np.ndarray
    costs: np.ndarray

    @property
    def nodes(self) -> np.ndarray:
        """[V, 2] numbers of the nodes besides, and of the node that each stands for."""
        stands_for = [place for place, *_ in (*self.gates, *self.sinks)]
        return np.column_stack([self.first + np.arange(len(stands_for)), stands_for])

    @property
    def links(self) -> np.ndarray:
        """[links, 2] nodes from and to, in numbers: two of each gate, then those of each block, to
        one or another of its sinks, and to each at least once."""
        gates, sinks = np.split(self.nodes, [len(self.gates)])
        seated = np.zeros(self.costs.shape, int)
        for k, (block, copy) in enumerate(self.seats.tolist()):
            seated[block, copy:] = k
        return np.concatenate([np.repeat(gates, LAST, axis=0), sinks[seated.ravel(), ::-1]])

    @property
    def charges(self) -> np.ndarray:
        """[links] what each costs."""
        return np.append(np.zeros(LAST * len(self.gates)), self.costs.ravel())

    def meant(self, numbers: np.ndarray) -> np.ndarray:
        """The nodes that these stand for, in numbers."""
        ahead, found = numbers >= self.first, numbers.copy()
        found[ahead] = self.nodes[numbers[ahead] - self.first, 1]
        return found

    def within(self) -> list[str]:
        """[T] within which time each type has to arrive, for a message."""
        return [f" within {self.horizon} steps" + ("" if k < 0 else (
            f" by whoever leaves at step {self.gates[k][1]} or later")) for k in self.gate.tolist()]

    def moved(self, types: Types, numbers: np.ndarray) -> Types:
        """The types, which begin at their gates and end at their sinks; numbers: of the nodes."""
        gates, sinks = (np.searchsorted(numbers, self.first + at) for at in (
            self.gate, len(self.gates) + self.sink))
        return dataclasses.replace(
            types, origin=np.where(self.gate < 0, types.origin, gates),
            destination=np.where(self.sink < 0, types.destination, sinks))

    def unrolled(self, network: RoadNetwork, numbers: np.ndarray) -> RoadNetwork:
        """The roads of one step over all steps, and the further links; numbers: of the nodes."""
        roads, size, steps = network.unrolled(self.horizon), network.n_nodes, self.horizon
        tail, head = (np.full((steps, self.n_roads + len(self.charges)), -1) for _ in range(2))
        tail[:, :self.n_roads] = roads.tail.reshape(steps, -1)
        head[:, :self.n_roads] = roads.head.reshape(steps, -1)
        node = np.searchsorted(numbers, self.nodes[:, 0])
        place = np.searchsorted(numbers, self.nodes[:, 1])
        for k, (_, earliest, latest) in enumerate(self.gates):
            link, time = self.n_roads + LAST * k, np.arange(latest + 1)
            tail[time[:-1], link] = node[k] + size * time[:-1]
            head[time[:-1], link] = node[k] + size * time[1:]
            leaving = time[earliest:]
            tail[leaving, link + 1] = node[k] + size * leaving
            head[leaving, link + 1] = place[k] + size * leaving
        time, first = np.arange(1, steps + 1), self.n_roads + LAST * len(self.gates)
        for k, (block, copy) in enumerate(self.seats.tolist(), len(self.gates)):
            # At a zone that is not crossed trips arrive at a copy of it.
            reached = int(np.flatnonzero(network.node_of == place[k])[0])
            links = first + steps * block + time - 1
            tail[copy, links] = reached + size * time
            head[copy, links] = node[k] + size * time
        return RoadNetwork(tail.ravel(), head.ravel(), roads.node_of)


def timetable_of(rows: np.ndarray, departures: Sequence[Departures | None], n_roads: int,
                 horizon: int, first: int) -> Timetable:
    """Of the trips in rows (origin, destination, agents), in which nobody is without agents."""
    gates: dict[Gate, int] = {}
    sinks: dict[Sink, int] = {}
    gate, sink = np.full(len(rows), -1), np.full(len(rows), -1)
    for at, ((origin, destination), own) in enumerate(zip(
            rows[:, :2].tolist(), departures, strict=True)):
        if own is not None:
            gate[at] = gates.setdefault((origin, own.earliest, own.latest), len(gates))
            sink[at] = sinks.setdefault((destination, own.arrival, own.early, own.late), len(sinks))
    seats, costs = _seated(list(sinks), horizon)
    return Timetable(n_roads, horizon, first, list(gates), list(sinks), gate, sink, seats, costs)


def _seated(sinks: Sequence[Sink], horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each sink its block and copy; and [blocks, H] what arriving costs."""
    seats, costs = np.zeros((len(sinks), 2), int), []
    last: dict[tuple[float, ...], tuple[int, int]] = {}        # of each wish
    for at, (_, *wish) in enumerate(sinks):
        block, copy = last.get(tuple(wish), (-1, horizon))
        if copy + 1 >= horizon:
            arrival, early, late = wish
            block, copy = len(costs), -1
            costs.append(Departures(latest=0, arrival=arrival, early=early, late=late).costs(
                np.arange(1, horizon + 1)))
        seats[at] = last[tuple(wish)] = block, copy + 1
    return seats, np.array(costs)
