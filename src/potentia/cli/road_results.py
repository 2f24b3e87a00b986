"""What the command line adds for road networks: reading them, and telling and drawing what flows
where."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    import numpy as np

    from potentia.game import Game
    from potentia.games.roads.game import RoutingGame
    from potentia.report.road_maps import Coordinates, LinkFlows
    from potentia.result import Result
    from potentia.welfare.comparison import Side

SUFFIXES = (".tntp", ".csv")
PARAMETERS = ("n_agents", "policies", "horizon", "detour", "reorient_every")
SHARE = 1e-7  # of the mean cost of a trip on free roads: the Nash gap that counts as converged


@dataclasses.dataclass(frozen=True)
class Usual:
    """What `solve` does if it is not told otherwise."""

    rule: str
    initial: str
    max_iterations: int
    tolerance: float


def usual(game: RoutingGame) -> Usual:
    """On roads: steps that need no tuning, and a tolerance in the unit of the costs."""
    return Usual(rule="inpg-adaptive", initial="uniform", max_iterations=3000,
                 tolerance=_small(game))


@dataclasses.dataclass(frozen=True)
class RoadFiles:
    """What the command line says of a road network beside its file; None where it says nothing."""

    trips: Path | None
    toll_weight: float | None
    length_weight: float | None
    columns: dict[str, str] | None = None


def read(game: str, files: RoadFiles, own: dict[str, Any]) -> RoutingGame | None:
    """The routing game, if `game` is the file of a road network; None if it is another game.

    Raises InputError if another game is given what goes with road networks.
    """
    from potentia.cli.arguments import is_registered
    from potentia.console.progress import spinner
    from potentia.errors import InputError, known_name
    from potentia.io.road_games import read_roads
    from potentia.io.text_lines import suffix
    if is_registered(game) or suffix(Path(game)) not in SUFFIXES:
        for name, value in vars(files).items():
            if value is not None:
                raise InputError(f"--{name.replace('_', '-')} goes with a road network "
                                 f"({' or '.join(SUFFIXES)}), but {game} is none")
        return None
    if files.trips is None:
        raise InputError(
            f"{game} is a road network, which takes its trips from a second file: add --trips "
            f"FILE")
    for name in own:
        known_name(name, PARAMETERS, "parameter")
    renamed: dict[str, Any] = {}
    if files.columns is not None:
        if suffix(Path(game)) != ".csv":
            raise InputError(f"--columns goes with roads in CSV files, but {game} is none")
        renamed = {"columns": files.columns}
    with spinner(f"reading {game}"):
        return read_roads(Path(game), files.trips, toll_weight=files.toll_weight,
                          length_weight=files.length_weight,
                          **{"policies": "auto", **own, **renamed})


def is_roads(game: object) -> TypeGuard[RoutingGame]:
    """Whether the game has links, on which what flows can be told and drawn."""
    from potentia.game import HasLinks
    return isinstance(game, HasLinks)


def check_coordinates(game: Game, nodes: Path) -> None:
    """Refuse a file of nodes that is none, or that lacks some, before the work is done."""
    from potentia.errors import InputError
    from potentia.games.roads.node_names import called
    from potentia.io.tntp import read_nodes
    if not is_roads(game):
        raise InputError("--nodes goes with a road network")
    missing = sorted(set(map(int, game.links.ravel())) - set(read_nodes(nodes, game.node_names)))
    if missing:
        raise InputError(f"{nodes} does not say where node "
                         f"{called(game.node_names, missing[0])} lies")


def check_price(game: Game, price: bool) -> None:
    """Refuse to leave out of another game what only roads have."""
    from potentia.errors import InputError
    if not price and not is_roads(game):
        raise InputError("--no-price-of-anarchy goes with roads: it leaves out learning their "
                         "system optimum")


def _small(game: RoutingGame) -> float:
    """A Nash gap that is small beside the mean cost of a trip on free roads."""
    import numpy as np

    from potentia.games.roads.bushes import cheapest
    free_flow = np.append(free_costs(game)[np.asarray(game.link_of)], 0.0)[game.rows.link]
    least = cheapest(game.rows, free_flow)[game.trips.row]
    return (SHARE * max(float(np.average(least, weights=game.trips.count)),
                        float(np.finfo(np.float64).tiny)))


def free_costs(game: RoutingGame) -> Any:
    """[links] what each costs a lone agent, tolls and distance costs included."""
    import jax.numpy as jnp
    import numpy as np

    from potentia.runtime.float64 import float64_on_one_blas_thread
    with float64_on_one_blas_thread():
        return np.asarray(game.costs.at(jnp.full(len(game.links), game.weight)))


def flows_of(game: RoutingGame, profile: np.ndarray) -> LinkFlows:
    """Flow, cost and time of each link at `profile` [R, 1, A]; with a horizon, the flow of all
    steps and its mean cost and time."""
    import numpy as np

    from potentia.report.road_maps import LinkFlows
    cost, time = (np.asarray(each).reshape(-1, len(game.links)).mean(axis=0)
                  for each in (game.link_costs(profile), game.link_times(profile)))
    return LinkFlows(links=np.asarray(game.links), flow=np.asarray(game.link_flows(profile)),
                     cost=cost, time=time, free=free_costs(game.untolled()),
                     toll=np.asarray(game.tolls), node_names=dict(enumerate(game.node_names, 1)))


def coordinates_of(game: RoutingGame, nodes: Path | None) -> tuple[Coordinates, bool]:
    """Where nodes are drawn, and whether that is known: from a file of nodes, or from the named
    game."""
    from potentia import games
    from potentia.io import tntp
    from potentia.report.road_maps import placed
    known = None
    if nodes is not None:
        known = tntp.read_nodes(nodes, game.node_names)
    elif game.recipe is not None:
        known = getattr(games.module(game.recipe[0]), "NODE_COORDINATES", None)
    found = placed(game.links, known)
    return found, known is not None and all(node in known for node in found)


def roads_of(solved: Result | Side) -> RoutingGame:
    """The roads that were solved."""
    assert is_roads(solved.game)
    return solved.game


def files_of(result: Result, nodes: Path | None) -> dict[str, bytes]:
    """What a saved run holds beside itself: the flows of the first run, and a picture."""
    from potentia.console.text import counted
    from potentia.report import road_maps
    game = roads_of(result)
    flows = flows_of(game, result.profiles[0])
    coordinates, known = coordinates_of(game, nodes)
    drawn = road_maps.picture(f"{game.name}: vehicles", {counted(game.n_agents, "agent"): flows},
                              coordinates)
    files = {"flows.csv": road_maps.as_csv(flows), "network.png": road_maps.as_png(drawn)}
    return {**files, "flows.geojson": road_maps.as_geojson(flows, coordinates)} if known else files


def show(result: Result, price: bool = True) -> None:
    """Print the most loaded links and what selfishness costs, of the first run; `price`: the
    system optimum included."""
    from potentia.report.road_maps import show_most_loaded
    from potentia.welfare.traffic import report
    game = roads_of(result)
    show_most_loaded(flows_of(game, result.profiles[0]))
    print(report(game, result.profiles[0], optimum=price))


def document(result: Result, price: bool = True) -> dict[str, Any]:
    """The flows of the first run and what selfishness costs, as a JSON document holds them;
    `price`: the system optimum included."""
    from potentia.welfare.traffic import report
    game = roads_of(result)
    flows = flows_of(game, result.profiles[0])
    return {"welfare": report(game, result.profiles[0], optimum=price), "links": flows.ends,
            "flow": flows.flow, "cost": flows.cost, "time": flows.time, "toll": flows.toll}
