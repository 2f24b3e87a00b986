"""Chance in somebody else's environment: random generators found in it, and begun anew."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

LEAVES = (str, bytes, int, float, complex, bool, type(None), np.ndarray, type, ModuleType,
          FunctionType, MethodType)


@contextmanager
def global_chance_kept() -> Iterator[None]:
    """Leave the generators that all share as they were."""
    before = np.random.get_state(), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(before[0])
        random.setstate(before[1])


def reseeded(env: Any, seed: int) -> None:
    """Begin every generator that an environment holds, and those that all share, at `seed`."""
    np.random.seed(seed)
    random.seed(seed)
    waiting, met = [env], set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, LEAVES) or id(thing) in met:
            continue
        met.add(id(thing))
        if isinstance(thing, np.random.Generator):
            bits = thing.bit_generator
            bits.state = type(bits)(seed).state  # pyright: ignore[reportCallIssue]
        elif isinstance(thing, np.random.RandomState | random.Random):
            thing.seed(seed)
        else:
            waiting.extend(_parts(thing))


def _parts(thing: Any) -> list[Any]:
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, Sequence | Set):
        return list(thing)
    slots = [getattr(thing, name) for kind in type(thing).__mro__
             for name in vars(kind).get("__slots__", ()) if hasattr(thing, name)]
    return [*getattr(thing, "__dict__", {}).values(), *slots]
