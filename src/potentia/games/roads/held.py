"""A routing game as it must be before it answers for a profile: with a bush that holds it."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import jax
import numpy as np
from jax import Array
from jax.core import Tracer

from potentia import profile as profiles
from potentia.games.roads import bushes
from potentia.games.roads.data import RoadData
from potentia.runtime.float64 import float64_on_one_blas_thread

Game = TypeVar("Game", bound=RoadData)


def holding(game: Game, profile: object) -> Game:
    """The same game with a bush that holds all links that `profile` [R, 1, A] uses.

    Raises InputError for a profile that is none, or that has a cycle.
    """
    return with_profile(game, profile)[0]


def with_profile(game: Game, profile: object) -> tuple[Game, Array]:
    """The game as `holding` has it, and the profile as `policy_of` has it."""
    policy = policy_of(game, profile)
    if isinstance(policy, Tracer):
        return game, policy
    bush = bushes.bush_holding(game.rows, game.bush, np.asarray(policy)[:, 0] > 0)
    return game if bush is game.bush else dataclasses.replace(game, bush=bush), policy


def policy_of(game: RoadData, profile: object) -> Array:
    """`profile` [R, 1, A] as JAX takes it, whatever holds its numbers: lists, objects, float32.

    Raises InputError for a profile that is none.
    """
    if isinstance(profile, Tracer):
        return profile
    with float64_on_one_blas_thread():
        return jax.device_put(profiles.checked(profile, np.asarray(game.usable)))
