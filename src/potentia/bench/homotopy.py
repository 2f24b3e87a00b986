"""Exact INPG against sgamesolver's homotopy on the paper's reachable game, both from random starts
to one Nash gap.

sgamesolver needs numpy < 2 and so an environment of its own, whose Python the user names. Its time
is its solver's alone, without imports and without building its game. Ours is that of whole solves,
compiled, from several starts down to the certified Nash gap of sgamesolver's answer, for each start
that came there: those that did not are counted in, for from three agents on this is no potential
game, and nothing promises that learning ends. What compilation adds is given beside it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np

from potentia import games, rules
from potentia.bench.harness import Asked, Figure, Limit, missing, seconds
from potentia.bench.peers import NOT_HERE
from potentia.bench.product import GAME
from potentia.bench.starts import STEP_SIZE
from potentia.certificates.equilibrium import certify
from potentia.errors import one_line
from potentia.learning.solver import solve
from potentia.result import Result, Status

LIMIT, AT = Limit("at least", 1000), 6
LEAST_GAP = 1e-12       # rounding hides less
LONGEST = 2_000         # iterations of a start that may never come
HOW = "it takes the Python of an environment with sgamesolver (--sgamesolver) and many minutes"


def measure(asked: Asked, agents: Sequence[int] = (4, 5, 6), starts: int = 10) -> list[Figure]:
    """How many times sgamesolver's time is ours."""
    figures = []
    for n_agents in agents:
        what = f"sgamesolver's time at n = {n_agents} to ours, to one Nash gap"
        limit = LIMIT if n_agents == AT else None
        told = _told(asked, n_agents)
        figures.append(missing(what, f"not measured: {told}", limit=limit) if isinstance(told, str)
                       else
                       _against(told, what, limit, n_agents, starts))
    return figures


def _told(asked: Asked, n_agents: int) -> dict[str, Any] | str:
    """What sgamesolver finds, run in its own environment; or why it finds nothing."""
    if asked.sgamesolver is None:
        return HOW
    if asked.peers is None:
        return NOT_HERE
    command = [asked.sgamesolver, str(asked.peers / "sgamesolver_run.py"), str(n_agents)]
    try:
        told = json.loads(subprocess.run(command, capture_output=True, text=True,
                                         check=True).stdout)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        said = error.stderr if isinstance(error, subprocess.CalledProcessError) else ""
        last = (said or str(error)).strip().splitlines()[-1]
        return f"it cannot be run: {one_line(last)}"
    return told if told["profile"] is not None else f"it gave up after {told['seconds']:.0f} s"


def _against(told: dict[str, Any], what: str, limit: Limit | None, n_agents: int,
             starts: int) -> Figure:
    """Our time to the certified gap of what sgamesolver found."""
    found = np.array(told["profile"])
    gap = certify(games.make(GAME, n_agents=n_agents, representation="tabular"),
                  found / found.sum(axis=2, keepdims=True)).nash_gap
    learn, ends = _learning(n_agents, max(gap, LEAST_GAP))
    jax.clear_caches()
    first = seconds(partial(learn, 0))
    ends.clear()
    took = sum(seconds(partial(learn, seed)) for seed in range(starts))
    reached = sum(end.status is Status.CONVERGED for end in ends)
    return Figure(what, told["seconds"] * reached / took, limit=limit,
                  seconds={"sgamesolver": told["seconds"], "all our starts": took,
                           "one with compilation": first},
                  note=f"Nash gap {gap:.1e}; {reached} of {starts} starts of ours came there; step "
                       f"size {STEP_SIZE:g}; one with compilation {told['seconds'] / first:,.0f} "
                       f"times")


def _learning(n_agents: int, gap: float) -> tuple[Callable[[int], None], list[Result]]:
    """Learning from the random start of a seed down to the gap, and a list that fills with the
    results."""
    ends: list[Result] = []

    def learn(seed: int) -> None:
        game = games.make(GAME, n_agents=n_agents, representation="congestion")
        rule = rules.make("inpg", step_size=STEP_SIZE)
        ends.append(solve(game, rule, initial="random", seed=seed, tolerance=gap, check_every=20,
                          max_iterations=LONGEST, progress=False))

    return learn, ends
