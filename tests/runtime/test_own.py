"""Objects taken apart: what they hold, what is refused by name, and which may share a program."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.runtime.own import attributes, packed


@dataclasses.dataclass(frozen=True)
class Holder:
    part: Any


class OwnList(list):
    """A list that holds more than its items."""

    def __init__(self, *items: float):
        super().__init__(items)
        self.name = "mine"


class OwnDict(dict):
    """A dict that holds more than its items."""

    def __init__(self, **items: float):
        super().__init__(items)
        self.name = "mine"


@pytest.mark.parametrize(("make", "message"), [
    (lambda: types.SimpleNamespace(rate=0.1), "is of SimpleNamespace, a class that cannot be"),
    (lambda: OwnList(1.0), "is of OwnList, a class that cannot be part of a program"),
    (lambda: OwnDict(a=1.0), "is of OwnDict, a class that cannot be part of a program"),
    (lambda: np.ma.array([1.0, 2.0], mask=[True, False]), "is a masked array, whose mask"),
])
def test_what_cannot_be_rebuilt_is_refused_by_name(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(pt.InputError, match=rf"^rule Mine\.part\[0\] {message}") as caught:
        packed(Holder([make()]), "rule Mine")
    assert "\n" not in str(caught.value)


def test_an_open_file_is_refused_by_name() -> None:
    with (Path(__file__).open() as file,
          pytest.raises(pt.InputError, match=r"^rule Mine\.part is of TextIOWrapper, a class")):
        packed(Holder(file), "rule Mine")


class Private:
    """Slots with names that Python mangles, in a class and in its base."""

    __slots__ = ("__rate",)

    def __init__(self, rate: float):
        self.__rate = rate

    def of_base(self) -> float:
        return self.__rate


class _Below(Private):
    __slots__ = ("__rate", "unset")

    def __init__(self, rate: float):
        super().__init__(rate)
        self.__rate = 2 * rate

    def own(self) -> float:
        return self.__rate


def test_private_slots_are_held_and_rebuilt() -> None:
    assert attributes(_Below(1.0)) == {"_Below__rate": 2.0, "_Private__rate": 1.0}
    leaves, token = packed(_Below(1.0), "it")
    rebuilt = token.rebuilt(leaves)
    assert (rebuilt.own(), rebuilt.of_base()) == (2.0, 1.0)


class Registered:
    """Known to JAX, with all that it holds in its structure."""

    def __init__(self, held: Any):
        self.held = held


jax.tree_util.register_pytree_node(Registered, lambda node: ((), node.held),
                                   lambda held, _: Registered(held))


@pytest.mark.parametrize("wrap", [lambda value: frozenset({value}), lambda value: Registered(value),
                                  lambda value: Registered((value, "a"))])
def test_tokens_tell_one_from_true_inside(wrap: Callable[[Any], Any]) -> None:
    one, same, true = (packed(wrap(value), "it", "static")[1] for value in (1, 1, True))
    assert one == same
    assert hash(one) == hash(same)
    assert one != true
