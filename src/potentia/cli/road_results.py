"""What the command line adds for road networks: reading them, and how they are solved if it is not
said."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from potentia.certificates.certificate import Certificate
    from potentia.game import Game
    from potentia.games.roads.departures import Departures
    from potentia.games.roads.game import RoutingGame

SUFFIXES = (".tntp", ".csv")
PARAMETERS = ("n_agents", "policies", "horizon", "detour", "reorient_every", "at_home", "closed")
# Rows of networks whose gaps are dear, and iterations between gaps for about each so many: a gap is
# found while a run goes on, in less time than that.
LARGE, LARGE_EVERY = 100_000, 40
FINER = 1e-4              # of the relative gap that is asked for, to which sides are compared
RELATIVE_GAP = 1e-4       # what practice asks of flows (Boyce, Ralevic-Dekic and Bar-Gera 2004)


@dataclasses.dataclass(frozen=True)
class Goals:
    """The Nash gap and the relative gap that count as converged; None where it is not asked for."""

    nash: float | None
    relative: float | None

    def __str__(self) -> str:
        named = (("the tolerance", self.nash), ("a relative gap of", self.relative))
        return " or ".join(f"{name} {size:g}" for name, size in named if size is not None)

    def reached(self, certificate: Certificate) -> bool:
        """Whether the certificate proves one of them."""
        return ((self.nash is not None and certificate.nash_gap <= self.nash)
                or (self.relative is not None and certificate.relative_gap is not None
                    and certificate.relative_gap <= self.relative))


@dataclasses.dataclass(frozen=True)
class Usual:
    """What `solve` does if it is not told otherwise."""

    rule: str
    initial: str
    max_iterations: int
    check_every: int
    goals: Goals


# On roads: steps that need no tuning, and a gap that asks for no unit.
ON_ROADS = Usual(rule="projected-newton", initial="uniform", max_iterations=3000, check_every=20,
                 goals=Goals(nash=None, relative=RELATIVE_GAP))


def checked_every(game: Game, usual: Usual) -> int:
    """Iterations between exact gaps if it is not said: more where one takes as long as many
    iterations."""
    rows = len(game.rows.node) if is_roads(game) else 0
    return LARGE_EVERY * round(rows / LARGE) if rows > LARGE else usual.check_every


@dataclasses.dataclass(frozen=True)
class RoadFiles:
    """What the command line says of a road network beside its file; None where it says nothing."""

    trips: list[Path] | None
    toll_weight: float | None
    length_weight: float | None
    columns: dict[str, str] | None = None
    classes: list[str] | None = None
    departures: Departures | None = None

    @property
    def timed(self) -> dict[str, Any]:
        """When trips leave, as readers take it."""
        return {} if self.departures is None else {"departures": self.departures}

    @property
    def by_class(self) -> tuple[Path | dict[str, Path] | None, dict[str, Any]]:
        """The trips, by class if there are any, and what the classes are, as readers take them; a
        class of which there are only trips has weight and value of time 1."""
        from potentia.cli.arguments import classes_of, trips_of
        from potentia.games.roads.classes import TrafficClass
        trips, classes = trips_of(self.trips), classes_of(self.classes)
        if isinstance(trips, dict):
            classes = {name: {} for name in trips} | (classes or {})
        return trips, {} if classes is None else {"classes": {
            name: TrafficClass(**each) for name, each in classes.items()}}


def read(game: str, files: RoadFiles, own: dict[str, Any]) -> RoutingGame | None:
    """The routing game, if `game` is the file of a road network; None if it is another game.

    Raises InputError if another game is given what goes with road networks.
    """
    from potentia.cli.arguments import is_registered
    from potentia.console.progress import spinner
    from potentia.errors import InputError, known_name
    from potentia.io.gmns import is_folder
    from potentia.io.road_games import read_roads
    from potentia.io.text_lines import suffix
    if not is_registered(game) and is_folder(Path(game)):
        return _read_folder(game, files, own)
    if is_registered(game) or suffix(Path(game)) not in SUFFIXES:
        for name, value in vars(files).items():
            if value is not None:
                option = "class" if name == "classes" else name.replace("_", "-")
                raise InputError(f"--{option} goes with a road network "
                                 f"({' or '.join(SUFFIXES)}), but {game} is none")
        return None
    trips, classes = files.by_class
    if trips is None:
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
        return read_roads(Path(game), trips, toll_weight=files.toll_weight,
                          length_weight=files.length_weight,
                          **{"policies": "auto", **own, **renamed, **classes, **files.timed})


def _read_folder(game: str, files: RoadFiles, own: dict[str, Any]) -> RoutingGame:
    """The routing game of a GMNS folder; trips are its own unless a file is given."""
    from potentia.console.progress import spinner
    from potentia.errors import InputError, known_name
    from potentia.io.gmns import read_gmns
    for name in own:
        known_name(name, PARAMETERS, "parameter")
    if files.columns is not None:
        raise InputError(f"--columns goes with roads in CSV files, but {game} is a GMNS folder, "
                         f"whose columns have names")
    trips, classes = files.by_class
    if classes:
        raise InputError(f"--class and files of trips by class go with roads in "
                         f"{' or '.join(SUFFIXES)}, but {game} is a GMNS folder")
    with spinner(f"reading {game}"):
        return read_gmns(Path(game), trips, toll_weight=files.toll_weight,
                         length_weight=files.length_weight,
                         **{"policies": "auto", **own, **files.timed})


def files_read(game: str, trips: list[Path] | None) -> list[Path]:
    """The files that the command line names for a game and for its trips; of a GMNS folder those
    that it may hold."""
    from potentia.cli.arguments import is_registered, trips_of
    from potentia.io.gmns import PARTS, is_folder
    named = trips_of(trips)
    found = [] if named is None else list(named.values()) if isinstance(named, dict) else [named]
    if is_registered(game):
        return found
    beside = PARTS if is_folder(Path(game)) else ()
    return [*found, Path(game), *[Path(game) / f"{name}.csv" for name in beside]]


def start(game: Game, flows: Path | None, initial: str | None, usual: str) -> Any:
    """What a solve begins from: flows in a file or the profile of a saved run's first run, or what
    is told, or the usual.

    Raises InputError for flows of what has no roads, and where both are told.
    """
    from potentia.errors import InputError
    from potentia.io.link_flows import read_first_flows
    from potentia.io.runs import is_run, load
    if flows is None:
        return initial or usual
    if not is_roads(game):
        raise InputError("--flows-from goes with a road network")
    if initial is not None:
        raise InputError(f"--flows-from says what the first policies are, and so does --initial "
                         f"{initial}: give one of them")
    if is_run(flows):
        result = load(flows)
        if not is_roads(result.game):
            raise InputError(f"--flows-from: the run in {flows} is of a "
                             f"{type(result.game).__name__}, not of roads")
        found: Any = game.started(result)                # of this version, itself
        return found.profiles[0] if found is result else found[0]
    if flows.is_dir():
        raise InputError(f"--flows-from: there is no saved run in {flows}")
    return game.profile_of_flows(read_first_flows(flows, game))


def goals(game: object, nash: float | None, relative: float | None, usual: Goals) -> Goals:
    """Those that are told, else the usual ones. Raises InputError for a relative gap of what is no
    road network."""
    from potentia.errors import InputError, not_negative_number
    if relative is not None and not is_roads(game):
        raise InputError("--relative-gap goes with a road network; --tolerance is for other games")
    if relative is not None:
        not_negative_number(relative, "--relative-gap")
    return usual if nash is None and relative is None else Goals(nash, relative)


def finer(goals: Goals) -> float:
    """The relative gap to which roads are solved that are to be compared, so that changes mean
    something."""
    return FINER * (goals.relative or 0.0)


def is_roads(game: object) -> TypeGuard[RoutingGame]:
    """Whether the game has links, on which what flows can be told and drawn."""
    from potentia.game import HasLinks
    return isinstance(game, HasLinks)


def check_price(game: Game, price: bool) -> None:
    """Refuse to leave out of another game what only roads have."""
    from potentia.errors import InputError
    if not price and not is_roads(game):
        raise InputError("--no-price-of-anarchy goes with roads: it leaves out learning their "
                         "system optimum")
