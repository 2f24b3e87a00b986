"""What the command line tells and draws of roads that were solved: what flows where, the files of a
saved run, and how far flows are from published ones."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from potentia.cli import step_notes
from potentia.cli.road_results import check_price, is_roads

if TYPE_CHECKING:
    from concurrent.futures import Future

    import numpy as np
    from matplotlib.figure import Figure

    from potentia.certificates.certificate import Certificate
    from potentia.game import Game, TravelTotals
    from potentia.games.roads.game import RoutingGame
    from potentia.report.road_flows import Coordinates, LinkFlows, Marked
    from potentia.result import Result
    from potentia.welfare.comparison import Side

EPSG = re.compile(r"EPSG:([0-9]{4,6})", re.IGNORECASE)


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the command line asks of the output of roads; None where it asks nothing."""

    nodes: Path | None = None
    crs: str | None = None
    flows: Path | None = None
    gmns: bool | None = None


@dataclasses.dataclass(frozen=True)
class Extras:
    """What was read for it. places: of all nodes, if they are known. surveyed: whether they come
    from a file of nodes, or the network's own, not from a named game's drawing. epsg: the code of
    their reference system, if it is told. published: [links] flows to hold those found against.
    price: whether the system optimum is to be learnt, for the price of anarchy. gmns: whether
    link_performance.csv is to be written."""

    places: Coordinates | None = None
    surveyed: bool = False
    epsg: int | None = None
    published: np.ndarray | None = None
    price: bool = True
    gmns: bool = False


def read(game: Game, asked: Asked, out: Path | None = None,
         price: bool | None = True) -> Extras:
    """What goes with the output of a game, before the work is done; price: whether the price of
    anarchy is told, None where it never is.

    Raises InputError for files that do not fit the game, for coordinates that are none of their
    reference system, and where the game has no roads.
    """
    from potentia.console.log import LOG
    from potentia.errors import InputError
    from potentia.io.published_flows import read_flows
    check_price(game, price is not False)
    if not is_roads(game):
        for name, value in vars(asked).items():
            if value is not None:
                raise InputError(f"--{name} goes with a road network")
        return Extras()
    if asked.gmns and out is None:
        raise InputError("--gmns writes link_performance.csv beside the result: add --out")
    step_notes.before(game)
    places = _places(game, asked.nodes)
    surveyed = asked.nodes is not None or (places is not None and bool(game.places))
    epsg = None if asked.crs is None else _epsg(asked, surveyed, out)
    if epsg is not None and surveyed and places is not None:
        _check_degrees(game, str(asked.nodes or game.name), places, epsg)
    published = None if asked.flows is None else read_flows(asked.flows, game)
    if price and not game.has_optimum:
        why = ("trips choose when to leave" if game.timed else "classes have different weights")
        LOG.info("%s: %s, of which no system optimum is known: the price of anarchy is left out",
                 game.name, why)
    return Extras(places, surveyed, epsg, published, bool(price) and game.has_optimum,
                  bool(asked.gmns))


def roads_of(solved: Result | Side) -> RoutingGame:
    """The roads that were solved."""
    assert is_roads(solved.game)
    return solved.game


def files_of(result: Result, extras: Extras,
             certificates: list[Certificate] | None) -> dict[str, bytes]:
    """What a saved run holds beside itself: the flows of the first run, when its trips leave where
    they choose, and a picture that says what its certificate does."""
    from potentia.console.bounds import above
    from potentia.console.log import LOG
    from potentia.console.text import counted
    from potentia.plot.road_tables import flows_of
    from potentia.report import road_flows, road_maps
    game = roads_of(result)
    flows = flows_of(game, result.profiles[0])
    files = {"flows.csv": road_flows.as_csv(flows)}
    if game.timed:
        told = game.departures(result.profiles[0]).to_csv(index=False, lineterminator="\n")
        files["departures.csv"] = told.encode()
    if extras.gmns:
        files["link_performance.csv"] = road_flows.as_gmns(flows)
    if extras.places is not None and extras.epsg is not None:
        files["flows.geojson"] = road_flows.as_geojson(flows, extras.places, extras.epsg)
    for note in _left_out(game, extras):
        LOG.info("%s", note)
    name = "network.png" if extras.places is not None else "links.png"
    gap = None if certificates is None else certificates[0].relative_gap
    said = "" if gap is None else f", certified within a relative gap of {above(gap, '.2g')}"
    figure = drawn(game.name + said,
                   {counted(game.n_agents, "agent"): flows}, extras)
    return {**files, name: road_maps.as_file(figure)}


def drawn(title: str, panels: dict[str, LinkFlows], extras: Extras,
          marked: Marked | None = None) -> Figure:
    """The network where it is known where its nodes lie, changed links marked, else bars of its
    fullest links."""
    import numpy as np

    from potentia.plot.road_tables import placed
    from potentia.report import road_flows, road_maps
    places = placed({int(node) for flows in panels.values() for node in np.unique(flows.links)},
                    extras.places)
    if places is None:
        return road_maps.bars(title, panels)
    return road_maps.picture(title, panels, places, aspect_of(places, extras),
                             marked or road_flows.NOTHING)


def aspect_of(places: Coordinates | None, extras: Extras) -> float:
    """Length of a unit of y over that of x; a degree of longitude is the shorter one."""
    from potentia.report.road_flows import LONGITUDE_LATITUDE
    if places is None or extras.epsg != LONGITUDE_LATITUDE:
        return 1.0
    ys = [y for _, y in places.values()]
    return 1.0 / max(math.cos(math.radians(sum(ys) / len(ys))), 0.1)


def travel_begun(result: Result) -> Future[TravelTotals]:
    """What the first run's profile costs all, found while other work goes on."""
    from potentia.runtime.ahead import begun
    game = roads_of(result)
    return begun(lambda: game.totals(result.profiles[0]))


def show(result: Result, extras: Extras, certificate: Certificate | None = None,
         travel: TravelTotals | None = None) -> None:
    """Print the links with most vehicles, the fullest, what selfishness costs, and how far the
    flows are from published ones, of the first run."""
    from potentia.plot.road_tables import flows_of
    from potentia.report.road_flows import show_links
    from potentia.welfare.traffic import report
    game = roads_of(result)
    step_notes.after(game, result.profiles[0])
    flows = flows_of(game, result.profiles[0])
    show_links(flows)
    print(report(game, result.profiles[0], optimum=extras.price, certificate=certificate,
                 travel=travel))
    if extras.published is not None:
        print(_differences(flows, extras.published))


def document(result: Result, extras: Extras, certificate: Certificate | None = None,
             travel: TravelTotals | None = None) -> dict[str, Any]:
    """The flows of the first run and what selfishness costs, as a JSON document holds them."""
    from potentia.plot.road_tables import flows_of
    from potentia.report.road_flows import rows
    from potentia.welfare.traffic import report
    game = roads_of(result)
    step_notes.after(game, result.profiles[0])
    flows = flows_of(game, result.profiles[0])
    table = rows(flows)
    columns = {name: [row[name] for row in table] for name in flows.table
               if name not in ("from", "to")}
    told = ({} if extras.published is None
            else {"published": _differences(flows, extras.published)})
    told_of_all = report(game, result.profiles[0], optimum=extras.price, certificate=certificate,
                         travel=travel)
    return {"welfare": told_of_all, "links": flows.ends, **columns, **told}


def _differences(flows: LinkFlows, published: np.ndarray) -> Any:
    from potentia.report.flow_differences import differences
    return differences(flows, published)


def _places(game: RoutingGame, nodes: Path | None) -> Coordinates | None:
    """Where nodes lie, by a file of nodes, the network's own or as the named game is drawn."""
    from potentia.errors import InputError
    from potentia.games.roads.node_names import called
    from potentia.io.node_files import read_places
    from potentia.io.road_nodes import note_strangers
    from potentia.plot.road_tables import drawn_places, nodes_of
    if nodes is None:
        return drawn_places(game)
    wanted = nodes_of(game)
    places = read_places(nodes, game.node_names)
    if missing := sorted(wanted - set(places)):
        others = f", and {len(missing) - 1:,} more of {len(wanted):,}" if len(missing) > 1 else ""
        raise InputError(f"{nodes} does not say where node "
                         f"{called(game.node_names, missing[0])} of {game.name} lies{others}")
    if not game.node_names:
        note_strangers(nodes, sorted(set(places) - wanted))
    if len({places[node] for node in wanted}) == 1:
        raise InputError(f"{nodes} has all nodes at one point, {places[min(wanted)]}")
    return places


def _epsg(asked: Asked, surveyed: bool, out: Path | None) -> int:
    """The code that --crs gives. Raises InputError for a text that is none, and where no file would
    hold it."""
    from potentia.errors import InputError, shown
    found = EPSG.fullmatch((asked.crs or "").strip())
    if found is None:
        raise InputError(f"--crs is {shown(asked.crs)}, but a code was expected, such as EPSG:4326 "
                         f"for longitude and latitude")
    for name, there in (("nodes", surveyed), ("out", out is not None)):
        if not there:
            raise InputError(f"--crs says what the coordinates in flows.geojson are: add --{name}")
    return int(found[1])


def _check_degrees(game: RoutingGame, source: str, places: Coordinates, epsg: int) -> None:
    """Refuse what is no longitude and latitude where they are said to be that."""
    from potentia.errors import InputError
    from potentia.games.roads.node_names import called
    from potentia.report.road_flows import LONGITUDE_LATITUDE
    for node, (x, y) in places.items() if epsg == LONGITUDE_LATITUDE else ():
        if abs(x) > 180 or abs(y) > 90:
            raise InputError(
                f"{source}: node {called(game.node_names, node)} lies at ({x:g}, {y:g}), but with "
                f"EPSG:{epsg} x is a longitude, -180 to 180, and y a latitude, -90 to 90: give the "
                f"code of its plane coordinates")


def _left_out(game: RoutingGame, extras: Extras) -> list[str]:
    """Why there is no GeoJSON, and no picture of the network."""
    if extras.places is None:
        return [f"where the nodes of {game.name} lie is not known (--nodes): links.png has bars "
                f"instead of network.png, and there is no flows.geojson"]
    if not extras.surveyed:
        return [f"the places of {game.name}'s nodes are those of a drawing, not of a map: there is "
                f"no flows.geojson"]
    if extras.epsg is None:
        return ["there is no flows.geojson, since no --crs says what the coordinates of nodes are "
                "(EPSG:4326 for longitude and latitude)"]
    return []
