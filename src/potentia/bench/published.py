"""The as-published congestion oracle against the machine's random numbers, and against the
published script.

Each of its samples is an inversion of a uniform number of 64 bits, so it cannot be faster than
these are drawn. The published script took 20.2 s for an INPG iteration at 8 agents, horizon 20 and
10 samples on a 2-core machine: a figure that is not measured here.
"""

from __future__ import annotations

import jax
import numpy as np

from potentia import games, rules
from potentia.bench.harness import Asked, Figure, least
from potentia.learning.solver import solve
from potentia.oracles.published_congestion import LAYERS, PublishedCongestion

SCRIPT_SECONDS, SCRIPT_AGENTS = 20.2, 8
DRAWS = 20


def measure(asked: Asked, n_agents: int = 8, runs: int = 10, repeats: int = 5) -> list[Figure]:
    """An iteration of one of `runs` runs in the loop, exact gaps every 50 iterations included."""
    game = games.make("stochastic-congestion-published", n_agents=n_agents)
    iterations: list[int] = []

    def learn() -> None:
        rule = rules.make("inpg", step_size=1e-4)
        result = solve(game, rule, PublishedCongestion(), initial="uniform", tolerance=0,
                       step_tolerance=1e-5,
                       max_iterations=500, check_every=50, runs=runs, progress=False)
        iterations.append(int(np.sum(result.iterations)))

    numbers = uniforms(n_agents, PublishedCongestion())
    draw = jax.jit(lambda key: jax.random.uniform(key, (numbers,)))
    taken = least({"learning": learn,
                   "drawing": lambda: [draw(jax.random.key(k)) for k in range(DRAWS)]}, repeats)
    iteration, drawing = taken["learning"] / iterations[0], taken["drawing"] / DRAWS
    times = {"an iteration": iteration, "its random numbers": drawing}
    figures = [Figure(f"as-published INPG iteration at n = {n_agents} to drawing its random "
                      f"numbers",
                      iteration / drawing, seconds=times, note=f"{numbers:,} numbers of 64 bits; "
                                                               f"{runs} runs")]
    if n_agents == SCRIPT_AGENTS:
        figures.append(Figure("the published script's iteration, as once measured elsewhere, to "
                              "ours",
                              SCRIPT_SECONDS / iteration, seconds={"ours": iteration,
                                                                   "the script": SCRIPT_SECONDS}))
    return figures


def uniforms(n_agents: int, oracle: PublishedCongestion) -> int:
    """Numbers that one evaluation draws: one for each joint action."""
    return 2**n_agents * oracle.samples * (LAYERS * oracle.horizon + 2 * n_agents)
