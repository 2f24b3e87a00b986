"""What a sweep goes through: games, rules, oracles and schedules, by name or made, with grids.

A choice is a name of a registry, a mapping {"name": ..., parameter: value or list of values}, whose
lists are grids, or a thing that was made. A value that is a list itself goes into a list of its
own: weights = [[1, 2]] is one value, (1, 2).
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from potentia import games, oracles, rules, schedules
from potentia.errors import InputError, shown
from potentia.game import HasRecipe
from potentia.learning.checkpoint.fingerprint import described
from potentia.learning.together import refuse_no_instance
from potentia.runtime.code import digest_of
from potentia.runtime.own import attributes, is_own

REGISTRIES: dict[str, Any] = {"game": games, "rule": rules, "oracle": oracles,
                              "schedule": schedules}
MOST = 10_000                    # cells of a sweep
INT64 = range(-2**63, 2**63)     # what a column holds as numbers


@dataclasses.dataclass(frozen=True, eq=False)
class Choice:
    """One thing of one kind.

    kind: "game", "rule", "oracle" or "schedule". name: as tables call it. parameters: as tables
    tell them. made: the thing itself, or None where name and parameters make it.
    """

    kind: str
    name: str
    parameters: tuple[tuple[str, Any], ...]
    made: Any = None

    def make(self) -> Any:
        """The thing. Raises InputError for a name or a parameter that does not make one."""
        if self.made is not None:
            return self.made
        return REGISTRIES[self.kind].make(self.name, **dict(self.parameters))

    @cached_property
    def digest(self) -> str:
        """What tells it from every other, in every process."""
        # A function's own text has its place in memory.
        told = tuple((name, described(value, name)[name] if callable(value) else value)
                     for name, value in self.parameters)
        texts = {self.name: repr(told)}
        if self.made is not None:
            texts |= described(self.made, self.kind)
            if is_own(self.made):
                texts |= {"code": digest_of(self.made)}
        return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()

    def columns(self) -> dict[str, Any]:
        """The columns of a table: the name, and each parameter as a number, a truth value or
        text."""
        return {self.kind: _text(self.name)} | {
            f"{self.kind}.{name}": _cell(value) for name, value in self.parameters}


def choices(kind: str, given: object) -> list[Choice]:
    """Every choice of one kind, grids spread out, up to MOST. Raises InputError naming what is
    wrong with one."""
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable) \
            or (isinstance(given, np.ndarray) and not given.ndim):
        given = [given]
    found: list[Choice] = []
    for each in given:
        if len(found) + _number(each) > MOST:
            raise InputError(f"{kind}s has more than {MOST:,} choices, but a sweep has at most "
                             f"{MOST:,} cells")
        found += _spread(kind, each)
    if not found:
        raise InputError(f"{kind}s is empty: a sweep needs at least one {kind}")
    return found


def _number(given: object) -> int:
    """How many choices the grids of one make."""
    if not isinstance(given, Mapping):
        return 1
    return math.prod(len(value) for value in given.values() if isinstance(value, list))


def _spread(kind: str, given: object) -> Iterator[Choice]:
    if isinstance(given, str):
        given = {"name": given}
    if not isinstance(given, Mapping):
        yield _of_made(kind, given)
        return
    if not isinstance(name := given.get("name"), str):
        raise InputError(f"a {kind} of a sweep is {shown(dict(given))}, which has no name")
    grids = {key: _values(kind, name, key, value) for key, value in given.items() if key != "name"}
    for values in itertools.product(*grids.values()):
        yield Choice(kind, name, tuple(zip(grids, values, strict=True)))


def _values(kind: str, name: str, key: object, value: object) -> Sequence[Any]:
    if not isinstance(key, str):
        raise InputError(f"{kind} {name!r} has a parameter {shown(key)}, which is no name")
    if not isinstance(value, list):
        return [_fixed(value)]
    if not value:
        raise InputError(f"{kind} {name!r} has an empty grid of {key}")
    return [_fixed(each) for each in value]


def _fixed(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return tuple(map(_fixed, value)) if isinstance(value, list) else value


def _of_made(kind: str, made: Any) -> Choice:
    if isinstance(made, type):
        raise InputError(f"a {kind} of a sweep is the class {made.__name__}; give an instance")
    if made is None or isinstance(made, bytes | list | tuple | int | float):
        raise InputError(f"{kind}s has {shown(made)}, but each is a name, a mapping with a name, "
                         f"or the {kind} itself")
    refuse_no_instance(made, kind)
    cls = type(made)
    if kind == "game":
        recipe = made.recipe if isinstance(made, HasRecipe) else None
        if recipe is not None:
            return Choice(kind, recipe[0], tuple(sorted(dict(recipe[1]).items())), made)
        return Choice(kind, str(getattr(made, "name", "") or cls.__name__), (), made)
    known = REGISTRIES[kind].REGISTRY.classes
    name = cls.__name__ if is_own(made) else known.get(cls.__name__, cls.__name__)
    return Choice(kind, name, tuple((field, _told(value))
                                    for field, value in attributes(made).items()), made)


def _told(value: Any) -> Any:
    """A parameter as a table tells it: a number as it is, a function by its name."""
    if isinstance(value, bool | int | float | str):
        return value
    return getattr(value, "__qualname__", None) or repr(value)


def _cell(value: Any) -> Any:
    """A parameter as a column holds it."""
    value = _told(value)
    if isinstance(value, bool | float) or (isinstance(value, int) and value in INT64):
        return value
    return _text(str(value))


def _text(value: str) -> str:
    """Text that files can hold: what is no character is told by its number."""
    return value.encode(errors="backslashreplace").decode()
