"""What oracles that play share: the games that they can play, and the share of play at random."""

from __future__ import annotations

from typing import Any, ClassVar

import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError, not_negative_number, whole_number
from potentia.game import HasJointStates
from potentia.games.limits import short
from potentia.oracles import visits
from potentia.runtime.pytree import is_concrete

LIMIT_GB = 4.0           # what one batch of episodes may take


class Episodic:
    """Base of oracles that play whole episodes from the start: checks of what they are given, and
    of the games that they can play.

    episodes: number of episodes, at least 1. explore: in [0, 1), the share of play at random.
    called: the oracle's name in messages. length: the field that says how long an episode is, at
    least 1.
    """

    episodes: int
    explore: float
    called: ClassVar[str]
    length: ClassVar[str] = "horizon"
    exact: ClassVar[bool] = False
    # Side by side: the simulator's small steps cost much the same for one run and for ten.
    batched: ClassVar[bool] = True
    counts_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.episodes, "episodes", least=1)
        whole_number(getattr(self, self.length), self.length, least=1)
        check_share(self)

    def check(self, game: HasJointStates) -> None:
        """Raise InputError for a game without joint states, and if one batch of episodes does not
        fit."""
        refuse_no_play(game, self.called)
        refuse_too_long(game, self.episodes,
                        visits.lengths(game, getattr(self, self.length))[1])


def refuse_no_play(game: object, oracle: str, needed: type = HasJointStates) -> None:
    """Raise InputError, naming the oracle and what is missing, for a game whose joint states cannot
    be played through."""
    if not isinstance(game, needed):
        raise InputError(f"the {oracle} oracle learns from play through joint states, but a "
                         f"{type(game).__name__} has no {', no '.join(_lacking(game, needed))}: "
                         f"use the exact oracle, which any game answers")


def refuse_too_long(game: HasJointStates, episodes: int, steps: int) -> None:
    """Raise InputError if so many episodes of so many steps do not fit."""
    size = 8 * episodes * steps * (3 * game.n_agents + 2)
    if size > LIMIT_GB * 1e9:
        raise InputError(f"episodes={short(episodes)} of {short(steps)} steps need "
                         f"{short(size // 10**9)} GB at once, but the limit is {LIMIT_GB:g} GB")


def check_number(oracle: Any, name: str, above: float, below: float, *, least: bool) -> None:
    """Coerce a parameter of an oracle that a user gave to float64, in the interval from `above` to
    `below`, of which the one end belongs to it: the lower with `least`, else the upper.

    Raises InputError that names the parameter.
    """
    value = getattr(oracle, name)
    if callable(value):
        raise InputError(f"{name} is a function, but an oracle's is one number")
    if not is_concrete(value):
        return
    number = not_negative_number(value, name)
    if not (above <= number < below if least else above < number <= below):
        raise InputError(f"{name} is {number:g}, but it must be "
                         + (f"at least {above:g} and below {below:g}" if least
                            else f"above {above:g} and at most {below:g}"))
    object.__setattr__(oracle, name, number)


def check_share(oracle: Any) -> None:
    """Check the `explore` of an oracle, in [0, 1)."""
    check_number(oracle, "explore", 0.0, 1.0, least=True)


def played(profile: Array, mask: Array, explore: Array | float) -> Array:
    """What is played of `profile` [N, H, A] by agents who draw any existing action with probability
    `explore`; at 0 the profile itself, bit for bit."""
    exists = jnp.asarray(mask)
    alike = exists / jnp.maximum(jnp.sum(exists, axis=-1, keepdims=True), 1)
    return (1.0 - explore) * profile + explore * alike


def _lacking(game: object, needed: type) -> list[str]:
    """What the protocol asks for and the game has not."""
    names = {name: None for cls in reversed(needed.__mro__) for name in vars(cls)
             if not name.startswith("_")}
    return [name for name in names if not hasattr(game, name)]
