"""A routing game as it must be before it answers for a profile: with a bush that holds it."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np
from jax.core import Tracer

from potentia import profile as profiles
from potentia.games.roads import bushes
from potentia.games.roads.data import RoadData

Game = TypeVar("Game", bound=RoadData)


def holding(game: Game, profile: object) -> Game:
    """The same game with a bush that holds all links that `profile` [R, 1, A] uses.

    Raises InputError for a profile that is none, or that has a cycle.
    """
    if isinstance(profile, Tracer):
        return game
    policy = profiles.checked(profile, np.asarray(game.usable))[:, 0]
    bush = bushes.bush_holding(game.rows, game.bush, policy > 0)
    return game if bush is game.bush else dataclasses.replace(game, bush=bush)
