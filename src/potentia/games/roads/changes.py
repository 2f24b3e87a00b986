"""The same trips on another network: what its links and their costs are once some are taken away,
added or tolled.

Every function takes a game with its tolls, and the costs of its links' time alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from potentia.errors import InputError, finite_number
from potentia.games.checks import array_of
from potentia.games.roads import link_facts, node_names
from potentia.games.roads.charges import by_link, named
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import Costs, checked
from potentia.games.roads.link_facts import LinkFacts
from potentia.games.roads.node_names import Names


class Changed(NamedTuple):
    """links: [links, 2] nodes from and to. costs: of their time. tolls, distance_costs: [links].
    facts: what else is known of them."""

    links: np.ndarray
    costs: Costs
    tolls: np.ndarray
    distance_costs: np.ndarray
    node_names: Names
    facts: LinkFacts


def without(game: RoadData, time: Costs, link: object) -> Changed:
    """Without the link, or links, from one node to another: (from, to).

    Raises InputError for a link that is not there, and for costs that cannot be told apart.
    """
    kept = np.flatnonzero(~named(game.links, link, game.node_names, game.facts))
    if not kept.size:
        raise InputError(f"there is no other link than {link}, so that nobody could travel without")
    return Changed(game.links[kept], time.kept(kept), game.tolls[kept], game.distance_costs[kept],
                   game.node_names, link_facts.kept(game.facts, len(game.links), kept))


def joined(game: RoadData, time: Costs, link: object, costs: object, toll: object) -> Changed:
    """With one more link, (from, to), whose time has costs of its own, of the kind that the others
    have, and with a toll on it. Where nodes have names, a node that is new has one, too; the link's
    id is a number that no other has."""
    names = _with_new(game.node_names, link)
    ends = array_of(node_names.ends(names, link), "link", whole=True)
    if ends.shape != (2,):
        raise InputError(f"link has shape {ends.shape}, but it must be (from, to)")
    more = checked(costs)
    if more.n_links != 1:
        raise InputError(f"costs are of {more.n_links} links, but one is added")
    return Changed(np.append(game.links, ends[None], axis=0), time.joined(more),
                   np.append(game.tolls, finite_number(toll, "toll")),
                   np.append(game.distance_costs, 0.0), names,
                   link_facts.joined(game.facts, len(game.links)))


def _with_new(names: Names, link: object) -> Names:
    if not names or not isinstance(link, tuple | list):
        return names
    return tuple(dict.fromkeys((*names, *map(str, link))))


def tolled(game: RoadData, time: Costs, tolls: object) -> Changed:
    """With a further toll on each link, [links], or on those that a mapping {(from, to): toll}
    names.

    Tolls are in units of cost and not negative. Raises InputError naming the link at fault.
    """
    return Changed(game.links, time, game.tolls + by_link(
        game.links, tolls, "tolls", game.node_names, game.facts), game.distance_costs,
                   game.node_names, game.facts)
