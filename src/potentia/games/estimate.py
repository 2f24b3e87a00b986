"""What one exact iteration of a game takes, before it is run.

Bytes are those of the game's arrays and of the arrays as large as a profile that a solve of one run
holds at once. The seconds are an estimate: operations at this machine's rate of matrix products,
bytes read at its rate of memory, or, where a game counts them, single numbers at the rate at which
it gathers, multiplies and adds, whichever is longest. The rates are measured in a tenth of a
second, once.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from functools import cache

import jax
import numpy as np

from potentia.console.text import Line, Readable
from potentia.errors import InputError
from potentia.game import Game, HasPasses, HasWork
from potentia.games.limits import COPIES
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.runtime.memory import physical_memory

APPLICATIONS = 120  # of the chain that an iterative solution takes, about; more near discount 1
GATHER = 3  # times as long as reading an entry in order takes to find what it leads to


@dataclasses.dataclass(frozen=True)
class Cost(Readable):
    """What one exact iteration takes.

    bytes: held in memory by a solve of one run. operations: multiplications and additions of
    float64 numbers.
    seconds: about how long they take here.
    """

    bytes: int
    operations: float
    seconds: float

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("memory of a solve",
                 f"{self.bytes / 1e6:,.1f} MB of {physical_memory() / 1e6:,.0f} MB"),
                ("operations of an exact iteration", f"{self.operations:.3g}"),
                ("seconds of an exact iteration, about", f"{self.seconds:.2g}")]


def cost(game: object) -> Cost:
    """What an exact iteration of `game` takes, the Nash gap left out.

    Raises InputError for what is no game.
    """
    if not isinstance(game, Game) or not isinstance(game, HasWork):
        raise InputError(
            f"game is a {type(game).__name__}, which has no cost: give a game with a method work()")
    with float64_on_one_blas_thread():
        operations, read = game.work()
        held = (sum(np.asarray(leaf).nbytes for leaf in jax.tree.leaves(game))
                + 8 * COPIES * int(np.size(game.mask)))
        passes = game.passes() / pass_rate() if isinstance(game, HasPasses) else 0.0
        return Cost(bytes=held, operations=operations,
                    seconds=max(operations / product_rate(), read / memory_rate(), passes))


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


@cache
def pass_rate() -> float:
    """Numbers a second that are gathered, multiplied and added, of arrays that a cache holds."""
    numbers = np.linspace(0.1, 1.0, 2**14)
    found, order = np.empty_like(numbers), np.random.default_rng(0).permutation(numbers.size)

    def one() -> None:
        np.take(numbers, order, out=found)
        np.multiply(found, numbers, out=found)
        np.add(found, numbers, out=found)

    return numbers.size / _least(one, 200)


def _least(work: Callable[[], object], repeats: int = 4) -> float:
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)
