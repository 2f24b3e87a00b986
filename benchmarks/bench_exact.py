"""What an exact iteration costs: the paper's reachable congestion game with 8 agents, by the tabular route.

Every figure is taken in this one process, with the machine's own rates beside it: the memory stream (a copy larger
than the cache) and an enumeration of joint actions with an index table in NumPy.

    python benchmarks/bench_exact.py
"""

from __future__ import annotations

import itertools
import time

import jax
import numpy as np

import potentia as pt

N_AGENTS = 8
ITERATIONS = 300


def seconds(work, repeats: int = 5) -> float:
    """Least time of several calls, after one to warm up."""
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def iteration(game) -> float:
    """Seconds for one exact INPG iteration inside the loop, the gap left out."""
    def run(limit: int):
        return pt.solve(game, pt.rules.INPG(step_size=1e-4), max_iterations=limit, tolerance=None, check_every=10**6,
                        progress=False)
    return (seconds(lambda: run(ITERATIONS), 3) - seconds(lambda: run(0), 3)) / ITERATIONS


def enumerated(game) -> float:
    """Seconds for the same marginal action values by enumeration in NumPy: a loop over agents and joint actions'
    product weights, with the game's own next-state index (one backward sweep of values, not the solve)."""
    policy = np.asarray(game.mask / game.mask.sum(axis=-1, keepdims=True))
    joint = np.array(list(itertools.product(*[range(count) for count in game.action_counts])))
    following = np.asarray(game.transitions.targets)[..., 0]
    values = np.zeros((game.n_states, N_AGENTS))

    def work():
        chosen = np.stack([policy[i][:, joint[:, i]] for i in range(N_AGENTS)])          # [N, S, J]
        returns = game.rewards + game.discount * values[following]                       # [S, J, N]
        for i in range(N_AGENTS):
            others = np.prod(np.delete(chosen, i, axis=0), axis=0)
            for action in range(game.action_counts[i]):
                (others * returns[..., i])[:, joint[:, i] == action].sum(axis=1)
    return seconds(work, 3)


def main() -> None:
    game = pt.games.make("stochastic-congestion", n_agents=N_AGENTS)
    table = np.zeros(2**26)
    stream = 2 * table.nbytes / seconds(table.copy)
    ours, theirs = iteration(game), enumerated(game)
    with jax.enable_x64(True):
        profile = game.initial_profile("uniform", jax.random.key(0))
        check = jax.jit(lambda profile: game.best_response(profile).gain)
        gap = seconds(lambda: check(profile).block_until_ready())
    certificate = seconds(lambda: pt.certify(game, np.asarray(profile)), 3)
    print(f"{game!r}")
    print(f"one exact INPG iteration    {1e3 * ours:8.2f} ms   (limit set: 15 ms)")
    print(f"  by enumeration in NumPy   {1e3 * theirs:8.2f} ms   {theirs / ours:.1f} times ours (one sweep of q alone)")
    print(f"  memory stream             {stream / 1e9:8.2f} GB/s; the reward table takes "
          f"{1e3 * game.rewards.nbytes / stream:.2f} ms to read once")
    print(f"one exact Nash gap          {1e3 * gap:8.2f} ms")
    print(f"one certificate             {1e3 * certificate:8.2f} ms")


if __name__ == "__main__":
    main()
