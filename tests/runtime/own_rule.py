"""A rule of a user's own that reads a partial and a set. Go on with it from a checkpoint, and say
where that ended: `python own_rule.py DIRECTORY MAX_ITERATIONS RATE`."""

from __future__ import annotations

import functools
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import potentia as pt

GAME = pt.MarkovGame.from_arrays(np.repeat([[[[3.0, 0.0], [0.0, 1.0]]]], 2, axis=0),
                                 np.zeros((1, 2, 2), int), discount=0.5)
SETTINGS: dict[str, Any] = {"initial": "uniform", "tolerance": None}


def moved(log_policy: Any, view: Any, step: Any) -> Any:
    return jax.nn.log_softmax(jnp.where(view.mask, log_policy + step * view.advantage, -jnp.inf))


def constant(rate: float, iteration: Any) -> Any:
    return rate


class Stepping:
    """Steps by its schedule, if its mode is a known one."""

    __slots__ = ("__mode", "__schedule", "__step")

    def __init__(self, schedule: Any, step: Any = 1.0):
        self.__mode, self.__schedule, self.__step = "alpha", schedule, step

    def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
        return ()

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> tuple:
        known = self.__mode in {"alpha", "beta", "gamma", "delta"}
        step = self.__schedule(iteration) * self.__step if known else 0.0
        return moved(log_policy, view, step), memory


def main(directory: str, limit: str, rate: str) -> None:
    rule = Stepping(functools.partial(constant, float(rate)))
    try:
        result = pt.solve(GAME, rule, max_iterations=int(limit), checkpoint=directory, resume=True,
                          **SETTINGS)
        print(result.iterations)
    except pt.InputError as error:
        print(error)


if __name__ == "__main__":
    main(*sys.argv[1:])
