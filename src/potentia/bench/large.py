"""Seconds of an exact iteration, gap left out, where the joint actions could not be enumerated.

The full space of configurations of 8 agents on 6 nodes has 6^8 = 1,679,616 states; 16 agents on the
reachable ones have 65,536 joint actions in each of 131,074 states; 1,000 agents that are identical
and start alike need counts alone.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence

from potentia import games
from potentia.bench.harness import Asked, Figure, Limit, learning, least, missing
from potentia.bench.product import GAME
from potentia.errors import InputError

CASES: tuple[tuple[str, str, dict[str, object], Limit | None], ...] = (
    ("n = 16, reachable", GAME, {"n_agents": 16, "representation": "congestion"}, None),
    ("anonymous play, n = 1,000", "anonymous-congestion", {"n_agents": 1000}, None),
    ("n = 8, all 6^8 configurations", GAME,
     {"n_agents": 8, "states": "all", "representation": "congestion"},
     Limit("at most", 15)),
)


def measure(asked: Asked, cases: Sequence[tuple] = CASES, repeats: int = 2) -> list[Figure]:
    """One figure for each case."""
    figures = []
    for what, name, parameters, limit in cases:
        title = f"exact INPG iteration, {what}"
        try:
            ours = learning(games.make(name, **parameters))
        except InputError as refused:
            figures.append(missing(title, f"not measured: {refused}", "s", limit))
            continue
        taken = least({"iterations": ours.run}, repeats)["iterations"] / ours.count
        figures.append(Figure(title, taken, "s", limit,
                              note=f"at most {_most_memory():.1f} GB held so far"))
    return figures


def _most_memory() -> float:
    """GB of memory that this process has held at most; Linux counts it in kB, macOS in bytes."""
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin"
                                                                  else 1e6))
