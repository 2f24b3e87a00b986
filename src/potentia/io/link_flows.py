"""Earlier flows on the links of a network, as a saved run or another program tells them in CSV."""

from __future__ import annotations

from potentia.errors import InputError
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_facts import LinkId
from potentia.io.csv_tables import read_table

IDS, FLOWS = ("id", "link_id"), ("flow", "volume")


def read_link_flows(path: object, game: RoadData) -> dict[LinkId, float]:
    """Vehicles on each link by its id, from a CSV file with the columns id (or link_id) and flow
    (or volume); other columns are ignored, and links that the game has not are kept.

    Raises InputError naming the file, the line and the column.
    """
    rows = read_table(path, (), (*IDS, *FLOWS), {}, {})
    first, cells = rows[0]
    found = [next((name for name in known if name in cells), None) for known in (IDS, FLOWS)]
    if None in found:
        raise InputError(f"{first.path}: the columns id (or link_id) and flow (or volume) were "
                         f"expected")
    ours = {str(link): link for link in game.link_ids}
    flows: dict[LinkId, float] = {}
    for line, cells in rows:
        text = cells[str(found[0])]
        link = ours.get(text, text)
        if link in flows:
            raise line.error(f"the link {text} is there twice")
        flows[link] = line.real(cells[str(found[1])], str(found[1]))
    return flows
