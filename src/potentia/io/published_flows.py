"""Flows that somebody else found on a network, to hold a profile's against."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.errors import InputError, shown
from potentia.games.roads.data import RoadData
from potentia.games.roads.node_names import called
from potentia.io.link_flows import read_link_flows
from potentia.io.read import as_path
from potentia.io.text_lines import Line, read_lines, suffix
from potentia.io.tntp_lines import cells_of, rows_of


@dataclasses.dataclass(frozen=True, eq=False)
class PublishedFlows:
    """flow: [links] vehicles. cost: [links] of each; both in the order of the game's links."""

    flow: np.ndarray
    cost: np.ndarray


def read_flows(path: object, game: RoadData) -> np.ndarray:
    """[links] vehicles in a file of TNTP flows, or in a CSV file with a flow for each link by its
    id: `flows.csv` and `link_performance.csv` of a saved run.

    Raises InputError as `read_tntp_flows` and `read_link_flows` do, and for a link that only the
    file or only the game has.
    """
    path = as_path(path)
    if suffix(path) != ".csv":
        return read_tntp_flows(path, game).flow
    found = read_link_flows(path, game)
    ids = game.link_ids[:game.n_roads]
    for link in found:
        if link not in ids:
            raise InputError(f"{path}: {game.name} has no link {shown(link)}: these are another "
                             f"network's flows")
    for link in ids:
        if link not in found:
            raise InputError(f"{path} has no flow on the link {shown(link)} of {game.name}")
    if not any(found.values()):
        raise InputError(f"{path} has no flow on any link to compare with")
    return np.array([found[link] for link in ids])


def read_tntp_flows(path: object, game: RoadData) -> PublishedFlows:
    """The flows in a file `*_flow.tntp` on the links of a game; rows of from, to, volume, cost, in
    any order. Where several links join two nodes, their rows are in the links' order; rows from a
    node to itself are none of any link.

    Raises InputError naming the file, the line and the first link that the game does not have, or
    that the file does not.
    """
    lines = read_lines(path)
    places = _places(game)
    found = np.full((game.n_roads, 2), np.nan)
    for line in rows_of(lines):
        start, end, volume, cost = cells_of(line, (4,), "from, to, volume, cost")
        if start != end:
            found[_place(line, places, start, end, game.name)] = (
                line.real(volume, "volume"), line.real(cost, "cost"))
    missing = np.flatnonzero(np.isnan(found[:, 0]))
    if missing.size:
        start, end = (called(game.node_names, node) for node in game.links[missing[0]])
        raise lines[-1].error(f"the file ends without the link {start} -> {end} of {game.name}")
    if not found[:, 0].any():
        raise InputError(f"{lines[0].path} has no flow on any link to compare with")
    return PublishedFlows(found[:, 0], found[:, 1])


def _places(game: RoadData) -> dict[tuple[str, str], list[int]]:
    """Where the links from one node to another stand, by what the nodes are called, the last one
    first."""
    places: dict[tuple[str, str], list[int]] = {}
    for k in reversed(range(game.n_roads)):
        start, end = (str(called(game.node_names, node)) for node in game.links[k])
        places.setdefault((start, end), []).append(k)
    return places


def _place(line: Line, places: dict[tuple[str, str], list[int]], start: str, end: str,
           name: str) -> int:
    waiting = places.get((start, end))
    if waiting is None:
        raise line.error(f"{name} has no link {start} -> {end}: these are another network's flows")
    if not waiting:
        raise line.error(f"the link {start} -> {end} is there more often than in {name}")
    return waiting.pop()
