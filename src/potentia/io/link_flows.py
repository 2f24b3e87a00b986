"""Earlier flows on the links of a network, as a saved run or another program tells them in CSV."""

from __future__ import annotations

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import InputError, shown
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_facts import LinkId
from potentia.games.roads.node_names import called
from potentia.io.csv_tables import read_table
from potentia.io.road_nodes import WHOLE

IDS, FLOWS = ("id", "link_id"), ("flow", "volume")
STARTS, ENDS = ("from", "from_node_id"), ("to", "to_node_id")


def read_link_flows(path: object, game: RoadData) -> dict[LinkId, float]:
    """Vehicles on each link by its id, from a CSV file with the columns id (or link_id) and flow
    (or volume); other columns are ignored, and links that the game has not are kept. Where the file
    says where links begin and end, from and to (or from_node_id and to_node_id), those of the game
    must lie there: ids of another network may be the same.

    Raises InputError naming the file, the line and the column.
    """
    rows = read_table(path, (), (*IDS, *FLOWS, *STARTS, *ENDS), {}, {})
    first, cells = rows[0]
    found = [next((name for name in known if name in cells), None) for known in (IDS, FLOWS)]
    if None in found:
        raise InputError(f"{first.path}: the columns id (or link_id) and flow (or volume) were "
                         f"expected")
    ours = {str(link): link for link in game.link_ids}
    whole = all(isinstance(link, int) for link in game.link_ids)
    lie = {link: tuple(str(called(game.node_names, node)) for node in ends)
           for link, ends in zip(game.link_ids, np.asarray(game.links), strict=True)}
    named = [next((name for name in known if name in cells), None) for known in (STARTS, ENDS)]
    flows: dict[LinkId, float] = {}
    for line, cells in rows:
        text = cells[str(found[0])]
        link = ours.get(_plain(text, whole), text)
        if link in flows:
            raise line.error(f"the link {text} is there twice")
        ends = lie.get(link) if None in named else tuple(
            _plain(cells[str(name)], not game.node_names) for name in named)
        if link in lie and ends != lie[link]:
            raise line.error(f"the link {text} leads from {' to '.join(map(str, ends or ()))}, but "
                             f"that of the network from {' to '.join(lie[link])}")
        flows[link] = line.real(cells[str(found[1])], str(found[1]))
    return flows


def read_first_flows(path: object, game: RoadData) -> dict[LinkId, float]:
    """The flow on each road that a solve begins from: what `read_link_flows` finds, 0 on links that
    the file has not. Those and links that the network has not are noted, by the name of the file.

    Raises InputError as `read_link_flows` does, and for a file that has none of the links.
    """
    found, ours = read_link_flows(path, game), game.link_ids[:game.n_roads]
    missing, strange = ([link for link in one if link not in other] for one, other in (
        (ours, found), (found, set(ours))))
    if len(missing) == len(ours):
        raise InputError(f"{path} has flows of none of the links, which have ids such as "
                         f"{shown(ours[0])}")
    for links, what in ((missing, "without a flow, which begin at 0"),
                        (strange, "that the network has not")):
        if links:
            LOG.info("%s: %s %s, such as %s", path, counted(len(links), "link"), what,
                     shown(links[0]))
    return {link: found.get(link, 0.0) for link in ours}


def _plain(text: str, whole: bool) -> str:
    """What is called by whole numbers, without signs and zeros that say nothing: 007 is 7."""
    return str(int(text)) if whole and WHOLE.fullmatch(text) else text
