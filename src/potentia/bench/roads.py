"""Road networks to a certified equilibrium, beside AequilibraE's bi-conjugate Frank-Wolfe to the
same relative gap.

Ours is the time of a whole solve from a uniform start, compilation included, for a number of
iterations; the relative gap that it came to is by each agent's own expected costs, from the
certificate's upper bounds. AequilibraE computes the flows of infinitely many drivers, down to the
traffic literature's gap at mean flows: it is given the gap of ours by that measure, and its time is
its assignment's alone, without imports. It needs an environment of its own.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jax
import numpy as np

from potentia import games
from potentia.bench.city import City, city
from potentia.bench.harness import Asked, Figure, Limit, missing, seconds
from potentia.bench.peers import NOT_HERE
from potentia.certificates.equilibrium import certify
from potentia.errors import one_line
from potentia.games.roads.game import RoutingGame
from potentia.learning.solver import solve
from potentia.rules.adaptive_inpg import AdaptiveINPG

HOW = "it takes the Python of an environment with aequilibrae (--aequilibrae)"
MEMORY = Limit("at most", 8)


@dataclasses.dataclass(frozen=True)
class Work:
    """name: in words. iterations: of the solve. gap, time: at most so large a relative gap, in so
    many seconds."""

    name: str
    iterations: int
    gap: float
    time: float


FEW = Work("Sioux Falls, 3,606 agents", 600, 1e-4, 20)
MANY = Work("Sioux Falls, 360,600 agents", 600, 1e-4, 20)
LARGE = Work("a city of 916 nodes, 1.2 million agents", 700, 1e-3, 600)


def measure(asked: Asked, few: Work = FEW, many: Work = MANY, large: Work = LARGE,
            town: City | None = None) -> list[Figure]:
    """Seconds and relative gaps of all three, and AequilibraE's share of the time on the last
    two."""
    town = city() if town is None else town
    crowd = games.make("sioux-falls", n_agents=360_600)
    figures, _ = _solved(few, games.make("sioux-falls"))
    more, ends = _solved(many, crowd)
    figures += [*more, _against(asked, many, _network(crowd), *ends)]
    more, ends = _solved(large, town.game())
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin"
                                                                  else 1024))
    return [*figures, *more, Figure("most memory of all this", peak / 1e9, "GB", MEMORY),
            _against(asked, large, _arrays(town), *ends)]


def _solved(work: Work, game: RoutingGame) -> tuple[list[Figure], tuple[float, float]]:
    """The figures of one solve; and its seconds and the traffic literature's gap."""
    ends: list[Any] = []
    jax.clear_caches()
    taken = seconds(lambda: ends.append(solve(
        game, AdaptiveINPG(), initial="uniform", max_iterations=work.iterations, tolerance=None,
        check_every=work.iterations, progress=False)))
    profile = ends[0].profile
    found: list[Any] = []
    judged = seconds(lambda: found.append(certify(game, profile)))
    count, certificate = np.asarray(game.trips.count), found[0]
    gap = float((count @ certificate.per_agent) / -(count @ certificate.values))
    mean = float(game.wardrop_gap(profile))
    return [Figure(f"{work.name}: a solve, compilation included", taken, "s",
                   Limit("at most", work.time),
                   {"solve": taken,
                    "certificate": judged}, f"{work.iterations:,} iterations from a uniform start"),
            Figure(f"{work.name}: certified relative gap", gap, "", Limit("at most", work.gap),
                   note=f"by own expected costs; at mean flows {mean:.2g}")], (taken, mean)


def _against(asked: Asked, work: Work, arrays: dict[str, np.ndarray], taken: float,
             gap: float) -> Figure:
    """Our time over AequilibraE's to the same gap at mean flows."""
    what = f"{work.name}: our time to AequilibraE's, to one relative gap at mean flows"
    if asked.aequilibrae is None:
        return missing(what, f"not measured: {HOW}")
    if asked.peers is None:
        return missing(what, f"not measured: {NOT_HERE}")
    with TemporaryDirectory() as folder:
        file = Path(folder) / "network.npz"
        np.savez(file, allow_pickle=False, **arrays)
        command = [asked.aequilibrae, str(asked.peers / "aequilibrae_run.py"), str(file), repr(gap)]
        try:
            told = json.loads(subprocess.run(command, capture_output=True, text=True,
                                             check=True).stdout)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            last = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
            return missing(what, f"not measured: it cannot be run: {one_line(last)}")
    return Figure(what, taken / told["seconds"],
                  seconds={"ours": taken, "AequilibraE": told["seconds"]},
                  note=f"gap {gap:.2g}; AequilibraE {told['version']} took {told['iterations']:,} "
                       f"iterations to {told['gap']:.2g}; ours includes compilation")


def _network(game: RoutingGame) -> dict[str, np.ndarray]:
    """Sioux Falls for AequilibraE: BPR costs of power 4, from the polynomials."""
    time, rise = (np.asarray(game.costs.coefficients)[:, j] for j in (0, 4))  # pyright: ignore
    trips = np.column_stack([game.trips.origin, game.trips.destination,
                             float(game.weight) * game.trips.count])
    return {"links": np.asarray(game.links), "free_flow_time": time,
            "capacity": (0.15 * time / rise) ** 0.25,
            **_alike(len(time)), "demand": trips, "n_zones": np.array(24), "crossed": np.array(1)}


def _arrays(town: City) -> dict[str, np.ndarray]:
    return {"links": town.links, "free_flow_time": town.time, "capacity": town.capacity,
            **_alike(len(town.links)),
            "demand": town.demand, "n_zones": np.array(town.zones), "crossed": np.array(0)}


def _alike(n_links: int) -> dict[str, np.ndarray]:
    return {"b": np.full(n_links, 0.15), "power": np.full(n_links, 4.0)}
