"""Routing games as traffic assignment has them: BPR times, trips between zones."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.games.roads.cost_kinds import PowerLaw
from potentia.games.roads.game import RoutingGame

SHARE = 0.15              # BPR's b, where costs are polynomials and any would do
ROOM = 1e12               # capacity of links whose time never rises


@dataclasses.dataclass(frozen=True)
class Network:
    """name: in words. arrays: what `benchmarks/peers/aequilibrae_run.py` reads; None where it has
    no such network."""

    name: str
    game: RoutingGame
    arrays: dict[str, np.ndarray] | None


def network_of(name: str, game: RoutingGame) -> Network:
    """The game, and the arrays of its network if costs are BPR's."""
    return Network(name, game, _arrays(game))


def _arrays(game: RoutingGame) -> dict[str, np.ndarray] | None:
    found = _bpr(game)
    charged = np.any(game.tolls) or np.any(game.distance_costs)
    if found is None or charged or game.node_names:
        return None
    trips = np.column_stack([game.trips.origin, game.trips.destination,
                             float(game.weight) * np.asarray(game.trips.count)])
    zones = int(max(trips[:, :2].max(), np.max(game.closed, initial=0)))
    return {"links": np.asarray(game.links), **found, "demand": trips, "n_zones": np.array(zones),
            "crossed": np.array(int(not len(np.atleast_1d(game.closed))))}


def _bpr(game: RoutingGame) -> dict[str, np.ndarray] | None:
    """[links] free-flow times, capacities, shares and powers, where time is
    free (1 + b (x / capacity)^power)."""
    costs = game.costs
    if isinstance(costs, PowerLaw):
        free, rise, scale, power = (np.asarray(column, float) for column in (
            costs.base, costs.rise, costs.scale, costs.power))
        if (rise[free == 0] != 0).any():
            return None
        share = np.where(free > 0, rise / np.where(free > 0, free, 1.0), SHARE)
        return {"free_flow_time": free, "capacity": scale, "b": share, "power": power}
    if costs.coefficients is None:
        return None
    table = np.asarray(costs.coefficients)
    rising = table[:, 1:] != 0
    free, power = table[:, 0], np.where(rising.any(axis=1), rising.argmax(axis=1) + 1.0, 1.0)
    rise = np.where(rising, table[:, 1:], 0.0).sum(axis=1)
    if (rising.sum(axis=1) > 1).any() or (rise[free == 0] != 0).any():
        return None
    some = rise > 0
    room = np.where(some, SHARE * free / np.where(some, rise, 1.0), 1.0)**(1 / power)
    return {"free_flow_time": free, "capacity": np.where(some, room, ROOM),
            "b": np.full(len(free), SHARE), "power": power}
