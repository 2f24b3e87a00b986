"""The same work on whatever device JAX computes with: a processor, or an accelerator beside it.

Exact iterations of growing games, a dense table, a thousand runs of one game, roads of a city, a
million identical trips, the as-published oracle. Nothing here has a limit: the figures are read
beside those of the processor, which the same command gives there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from potentia import games
from potentia.bench.city import City, city
from potentia.bench.harness import Asked, Figure, learning, least, missing, seconds
from potentia.bench.product import GAME
from potentia.bench.published import measure as published
from potentia.bench.tabular import dense_game
from potentia.errors import InputError
from potentia.game import Game
from potentia.learning.solver import solve
from potentia.rules.inpg import INPG
from potentia.rules.projected_newton import ProjectedNewton

MILLION = 1_000_000


def measure(asked: Asked, agents: Sequence[int] = (8, 12, 16), states: int = 400,
            town: City | None = None,
            travellers: int = MILLION, runs: int = 1_000, published_agents: int = 8,
            iterations: int = 100, repeats: int = 3) -> list[Figure]:
    """Seconds of an iteration each; of the city and the million agents, of a solve."""
    cases: dict[str, Callable[[], Game]] = {
        **{f"congestion game, n = {n}": _congestion(n) for n in agents},
        f"dense table, {states} states, 3 agents": lambda: dense_game(3, 3, states)[0],
    }
    roads: dict[str, Callable[[], Game]] = {
        "a city, by destination": lambda: (town or city()).game(),
        f"Sioux Falls, {travellers:,} agents": lambda: games.make("sioux-falls",
                                                                  n_agents=travellers)}
    return [*(_iteration(what, build, repeats) for what, build in cases.items()),
            _many(_congestion(4), "congestion game, n = 4", runs, iterations),
            *(_solve(what, build, iterations) for what, build in roads.items()),
            *published(asked, n_agents=published_agents, repeats=repeats)]


def _congestion(n_agents: int) -> Callable[[], Game]:
    return lambda: games.make(GAME, n_agents=n_agents, representation="congestion")


def _iteration(what: str, build: Callable[[], Game], repeats: int) -> Figure:
    """Seconds of an exact INPG iteration, the gap left out."""
    title = f"exact INPG iteration, {what}"
    try:
        ours = learning(build())
    except InputError as refused:
        return missing(title, f"not measured: {refused}", "s")
    return Figure(title, least({"iterations": ours.run}, repeats)["iterations"] / ours.count, "s")


def _many(build: Callable[[], Game], what: str, runs: int, iterations: int) -> Figure:
    """Seconds of an iteration of one run among many, in the second of two solves."""
    game = build()

    def learnt() -> object:
        return solve(game, INPG(step_size=0.05), runs=runs, tolerance=None, progress=False,
                     max_iterations=iterations, check_every=iterations, record_every=iterations)

    learnt()
    return Figure(f"an iteration of one of {runs:,} runs, {what}",
                  seconds(learnt) / (runs * iterations), "s")


def _solve(what: str, build: Callable[[], Game], iterations: int) -> Figure:
    """Seconds of a solve from the uniform profile, compilation included."""
    game = build()
    taken = seconds(lambda: solve(game, ProjectedNewton(), initial="uniform", tolerance=None,
                                  progress=False,
                                  max_iterations=iterations, check_every=iterations).profile)
    return Figure(f"{iterations} iterations of ProjectedNewton, {what}", taken, "s",
                  note="compilation included")
