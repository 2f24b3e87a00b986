"""What an analysis of a game costs, compilation included where it is needed: classification, theory, welfare.

    python benchmarks/bench_analysis.py

Each line is the first call in this process for a game of that shape, with the limit set for it beside it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import potentia as pt

CASES: tuple[tuple[str, Callable[[], object], str], ...] = (
    ("classify, congestion n = 3", lambda: pt.potential.classify(pt.games.make("stochastic-congestion", n_agents=3)),
     "30 s"),
    ("classify, congestion n = 8", lambda: pt.potential.classify(pt.games.make("stochastic-congestion", n_agents=8)),
     "-"),
    ("classify, distancing N = 8 (65,536 joint actions)",
     lambda: pt.potential.classify(pt.games.make("distancing")), "30 s"),
    ("theory report, congestion n = 4", lambda: pt.theory.report(pt.games.make("stochastic-congestion", n_agents=4)),
     "10 s"),
    ("theory report, own position n = 4",
     lambda: pt.theory.report(pt.games.make("stochastic-congestion", n_agents=4, observe="own")), "10 s"),
    ("welfare report, congestion n = 4", lambda: pt.welfare.report(pt.games.make("stochastic-congestion", n_agents=4)),
     "-"),
)


def main() -> None:
    for title, work, limit in CASES:
        began = time.perf_counter()
        work()
        print(f"{title:<52}{time.perf_counter() - began:8.2f} s   (limit set: {limit})", flush=True)


if __name__ == "__main__":
    main()
