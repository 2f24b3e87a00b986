"""Solve the paper's reachable congestion game by sgamesolver, from a random start, and print JSON.

    PYTHON benchmarks/peers/sgamesolver_run.py AGENTS [SEED]

PYTHON is that of an environment with sgamesolver, which needs numpy < 2 and is none of Potentia's;
nothing of Potentia is imported. The homotopy is logarithmic tracing from a random prior
(Eibelshäuser and Poensgen), with the compiled functions and the parameters that the package has by
default. Each agent has only the actions that exist, so that no unknown is spent on the others.

The document: seconds (of the solver), setup_seconds (building its game and homotopy), converged,
version, profile [N, S, 2] (absent actions have probability 0).
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import sgamesolver
from game import tables
from sgamesolver.homotopy import LogTracing


def built(n_agents: int) -> sgamesolver.SGame:
    """The tables as sgamesolver takes them: by state, payoffs [N, A1..AN] and transitions
    [A1..AN, S]."""
    rewards, following, discount, counts, _ = tables(n_agents)
    payoffs, transitions = [], []
    for state, count in enumerate(counts):
        shape = (int(count),) * n_agents
        joint = count**n_agents
        payoffs.append(rewards[state, :joint].T.reshape(n_agents, *shape))
        certain = np.zeros((joint, len(counts)))
        certain[np.arange(joint), following[state, :joint]] = 1
        transitions.append(certain.reshape(*shape, len(counts)))
    return sgamesolver.SGame(payoffs, transitions, discount)


def main() -> None:
    n_agents, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    began = time.perf_counter()
    game = built(n_agents)
    homotopy = LogTracing(game, rho=game.random_strategy(zeros=True, seed=seed),
                          implementation="cython")
    homotopy.solver_setup()
    homotopy.solver.verbose = 0
    ready = time.perf_counter()
    homotopy.solve()
    ended = time.perf_counter()
    found = homotopy.equilibrium
    profile = (None if found is None
               else np.nan_to_num(np.asarray(found.strategies)).transpose(1, 0, 2).tolist())
    json.dump({"agents": n_agents, "seed": seed, "seconds": ended - ready,
               "setup_seconds": ready - began,
               "converged": found is not None, "version": sgamesolver.__version__,
               "profile": profile}, sys.stdout)


if __name__ == "__main__":
    main()
