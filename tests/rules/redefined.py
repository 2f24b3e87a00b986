"""Redefine classes of one name many times in one process, as in a notebook; say how many learnt as
another and what memory it took. Run by `test_own_rules`: `python redefined.py COUNT`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import potentia as pt

# what the classes differ in; few, so that their programs lie in the cache on disk
STEPS = (0.1, 0.4, 1.6, 6.4)
GAME = pt.MarkovGame.from_arrays(np.repeat([[[[3.0, 0.0], [0.0, 1.0]]]], 2, axis=0),
                                 np.zeros((1, 2, 2), int),
                                 discount=0.5)
START = np.full((2, 1, 2), 0.5)


def plain(cls: type) -> type:
    return dataclasses.dataclass(frozen=True)(cls)


def registered(cls: type) -> type:
    names = list(cls.__annotations__)
    return jax.tree_util.register_dataclass(plain(cls), data_fields=names, meta_fields=[])


def rule(step: float, register: Callable[[type], type]) -> Any:
    """A rule with a schedule and a memory of own classes; all that differs is in their code."""

    @register
    class Schedule:
        rate: float

        def at(self, iteration: Any) -> Any:
            return self.rate * step

    @register
    class Memory:
        logits: Any

        def moved(self, change: Any) -> Any:
            return dataclasses.replace(self, logits=self.logits + step * change)

    @register
    class Mine:
        schedule: Any

        def init(self, log_policy: Any, mask: Any, key: Any) -> Any:
            return Memory(log_policy)

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> Any:
            memory = memory.moved(self.schedule.at(iteration) * view.advantage)
            return jax.nn.log_softmax(jnp.where(view.mask, memory.logits, -jnp.inf)), memory

    return Mine(Schedule(1.0))


def learnt(rule: Any) -> np.ndarray:
    return pt.solve(GAME, rule, initial=START, max_iterations=1, tolerance=None).profile


def megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def main(count: int) -> None:
    # the game's scale is 2
    wanted = [learnt(pt.rules.INPG(step_size=step**2 / 2)) for step in STEPS]
    wrong, before = 0, 0.0
    for k in range(count):
        step = k % len(STEPS)
        wrong += not np.allclose(learnt(rule(STEPS[step], (plain, registered)[k // 4 % 2])),
                                 wanted[step], atol=1e-12)
        if k == 9:
            before = megabytes()          # the first few fill the store
        if "-v" in sys.argv and k % 10 == 9:
            print(k, megabytes(), flush=True)
    print(wrong, megabytes() - before)


if __name__ == "__main__":
    main(int(sys.argv[1]))
