"""What the command line adds for road networks: reading them, and how they are solved if it is not
said."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from potentia.games.roads.game import RoutingGame

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


def read(game: str, files: RoadFiles, own: dict[str, Any]) -> RoutingGame | None:
    """The routing game, if `game` is the file of a road network; None if it is another game.

    Raises InputError if another game is given what goes with road networks.
    """
    from potentia.cli.arguments import is_registered
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
    return read_roads(Path(game), files.trips, toll_weight=files.toll_weight,
                      length_weight=files.length_weight, **{"policies": "auto", **own})


def is_roads(game: object) -> TypeGuard[RoutingGame]:
    """Whether the game has links, on which what flows can be told and drawn."""
    from potentia.game import HasLinks
    return isinstance(game, HasLinks)


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
