"""What every benchmark stands on: how time is taken, and what a figure says."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from potentia import rules
from potentia.game import Game
from potentia.learning import device
from potentia.learning.device import CHUNK, Stops
from potentia.oracles.exact import Exact
from potentia.rules.base import Rule

CALL_SECONDS = 0.3    # that one timed call of learning takes, at about
TINY_STEP = 1e-4      # learning goes on for as long as it is timed


@dataclasses.dataclass(frozen=True)
class Asked:
    """What the user gave: the folder of peers, the Pythons of environments that have sgamesolver
    and AequilibraE, and the TNTP files of networks and of their trips, if any."""

    peers: Path | None = None
    sgamesolver: str | None = None
    aequilibrae: str | None = None
    networks: tuple[tuple[Path, Path], ...] = ()


@dataclasses.dataclass(frozen=True)
class Limit:
    """What a figure is to be at most or at least."""

    sense: Literal["at most", "at least"]
    value: float

    def holds(self, value: float) -> bool:
        """Whether a figure is within the limit; one that is not a number is not."""
        return value <= self.value if self.sense == "at most" else value >= self.value


@dataclasses.dataclass(frozen=True)
class Figure:
    """One figure.

    what: in words. value: the number, None if it was not measured. unit: "times", "s", ...
    seconds: the least times that it was computed from, by name. note: settings, or why it was not
    measured.
    """

    what: str
    value: float | None
    unit: str = "times"
    limit: Limit | None = None
    seconds: Mapping[str, float] = dataclasses.field(default_factory=dict)
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether it is within its limit; None without a limit or a value."""
        return None if self.limit is None or self.value is None else self.limit.holds(self.value)

    def entry(self) -> dict[str, Any]:
        """The figure as a results file holds it."""
        return {**dataclasses.asdict(self), "holds": self.holds}


def least(works: Mapping[str, Callable[[], object]], repeats: int = 5) -> dict[str, float]:
    """Least seconds of each work, after one call to compile; in turns, so that a busy spell meets
    all alike."""
    for work in works.values():
        jax.block_until_ready(work())
    taken = {name: float("inf") for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            taken[name] = min(taken[name], seconds(work))
    return taken


def seconds(work: Callable[[], object]) -> float:
    """Seconds of one call, until its arrays are there."""
    began = time.perf_counter()
    jax.block_until_ready(work())
    return time.perf_counter() - began


@dataclasses.dataclass(frozen=True)
class Iterations:
    """Some iterations of learning, the gap left out: what the loop gives to the device in one
    call.

    run: does them. count: how many they are.
    """

    run: Callable[[], object]
    count: int


def learning(game: Game, call_seconds: float = CALL_SECONDS, rule: Rule | None = None,
             initial: str = "random") -> Iterations:
    """As many iterations from that start as take about `call_seconds`, and at most a chunk of the
    loop's; by exact INPG if no rule is given."""
    rule = rules.make("inpg", step_size=TINY_STEP) if rule is None else rule
    game = jax.device_put(game)
    state = device.start(game, rule, None, initial, None, np.int64(0),
                         1)   # pyright: ignore[reportArgumentType]
    stops = Stops(step=np.float64(-1), advantage=np.float64(-np.inf))

    def advance(count: int) -> object:
        return device.advance(game, Exact(), rule, None, stops, state, state.log_profile,
                              jnp.full(1, count))

    one = least({"one": lambda: advance(1)}, 2)["one"]
    count = int(np.clip(call_seconds / one, 1, CHUNK))
    return Iterations(lambda: advance(count), count)


def missing(what: str, why: str, unit: str = "times", limit: Limit | None = None) -> Figure:
    """A figure that was not measured, and why."""
    return Figure(what, None, unit, limit, note=why)
