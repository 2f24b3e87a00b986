"""The same trips on another network: what its links and their costs are once some are taken away,
added or tolled."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError
from potentia.games.checks import array_of
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import Costs, checked

Changed = tuple[np.ndarray, Costs]      # [links, 2] nodes from and to, and what the links cost


def without(game: RoadData, link: object) -> Changed:
    """Without the link, or links, from one node to another: (from, to).

    Raises InputError for a link that is not there, and for costs that cannot be told apart.
    """
    gone = _named(game, link)
    kept = np.flatnonzero(~gone)
    return game.links[kept], game.costs.kept(kept)


def joined(game: RoadData, link: object, costs: object) -> Changed:
    """With one more link, (from, to), of its own costs, which must be of the kind that the others
    have."""
    ends = array_of(link, "link", whole=True)
    if ends.shape != (2,):
        raise InputError(f"link has shape {ends.shape}, but it must be (from, to)")
    more = checked(costs)
    if more.n_links != 1:
        raise InputError(f"costs are of {more.n_links} links, but one is added")
    return np.append(game.links, ends[None], axis=0), game.costs.joined(more)


def tolled(game: RoadData, tolls: object) -> Changed:
    """With a toll on each link, [links], or on those that a mapping {(from, to): toll} names.

    Tolls are in units of cost and not negative. Raises InputError naming the link at fault.
    """
    if isinstance(tolls, dict):
        column = np.zeros(len(game.links))
        for link, toll in tolls.items():
            column[_named(game, link)] += toll
    else:
        column = array_of(tolls, "tolls").astype(np.float64)
    if column.shape != (len(game.links),):
        raise InputError(
            f"tolls has shape {column.shape}, but it must be ({len(game.links)},) [links]")
    bad = np.flatnonzero(~np.isfinite(column) | (column < 0))
    if bad.size:
        raise InputError(
            f"tolls[link={bad[0]}] is {column[bad[0]]:g}, but it must be finite and not negative")
    return game.links, game.costs.raised(column)


def _named(game: RoadData, link: object) -> np.ndarray:
    ends = array_of(link, "link", whole=True)
    there = ((game.links == ends).all(axis=1) if ends.shape == (2,)
             else np.zeros(len(game.links), bool))
    if not there.any():
        raise InputError(
            f"there is no link {tuple(ends.tolist()) if ends.ndim == 1 else link} (from, to)")
    return there
