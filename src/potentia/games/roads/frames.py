"""What a traffic engineer takes from a solved game, as pandas frames: links, pairs of origin and
destination, the pairs that use a link, and paths.

All of it is exact, from the policies that agents have at each node. Costs are those that the loop
charges a type: by type an agent leaves itself out of the load, by destination it is a price-taker
(`RoutingGame.from_links`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from potentia.errors import InputError, finite_number, shown
from potentia.games.roads import charges, compiled, elastic, link_table
from potentia.games.roads.charges import named
from potentia.games.roads.data import RoadData
from potentia.games.roads.held import with_profile
from potentia.games.roads.link_facts import LinkId
from potentia.games.roads.node_names import called, number
from potentia.games.roads.path_search import Path, PathSearch
from potentia.runtime.float64 import float64_on_one_blas_thread

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_PATHS = 100_000      # of a pair
Pair = tuple[int, int, int]            # origin, destination and number of a class, else 0


def links(game: RoadData, profile: object) -> DataFrame:
    """A row for each link, see `link_table.columns`."""
    return frame(link_table.columns(game, profile))


def skims(game: RoadData, profile: object) -> DataFrame:
    """A row for each pair of origin and destination, see `Frames.skims`."""
    held, policy = with_profile(game, profile)
    with float64_on_one_blas_thread():
        response, untolled = compiled.responded(held, policy), charges.taken_off(held)
        time = response if untolled is held else compiled.responded(untolled, policy)
        off = 0.0 if game.shared is None else np.asarray(response.error)
    numbers = {"time": -np.asarray(time.current)[:, 0], "cost": -np.asarray(response.current)[:, 0],
               "cheapest": -np.asarray(response.value)[:, 0],
               "gain": np.asarray(response.gain) + off}
    table = ends_of_pairs(game)
    if game.homes:
        count = np.asarray(game.trips.count)
        table["travelling"] = table["vehicles"] * (1.0 - _by_pair(
            game, elastic.staying(game, profile) / (np.asarray(game.weight) * count)))
    for name, by_type in numbers.items():
        table[name] = _by_pair(game, by_type)
    return frame(table)


def select_link(game: RoadData, profile: object, link: object) -> DataFrame:
    """A row for each pair that uses the link, see `Frames.select_link`."""
    (held, policy), chosen = with_profile(game, profile), named(
        game.links, link, game.node_names, game.facts)
    with float64_on_one_blas_thread():
        met = np.asarray(compiled.met(held, policy, jnp.asarray(
            chosen[np.asarray(game.link_of)], dtype=float)))
    table = ends_of_pairs(game)
    share = _by_pair(game, met)
    vehicles = np.asarray(table["vehicles"]) * share
    rows = [int(k) for k in np.argsort(-vehicles, kind="stable") if share[k] > 0]
    ends = [name for name in table if name not in ("agents", "vehicles")]
    return frame({**{name: [table[name][k] for k in rows] for name in ends},
                   "share": share[rows], "vehicles": vehicles[rows]})


def paths(game: RoadData, profile: object, od: object, mass: object) -> DataFrame:
    """A row for each path, see `Frames.paths`."""
    share = float(finite_number(mass, "mass"))
    if not 0 < share <= 1:
        raise InputError(f"mass is {share:g}, but it must lie above 0 and be at most 1")
    pairs = pairs_of(game)
    chosen = pairs if od is None else {pair: pairs[pair] for pair in _of_ends(game, od, pairs)}
    search, ids, found = _search(game, profile), game.link_ids, []
    for pair, types in chosen.items():
        starts = _starts(game, types)
        total = sum(starts.values())
        for path, covered in _covering(game, pair, starts, search, share):
            found.append(_row(game, pair, path, total, covered, ids))
    columns = ("origin", "destination", *_class_of(game, list(chosen)),
               *["step"] * bool(game.timed), "path", "links", "probability", "covered", "flow",
               "time", "cost")
    return frame({name: [row[k] for row in found] for k, name in enumerate(columns)})


def _search(game: RoadData, profile: object) -> PathSearch:
    held, policy = with_profile(game, profile)
    with float64_on_one_blas_thread():
        cost, untolled = np.asarray(compiled.costs(held, policy)), charges.taken_off(held)
        time = cost if untolled is held else np.asarray(compiled.costs(untolled, policy))
    return PathSearch(game, np.asarray(policy)[:, 0], time, cost)


def _covering(game: RoadData, pair: Pair, starts: dict[int, float], search: PathSearch,
              mass: float) -> list[tuple[Path, float]]:
    """A pair's paths until `mass` of its trips is covered, and what is covered by then."""
    total, found, covered = sum(starts.values()), [], 0.0
    for path in search.paths(starts):
        if len(found) == MOST_PATHS:
            raise InputError(
                f"from {_name(game, pair[0])} to {_name(game, pair[1])} {MOST_PATHS:,} paths cover "
                f"{covered:.3g} of the trips, and mass={mass:g} needs more: ask for less")
        covered = min(covered + path.agents / total, 1.0)
        found.append((path, covered))
        if covered >= mass:
            break
    return found


def _row(game: RoadData, pair: Pair, path: Path, total: float, covered: float,
         ids: tuple[LinkId, ...]) -> tuple:
    """What `paths` says of one, by column."""
    copies = [copy for copy in path.links if game.link_of[copy] < game.n_roads]
    real = [int(game.link_of[copy]) for copy in copies]
    nodes = [pair[0], *(int(game.links[link, 1]) for link in real)] if real else []
    own = [name for (name,) in _class_of(game, [pair]).values()]
    step = [copies[0] // len(game.links)] if game.timed else []
    return (*(_name(game, node) for node in pair[:2]), *own, *step,
            tuple(_name(game, node) for node in nodes),
            tuple(ids[link] for link in real), path.agents / total, covered,
            float(_vehicles(game, pair)) * path.agents, path.time, path.cost)


def pairs_of(game: RoadData) -> dict[Pair, list[int]]:
    """The types of each pair and class, in the order in which they come."""
    found: dict[Pair, list[int]] = {}
    kinds = (np.zeros(len(game.trips.count), int) if game.classes is None
             else game.classes.of_type)
    ends = np.column_stack([game.trips.origin, game.trips.destination, kinds]).tolist()
    for of_type, (origin, destination, kind) in enumerate(ends):
        found.setdefault((origin, destination, kind), []).append(of_type)
    return found


def _class_of(game: RoadData, pairs: list[Pair]) -> dict[str, list[str]]:
    """The class of each pair as a column; none where there are no classes."""
    return {} if game.classes is None else {
        "class": [game.classes.names[kind] for *_, kind in pairs]}


def _vehicles(game: RoadData, pair: Pair) -> float:
    """How many vehicles an agent of a pair counts as."""
    return float(game.weight) * (1.0 if game.classes is None
                                 else float(game.classes.weight[pair[2]]))


def _starts(game: RoadData, types: list[int]) -> dict[int, float]:
    """How many agents begin at each row."""
    starts: dict[int, float] = {}
    for of_type in types:
        row = int(game.trips.row[of_type])
        starts[row] = starts.get(row, 0.0) + float(game.trips.count[of_type])
    return starts


def ends_of_pairs(game: RoadData) -> dict[str, list | np.ndarray]:
    """Origin, destination, class if there are any, agents and vehicles of each pair."""
    pairs = pairs_of(game)
    agents = np.array([int(game.trips.count[types].sum()) for types in pairs.values()])
    return {"origin": [_name(game, origin) for origin, *_ in pairs],
            "destination": [_name(game, destination) for _, destination, _ in pairs],
            **_class_of(game, list(pairs)), "agents": agents,
            "vehicles": np.array([_vehicles(game, pair) for pair in pairs]) * agents}


def _by_pair(game: RoadData, by_type: np.ndarray) -> np.ndarray:
    """Means over the agents of each pair, from [T]."""
    count = np.asarray(game.trips.count)
    return np.array([np.average(by_type[types], weights=count[types])
                     for types in pairs_of(game).values()])


def _of_ends(game: RoadData, od: object, pairs: dict[Pair, list[int]]) -> list[Pair]:
    """Those from one node to another, one for each class."""
    if not isinstance(od, tuple | list) or len(od) != 2:
        raise InputError(f"od is {shown(od)}, but it must be a pair (origin, destination)")
    start, end = (number(game.node_names, node) for node in od)
    found = [pair for pair in pairs if pair[:2] == (start, end)]
    if not found:
        raise InputError(f"there are no trips from {shown(od[0])} to {shown(od[1])}")
    return found


def _name(game: RoadData, node: int) -> int | str:
    return called(game.node_names, node)


def frame(table: dict) -> DataFrame:
    import pandas as pd  # takes half a second, and only frames need it
    return pd.DataFrame(table)
