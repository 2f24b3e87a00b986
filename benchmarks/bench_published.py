"""How fast the published congestion experiment runs here, against its script and against the machine.

The published script takes 20.2 s for one INPG iteration at 8 agents, horizon 20 and 10 samples (measured on a
2-core machine). This prints the milliseconds of one iteration of one run in the real loop (compiled before, exact
gaps included), the ratio of the two, and the ratio to the time in which this machine draws the same number of
random words in the same process, which no sampler of these estimates by inversion can beat.

    python benchmarks/bench_published.py [--agents 8] [--runs 10] [--repeats 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

# The exact gaps solve small linear systems: on a busy machine the library's threads wait for each other
# longer than the work takes (ten times, seen on 2 cores).
import jax
import numpy as np

import potentia as pt
from potentia.oracles.published_congestion import LAYERS, PublishedCongestion

SCRIPT_SECONDS = 20.2        # one INPG iteration of the published script at 8 agents
SCRIPT_AGENTS = 8


def seconds_of_an_iteration(n_agents: int, runs: int) -> Callable[[], float]:
    """A measurement: seconds for each iteration of each run of as-published INPG, started uniformly."""
    game = pt.games.make("stochastic-congestion-published", n_agents=n_agents)

    def measure() -> float:
        began = time.perf_counter()
        result = pt.solve(game, pt.rules.INPG(step_size=1e-4), PublishedCongestion(), initial="uniform", tolerance=0,
                          step_tolerance=1e-5, max_iterations=500, check_every=50, runs=runs)
        return (time.perf_counter() - began) / np.sum(result.iterations)

    return measure


def uniforms_of_an_iteration(n_agents: int, oracle: PublishedCongestion) -> int:
    """Uniform numbers of 64 bits that one evaluation draws: one for each joint action."""
    n_states = 2**n_agents
    return n_states * oracle.samples * (LAYERS * oracle.horizon + 2 * n_agents)


def seconds_of_drawing(count: int) -> Callable[[], float]:
    """A measurement: seconds in which `count` uniform numbers are drawn and nothing else is done."""
    draw = jax.jit(lambda key: jax.random.uniform(key, (count,)))

    def measure() -> float:
        with jax.enable_x64(True):
            key = jax.random.key(0)
            began = time.perf_counter()
            for _ in range(20):
                jax.block_until_ready(draw(key))
            return (time.perf_counter() - began) / 20

    return measure


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("agents", SCRIPT_AGENTS), ("runs", 10), ("repeats", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    wanted = parser.parse_args()
    count = uniforms_of_an_iteration(wanted.agents, PublishedCongestion())
    measures = {"iteration": seconds_of_an_iteration(wanted.agents, wanted.runs), "drawing": seconds_of_drawing(count)}
    for measure in measures.values():
        measure()                                            # compiles
    # In turns, so that a busy spell of the machine meets both alike.
    taken = {name: [] for name in measures}
    for _ in range(wanted.repeats):
        for name, measure in measures.items():
            taken[name].append(measure())
    iteration, drawing = (statistics.median(taken[name]) for name in measures)
    print(f"{wanted.agents} agents, {wanted.runs} runs, median of {wanted.repeats} (least in brackets)")
    print(f"iteration of a run    {1e3 * iteration:8.3f} ms  ({1e3 * min(taken['iteration']):.3f})")
    print(f"its {2 * count:,} random words alone {1e3 * drawing:8.3f} ms  ({1e3 * min(taken['drawing']):.3f})")
    print(f"iteration / drawing   {iteration / drawing:8.2f}")
    if wanted.agents == SCRIPT_AGENTS:
        print(f"published script / iteration {SCRIPT_SECONDS / iteration:,.0f}")


if __name__ == "__main__":
    main()
