"""What one exact iteration of a game takes, before it is run.

Bytes are those of the game's arrays and of the arrays as large as a profile that a solve of one run holds at once. The
seconds are an estimate: operations at this machine's rate of matrix products, or bytes read at its rate of
memory, whichever is longer; both rates are measured in a tenth of a second, once.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable
from functools import cache, singledispatch
from typing import Any

import jax
import numpy as np

from potentia.console.text import Line, as_text
from potentia.errors import InputError
from potentia.games.congestion.build import COPIES
from potentia.games.congestion.game import CongestionGame
from potentia.games.load_driven.game import LoadGame
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.load_windows import window
from potentia.games.symmetric.game import AnonymousGame
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.transitions import DenseTransitions
from potentia.runtime.float64 import float64_on_one_blas_thread, physical_memory

APPLICATIONS = 120        # of the chain that an iterative solution takes, about; more near discount 1
GATHER = 3                # times as long as reading an entry in order takes to find what it leads to


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one exact iteration takes.

    bytes: held in memory by a solve of one run. operations: multiplications and additions of float64 numbers.
    seconds: about how long they take here.
    """

    bytes: int
    operations: float
    seconds: float

    def __str__(self) -> str:
        return as_text(self.lines())

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("memory of a solve", f"{self.bytes / 1e6:,.1f} MB of {physical_memory() / 1e6:,.0f} MB"),
                ("operations of an exact iteration", f"{self.operations:.3g}"),
                ("seconds of an exact iteration, about", f"{self.seconds:.2g}")]


def cost(game: Any) -> Cost:
    """What an exact iteration of `game` takes, the Nash gap left out.

    Raises InputError for what is no game.
    """
    with float64_on_one_blas_thread():
        operations, read = _work(game)
        held = sum(np.asarray(leaf).nbytes for leaf in jax.tree.leaves(game)) + 8 * COPIES * int(np.size(game.mask))
        return Cost(bytes=held, operations=operations, seconds=max(operations / product_rate(), read / memory_rate()))


@singledispatch
def _work(game: object) -> tuple[float, float]:
    """Operations of an exact evaluation, and bytes that it reads from tables that no cache holds."""
    raise InputError(f"game is a {type(game).__name__}, which has no cost: give a game")


@_work.register
def _(game: MarkovGame) -> tuple[float, float]:
    entries, n_states = np.asarray(jax.tree.leaves(game.transitions)[-1]).size, game.n_states
    table = sum(np.asarray(leaf).nbytes for leaf in jax.tree.leaves((game.rewards, game.transitions)))
    averages = 4 * (entries + np.size(game.rewards))          # over each half of the agents, in a pass each
    is_matrix = isinstance(game.transitions, DenseTransitions) or game.direct
    chain = n_states**2 if is_matrix else entries
    if game.sweeps is None and game.direct:
        return averages + 2 / 3 * n_states**3, 2 * table
    times = (game.sweeps or APPLICATIONS) * (game.n_agents + 1)
    return averages + 2 * chain * times, 2 * table + (0 if game.sweeps and is_matrix else 8 * GATHER * chain * times)


@_work.register
def _(game: CongestionGame) -> tuple[float, float]:
    n_agents, n_actions = game.n_agents, game.moves.shape[1]
    operations = 0.0
    for group in game.groups:
        states, k = group.size * game.shards, len(group.counts)
        operations += states * (2 * n_agents * math.prod(group.counts) + 4 * group.places.shape[1] * n_actions * k**2)
    return operations, 8 * 4 * np.size(game.mask)


@_work.register
def _(game: LoadGame) -> tuple[float, float]:
    n_agents, n_states, n_actions = game.mask.shape
    # For each agent one pass over the count vectors from below and one from above, a next state at a time.
    vectors = len(game.counts.vectors)
    return 4 * n_agents * n_actions * vectors * n_states * (n_states + 1), np.asarray(game.following).nbytes


@_work.register
def _(game: AnonymousGame) -> tuple[float, float]:
    width, others = game.width, game.n_agents - 1
    half = game.n_agents // 2 + 1
    vectors, points = math.comb(others + width - 1, width - 1), game.n_agents ** max(width - 2, 0) * half
    # Characteristic functions of all count vectors at so many points, powers by squaring; see `crowds`.
    powers = 12 * others.bit_length() * (game.layers - 1)
    return powers * (width**2 * vectors * points + width**2 * vectors * half), 0.0


@_work.register
def _(game: RoutingGame) -> tuple[float, float]:
    entries = np.size(game.usable)
    # Powers of probabilities, cumulants and moments; then the flows forward and the costs backward, found by gathering.
    coefficients = game.costs.coefficients
    means = 12 * window(game.n_agents) if coefficients is None else 4 * (coefficients.shape[1] - 1) ** 2
    return entries * means + 8 * entries, 8 * entries * (6 * GATHER + 12)


@cache
def product_rate() -> float:
    """Operations a second of a float64 matrix product."""
    matrix = np.full((512, 512), 0.5)
    return 2 * 512**3 / _least(lambda: matrix @ matrix)


@cache
def memory_rate() -> float:
    """Bytes a second that are read from memory."""
    array = np.ones(2**23)
    return array.nbytes / _least(array.sum)


def _least(work: Callable[[], object], repeats: int = 4) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
