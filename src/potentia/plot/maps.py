"""Flows on the map of a road network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from potentia.console.text import counted
from potentia.errors import InputError, finite_number, positive_number, shown
from potentia.game import Game
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.node_names import called, number
from potentia.io.node_files import read_places
from potentia.plot import canvas
from potentia.plot.road_tables import drawn_places, flows_of, nodes_of
from potentia.report import road_maps
from potentia.report.road_flows import Coordinates

Places = Mapping[Any, tuple[float, float]] | str | os.PathLike[str]


def flows(game: Game, profile: object, places: Places | None = None, *, aspect: float = 1.0,
          ax: Axes | None = None) -> Axes:
    """The road map at a profile: links as wide as vehicles are expected on them, coloured by volume
    over capacity, with marks that point the way; each direction is drawn to its own right.

    game: roads. profile: [R, 1, A]. Where no capacities are known, colours tell the time over that
    of the free road.
    places: where nodes lie, {node: (x, y)} by number or name, or a file of nodes, TNTP,
        GMNS or GeoJSON; if omitted, as the network's own files say (GMNS), or as the named game is
        drawn. aspect: length of a unit of y over that of x, such as
        1 / cos(latitude) where both are degrees.
    ax: Matplotlib axes to draw on; those of a new figure if omitted.

    Returns the axes. Raises InputError for a game without roads, a profile that is none, and where
    it is not known where a node lies.
    """
    if not isinstance(game, RoutingGame):
        raise InputError(f"{shown(game, 100)} has no roads to draw: pt.plot.loads draws the loads "
                         f"of other games")
    aspect = float(positive_number(aspect, "aspect"))
    where, found = _places(game, places), flows_of(game, canvas.policies(game, profile))
    axis = canvas.single(ax, road_maps.size_of(where, aspect))
    scale = road_maps.scale_of([found])
    road_maps.draw(axis, found, where, scale, aspect)
    canvas.title(axis, game.name, f": {counted(game.n_agents, 'agent')}")
    axis.legend(handles=road_maps.explained(scale, [found]), title=f"expected {found.unit}",
                loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=4, frameon=False,
                handlelength=3.0)
    road_maps.colour_bar(axis, scale)
    return axis


def _places(game: RoutingGame, places: Places | None) -> Coordinates:
    """(x, y) of every node by its number, in ascending order."""
    wanted = sorted(nodes_of(game))
    known = _known(game, places)
    for node in wanted:
        if node not in known:
            raise InputError(f"places does not say where node "
                             f"{called(game.node_names, node)} of {game.name} lies")
    where = {node: known[node] for node in wanted}
    if not np.ptp(np.array(list(where.values())), axis=0).any():
        raise InputError(f"places has all nodes at one point, {where[wanted[0]]}")
    return where


def _known(game: RoutingGame, places: Places | None) -> Coordinates:
    if places is None:
        drawn = drawn_places(game)
        if drawn is None:
            raise InputError(f"where the nodes of {game.name} lie is not known: give "
                             f"places={{node: (x, y), ...}}, or the path of a file of nodes")
        return drawn
    if isinstance(places, str | os.PathLike):
        return read_places(places, game.node_names)
    if not isinstance(places, Mapping):
        raise InputError(f"places is {shown(places)}, but {{node: (x, y), ...}} was expected, or "
                         f"the path of a file of nodes")
    return {_node(game, node): _point(node, place) for node, place in places.items()}


def _node(game: RoutingGame, node: object) -> Any:
    """The number of a node that is called so, by its name or its number."""
    return node if isinstance(node, int | np.integer) else number(game.node_names, node)


def _point(node: object, place: Any) -> tuple[float, float]:
    if not isinstance(place, tuple | list | np.ndarray) or len(place) != 2:
        raise InputError(f"places[{shown(node)}] is {shown(place)}, but (x, y) was expected")
    x, y = (finite_number(value, f"places[{shown(node)}]") for value in place)
    return float(x), float(y)
