"""The same trips on another network: links taken away, added or tolled."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.errors import InputError
from potentia.games.checks import array_of
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.link_costs import Costs, Function, Polynomial, Tabulated


def without(game: RoutingGame, link: object) -> RoutingGame:
    """The game without the link, or links, from one node to another: (from, to).

    Raises InputError for a link that is not there, and if a destination can then not be reached.
    """
    gone = _named(game, link)
    kept = np.flatnonzero(~gone)
    return _rebuilt(game, game.links[kept], _of_links(game.costs, kept))


def joined(game: RoutingGame, link: object, costs: Costs) -> RoutingGame:
    """The game with one more link, (from, to), of its own costs, which must be of the kind that the others have."""
    ends = array_of(link, "link", whole=True)
    if ends.shape != (2,):
        raise InputError(f"link has shape {ends.shape}, but it must be (from, to)")
    if costs.n_links != 1:
        raise InputError(f"costs are of {costs.n_links} links, but one is added")
    return _rebuilt(game, np.append(game.links, ends[None], axis=0), _together(game.costs, costs))


def tolled(game: RoutingGame, tolls: object) -> RoutingGame:
    """The game with a toll on each link, [links], or on those that a mapping {(from, to): toll} names.

    Tolls are in units of cost and not negative. Raises InputError naming the link at fault.
    """
    if isinstance(tolls, dict):
        column = np.zeros(len(game.links))
        for link, toll in tolls.items():
            column[_named(game, link)] += toll
    else:
        column = array_of(tolls, "tolls").astype(np.float64)
    if column.shape != (len(game.links),):
        raise InputError(f"tolls has shape {column.shape}, but it must be ({len(game.links)},) [links]")
    bad = np.flatnonzero(~np.isfinite(column) | (column < 0))
    if bad.size:
        raise InputError(f"tolls[link={bad[0]}] is {column[bad[0]]:g}, but it must be finite and not negative")
    return _rebuilt(game, game.links, _raised(game.costs, column))


def _named(game: RoutingGame, link: object) -> np.ndarray:
    ends = array_of(link, "link", whole=True)
    there = (game.links == ends).all(axis=1) if ends.shape == (2,) else np.zeros(len(game.links), bool)
    if not there.any():
        raise InputError(f"there is no link {tuple(ends.tolist()) if ends.ndim == 1 else link} (from, to)")
    return there


def _rebuilt(game: RoutingGame, links: np.ndarray, costs: Costs) -> RoutingGame:
    demand = np.column_stack([game.trips.origin, game.trips.destination, game.trips.count])
    return RoutingGame.from_links(
        links, costs, demand, weight=float(game.weight), policies=game.policies, horizon=game.horizon,
        closed=game.closed, detour=game.detour, reorient_every=game.reorient_every or 100, name=game.name)


def _of_links(costs: Costs, kept: np.ndarray) -> Costs:
    if isinstance(costs, Function):
        raise InputError("costs that are one function of all links cannot be told apart: build the game anew")
    if isinstance(costs, Tabulated):
        return dataclasses.replace(costs, table=costs.table[kept])
    return dataclasses.replace(costs, **{field.name: getattr(costs, field.name)[kept]
                                         for field in dataclasses.fields(costs)})


def _together(costs: Costs, more: Costs) -> Costs:
    if isinstance(costs, Polynomial) and isinstance(more, Polynomial):
        degree = max(costs.coefficients.shape[1], more.coefficients.shape[1])
        return Polynomial(np.concatenate([np.pad(each.coefficients, ((0, 0), (0, degree - each.coefficients.shape[1])))
                                          for each in (costs, more)]))
    if type(costs) is not type(more) or isinstance(costs, Function):
        raise InputError(f"the links' costs are a {type(costs).__name__}, the new link's a {type(more).__name__}: give "
                         "both in the same kind")
    if isinstance(costs, Tabulated) and isinstance(more, Tabulated):
        return dataclasses.replace(costs, table=np.concatenate([costs.table, more.table]))
    return dataclasses.replace(costs, **{
        field.name: np.concatenate([getattr(costs, field.name), getattr(more, field.name)])
        for field in dataclasses.fields(costs)})


def _raised(costs: Costs, column: np.ndarray) -> Costs:
    if isinstance(costs, Polynomial):
        return Polynomial(np.column_stack([costs.coefficients[:, 0] + column, costs.coefficients[:, 1:]]))
    if isinstance(costs, Tabulated):
        return dataclasses.replace(costs, table=costs.table + column[:, None])
    if isinstance(costs, Function):
        return Function(lambda load: costs.at(load) + column.reshape(-1, *[1] * (load.ndim - 1)), costs.n_links)
    return dataclasses.replace(costs, base=costs.base + column)
