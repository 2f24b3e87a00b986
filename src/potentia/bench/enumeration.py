"""An exact iteration of the congestion game against enumeration of joint actions with an index
table.

The peers are in NumPy and in numba, on one core and on all, in two ways: plain, as the definition
of a marginal action value reads, and halved, which is the fastest enumeration that we could write.
Their profiles are compared with ours before anything is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from potentia import games, rules
from potentia.bench.harness import TINY_STEP, Asked, Figure, Limit, learning, least, missing
from potentia.bench.peers import NOT_HERE, peer
from potentia.bench.product import GAME
from potentia.games.tabular.game import MarkovGame
from potentia.learning.solver import solve

LIMIT = Limit("at least", 10)
AGREED = 1e-10
MODULES = ("enumeration_numpy", "enumeration_numba")


def measure(asked: Asked, n_agents: int = 8, count: int = 100, repeats: int = 5) -> list[Figure]:
    """How many times an iteration of each peer takes as long as ours; `count` of a peer's are timed
    at once."""
    what = f"exact INPG iteration at n = {n_agents}, gap left out: enumeration to ours"
    if asked.peers is None:
        return [missing(f"{what}, the fastest", f"not measured: {NOT_HERE}", limit=LIMIT)]
    game = games.make(GAME, n_agents=n_agents, representation="congestion")
    tables = peer(asked.peers, "game").tables(n_agents)
    found, absent = learners(asked.peers)
    profile = interior(tables.counts, n_agents)
    refuse_disagreement(game, tables, found, profile)
    ours = learning(game)
    works = {name: partial(learn, tables, profile, TINY_STEP, count)
             for name, learn in found.items()}
    taken = least({"ours": ours.run, **works}, repeats)
    return judged(what, taken.pop("ours") / ours.count,
                  {name: took / count for name, took in taken.items()}, absent)


def judged(what: str, own: float, theirs: Mapping[str, float],
           absent: Mapping[str, str]) -> list[Figure]:
    """The fastest peer against the limit, then each by itself, from the seconds of an iteration.

    Where a peer could not be had the fastest may be among the missing, so that nothing is said to
    hold.
    """
    best = min(theirs, key=lambda name: theirs[name])
    first = Figure(f"{what}, the fastest", theirs[best] / own, limit=LIMIT,
                   seconds={"ours": own, best: theirs[best]},
                   note=best) if not absent else \
        missing(f"{what}, the fastest", f"not measured: without {', '.join(absent)}", limit=LIMIT)
    return [first,
            *(Figure(f"{what}, {name}", took / own, limit=LIMIT, seconds={"ours": own, name: took})
              for name, took in theirs.items()),
            *(missing(f"{what}, {name}", why, limit=LIMIT) for name, why in absent.items())]


def learners(folder: Path) -> tuple[dict[str, Callable[..., np.ndarray]], dict[str, str]]:
    """The peers that can be had, and why the others cannot."""
    found, absent = {}, {}
    for name in MODULES:
        try:
            found |= peer(folder, name).LEARNERS
        except ImportError as error:
            absent[name.removeprefix("enumeration_")] = f"not measured: {error}"
    return found, absent


def interior(counts: np.ndarray, n_agents: int) -> np.ndarray:
    """A profile [N, S, 2] inside the simplices, the same at every call."""
    weights = np.random.default_rng(0).uniform(0.2, 1.0, (n_agents, len(counts), 2))
    weights[:, counts == 1, 1] = 0
    return weights / weights.sum(axis=2, keepdims=True)


def refuse_disagreement(game: MarkovGame, tables: Any, found: dict[str, Callable[..., np.ndarray]],
                        profile: np.ndarray,
                        step_size: float = 0.01, iterations: int = 20) -> None:
    """Raise AssertionError unless every peer ends at our profile."""
    rule = rules.make("inpg", step_size=step_size)
    ours = solve(game, rule, initial=profile, max_iterations=iterations, tolerance=None,
                 progress=False).profile
    for name, learn in found.items():
        apart = np.max(np.abs(learn(tables, profile, step_size, iterations) - ours))
        assert apart <= AGREED, f"{name} ends {apart:.1e} away from our profile"
