"""What an analysis of a game takes, compilation included: classification, theory, welfare."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax

from potentia import games
from potentia.bench.harness import Asked, Figure, Limit, seconds
from potentia.potential.verdict import classify
from potentia.theory.guarantees import report as guarantees
from potentia.welfare.costs import report as costs

CONGESTION = "stochastic-congestion"
CASES: tuple[tuple[str, Callable[..., object], str, dict[str, object], Limit | None], ...] = (
    ("classify, congestion n = 3", classify, CONGESTION, {"n_agents": 3}, Limit("at most", 30)),
    ("classify, congestion n = 8", classify, CONGESTION, {"n_agents": 8}, None),
    ("classify, distancing N = 8 (65,536 joint actions)", classify, "distancing", {},
     Limit("at most", 30)),
    ("theory report, congestion n = 4", guarantees, CONGESTION, {"n_agents": 4},
     Limit("at most", 10)),
    ("theory report, congestion n = 4, own position", guarantees, CONGESTION,
     {"n_agents": 4, "observe": "own"},
     Limit("at most", 10)),
    ("welfare report, congestion n = 4", costs, CONGESTION, {"n_agents": 4}, None),
)


def measure(asked: Asked, cases: Sequence[tuple] = CASES) -> list[Figure]:
    """Seconds of the first call of each case."""
    jax.clear_caches()
    figures = []
    for what, analyse, game, parameters, limit in cases:
        taken = seconds(
            lambda: analyse(games.make(game, **parameters)))   # noqa: B023 (called at once)
        figures.append(Figure(what, taken, "s", limit))
    return figures
