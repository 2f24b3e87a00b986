"""What somebody else's environment is made of: copies that stand where it stands, and random
generators, begun anew."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from potentia.errors import RAISED, InputError, one_line

LEAVES = (str, bytes, int, float, complex, bool, type(None), np.ndarray, type, ModuleType,
          FunctionType, MethodType)
MADE_ANEW = "_ezpickle_args"        # of gymnasium's EzPickle: copies would be made by its arguments


def standing_copy(env: Any) -> Any:
    """A deep copy in the same state, also of what gymnasium would make anew.

    Raises InputError for what cannot be copied.
    """
    try:
        anew = [thing for thing in _things(env) if MADE_ANEW in getattr(thing, "__dict__", ())]
        others = [object.__new__(type(thing)) for thing in anew]
        memo = {id(thing): other for thing, other in zip(anew, others, strict=True)}
        for thing, other in zip(anew, others, strict=True):
            vars(other).update(copy.deepcopy(vars(thing), memo))
        return copy.deepcopy(env, memo)
    except RAISED as error:
        # What somebody else's object holds may raise anything.
        raise InputError(f"env cannot be copied as it stands ({one_line(error, 100)}), but to try "
                         f"everything in each state takes copies") from error


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
    for thing in _things(env):
        if isinstance(thing, np.random.Generator):
            bits = thing.bit_generator
            bits.state = type(bits)(seed).state  # pyright: ignore[reportCallIssue]
        elif isinstance(thing, np.random.RandomState | random.Random):
            thing.seed(seed)


def _things(env: Any) -> Iterator[Any]:
    """Every object that an environment holds, however deep, each once."""
    waiting, met = [env], set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, LEAVES) or id(thing) in met:
            continue
        met.add(id(thing))
        yield thing
        waiting.extend(_parts(thing))


def _parts(thing: Any) -> list[Any]:
    if isinstance(thing, Mapping):
        return list(thing.values())
    if isinstance(thing, Sequence | Set):
        return list(thing)
    slots = [getattr(thing, name) for kind in type(thing).__mro__
             for name in vars(kind).get("__slots__", ()) if hasattr(thing, name)]
    return [*getattr(thing, "__dict__", {}).values(), *slots]
