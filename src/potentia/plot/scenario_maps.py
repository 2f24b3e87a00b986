"""Where flows change from the base to each of several scenarios, as one picture."""

from __future__ import annotations

from matplotlib.figure import Figure

from potentia.games.roads.game import RoutingGame
from potentia.plot.road_tables import flows_of, marked, placed
from potentia.report import difference_maps
from potentia.report.road_flows import Coordinates
from potentia.welfare.scenarios import Scenarios
from potentia.welfare.sides import Side


def picture(found: Scenarios, places: Coordinates | None, aspect: float = 1.0) -> Figure:
    """A panel for each scenario: the network where it is known where its nodes lie, else bars.

    places: of the nodes, None if that is not known. aspect: length of a unit of y over that of x.
    """
    before = _roads(found.base)
    of_base = flows_of(before, found.base.profile)
    panels, marks = {}, {}
    for row, (name, side) in zip(found.rows()[1:], found.sides.items(), strict=True):
        after, title = _roads(side), f"{name}: {100 * row['change']:+z.2f} %"
        panels[title] = difference_maps.changes(of_base, flows_of(after, side.profile))
        marks[title] = marked(before, after)
    where = placed({int(node) for each in panels.values() for node in each.links.ravel()}, places)
    return difference_maps.picture(
        f"{before.name}: where flows change, and by how much expected total travel time", panels,
        marks, where, aspect)


def _roads(side: Side) -> RoutingGame:
    assert isinstance(side.game, RoutingGame)
    return side.game
