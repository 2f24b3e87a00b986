"""Fingerprints: the same value has the same texts in every process, and any other value has
others."""

from __future__ import annotations

import dataclasses
import enum
import functools
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.learning.checkpoint.fingerprint import described


@dataclasses.dataclass
class Holder:
    value: Any


class Plain:
    """Neither a dataclass nor with a repr of its own."""

    def __init__(self, value: Any):
        self.value = value


class Slots:
    """Has no `__dict__`."""

    __slots__ = ("__value",)

    def __init__(self, value: Any):
        self.__value = value


class Mode(enum.Enum):
    SLOW = 1
    FAST = 2


VALUES = [
    0, 0.0, 1.0, np.nextafter(1.0, 2.0), True, None, "None", "", b"", "x" * 200, "y" * 200, 10**200,
    (), (0,), ((0,),), (0, (1, 2)), ((0, 1), 2), {}, {0: 1}, {"0": 1},
    np.zeros(2), np.zeros(3), np.zeros((2, 1)), np.zeros(2, np.float32), np.zeros(2, int),
    np.zeros((0, 2)),
    np.zeros(2, bool), np.array([0.0, -0.0]), np.array([0.0, np.nan]), np.ones((2, 3)),
    np.ones((3, 2)),
    jnp.zeros(2, jnp.bfloat16),
    len, max, Holder, Plain, Holder(0), Plain(0), Plain(1), Holder(Plain(0)), Holder(Plain(1)),
    Slots(0), Slots(1), Mode.SLOW, Mode.FAST, {1, 2}, {1, 3}, frozenset({1, 2}), Path("a"),
    Path("b"), object(), functools.partial(max, 1), functools.partial(max, 2), (lambda: 1),
    (lambda: 2), Plain(lambda: 1), Plain(lambda: 2), jax.random.key(1), jax.random.key(2),
]


def test_no_two_values_share_their_texts() -> None:
    texts = [tuple(described(value, "it").items()) for value in VALUES]
    assert len(set(texts)) == len(VALUES)
    assert all(len(text) < 200 for each in texts for _, text in each)
    assert not any("0x" in text for each in texts
                   for _, text in each), "an address is of one process only"


@pytest.mark.parametrize(("value", "same"), [
    (1.5, np.float64(1.5)), (np.arange(6.0).reshape(2, 3).T, np.arange(6.0).reshape(2, 3).T.copy()),
    (np.arange(3, dtype=np.int32), jnp.arange(3, dtype=jnp.int32)), ([1, 2], (1, 2))])
def test_how_a_value_is_held_does_not_matter(value: object, same: object) -> None:
    assert described(value, "it") == described(same, "it")


def test_the_field_that_differs_has_a_name() -> None:
    rewards = np.arange(8.0).reshape(1, 2, 4)
    games = [pt.MarkovGame.from_arrays(rewards, np.zeros((2, 4), int), discount=discount)
             for discount in (0.9, 0.8)]
    one, other = (described(game, "game") for game in games)
    assert [name for name in one if one[name] != other[name]] == ["game.discount"]
    assert one["game.discount"] == "0.9"
