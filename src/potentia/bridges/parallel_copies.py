"""PettingZoo environments to learn in: copies of one, stepped together on the host."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from potentia.bridges.parallel_answers import Cast, Moment, cast_of, reset, with_infos_read
from potentia.console.text import counted
from potentia.errors import RAISED, InputError, one_line, share_number, shown, whole_number
from potentia.simulators.host import Stepped

LENGTHS = ("max_cycles", "max_steps", "_max_episode_steps", "horizon")
USUAL_DISCOUNT = 0.99
FIRST = 0                 # seed of the reset that an environment is looked at by


def from_pettingzoo(env: object, horizon: int | None = None,
                    discount: float | None = None) -> ParallelCopies:
    """A `pettingzoo.ParallelEnv` as a simulator to `pt.train` in, and for `pt.estimate_gap`.

    env: an environment, which is copied deeply and itself never played; or a function that makes
        one, called for every copy. There are as many copies as episodes are played at once, the
        `episodes` of a learner.
    horizon: steps after which an episode is cut off; what the environment calls its max_cycles,
        max_steps or horizon if omitted. An environment may cut off earlier (truncation).
    discount: in [0, 1]; the environment's `discount` if omitted, else 0.99.

    Every episode begins by `reset(seed=...)`, so that the same seed of `pt.train` gives the same
    bits wherever the environment draws from that seed alone. Observations are flattened as
    gymnasium does, and filled with 0 to the length of the longest agent's; where all are Discrete,
    agents see one of H things, and learn tables. {"observation", "action_mask"}, or an action_mask
    in the infos, tell which actions exist. Agents may have different numbers of actions. All must
    play from the beginning on and end together.

    Raises InputError for what is no such environment, actions that are not Discrete, and where no
    horizon is told. What does not fit later ends training, with the episode's seed, the step and
    the agent in `message`.
    """
    make = _maker(env)
    first = make()
    cast = looked_at(first)
    steps = _told(first, LENGTHS) if horizon is None else horizon
    if steps is None:
        raise InputError(f"{cast.name} does not tell how long an episode is: give a horizon, the "
                         f"steps after which it is cut off")
    return ParallelCopies(make, first, cast, whole_number(steps, "horizon", 1),
                          discount_of(first, discount))


class ParallelCopies:
    """Copies of a PettingZoo environment; see `from_pettingzoo` and `simulators.host`.

    cast: who plays, and how what they are told is read.
    """

    def __init__(self, make: Callable[[], Any], first: Any, cast: Cast, horizon: int,
                 discount: float):
        self.cast, self.horizon, self.discount = cast, horizon, discount
        self.name, self.action_counts = cast.name, cast.counts
        self.observation_shape, self.n_observations = cast.observation_shape, cast.n_observations
        self.masked = cast.masked
        self._make, self._copies = make, [first]
        self._seeds, self._step = np.zeros(0, np.uint32), 0
        self._now: list[Moment] = []

    def __repr__(self) -> str:
        return (f"{self.name}: PettingZoo, {counted(len(self.action_counts), 'agent')}, horizon "
                f"{self.horizon}, discount {self.discount:g}")

    def begin(self, seeds: np.ndarray) -> Stepped:
        """Begin an episode of each seed, [E], in a copy of its own."""
        while len(self._copies) < len(seeds):
            self._copies.append(self._another())
        self._seeds, self._step = seeds, 0
        self._now = [self.cast.begun(env, int(seed), f"{self.name}, reset of seed {seed}")
                     for env, seed in zip(self._copies, seeds, strict=False)]
        return self._stepped()

    def advance(self, actions: np.ndarray) -> Stepped:
        """One step of every copy whose episode goes on, by `actions` [E, N]."""
        self._now = [now if now.over else self.cast.stepped(
            env, own, f"{self.name}, step {self._step} of the episode of seed {seed}")
            for now, env, own, seed in zip(self._now, self._copies, actions, self._seeds,
                                           strict=False)]
        self._step += 1
        return self._stepped()

    def close(self) -> None:
        """Close all copies."""
        for env in self._copies:
            if hasattr(env, "close"):
                env.close()
        self._copies = []

    def _stepped(self) -> Stepped:
        now = self._now
        return Stepped(np.stack([each.seen for each in now]),
                       np.stack([each.rewards for each in now]),
                       np.array([each.ended for each in now]), np.array([each.cut for each in now]),
                       np.stack([each.legal for each in now]) if self.masked else None)

    def _another(self) -> Any:
        env = self._make()
        if dataclasses.replace(cast_of(env), in_infos=self.cast.in_infos) != self.cast:
            raise InputError(f"{self.name}: env makes environments whose agents or spaces differ")
        return env


def fresh(env: object) -> Any:
    """An environment of its own: a copy of the one given, or a new one of the function given."""
    return _maker(env)()


def looked_at(env: Any) -> Cast:
    """Who plays in an environment, after a first reset. Raises InputError for what does not fit."""
    cast = cast_of(env)
    where = f"{cast.name}, reset of seed {FIRST}"
    observations, infos = reset(env, FIRST, where)
    cast = with_infos_read(cast, infos)
    cast.first(env, observations, infos, where)
    return cast


def discount_of(env: Any, given: object) -> float:
    """The discount given, else the environment's own, else the usual one."""
    if given is not None:
        return float(share_number(given, "discount"))
    found = getattr(env, "discount", None)
    return USUAL_DISCOUNT if found is None else float(share_number(found, "env.discount"))


def _maker(env: Any) -> Callable[[], Any]:
    """What makes copies."""
    if hasattr(env, "parallel_env"):                 # a module of PettingZoo's
        raise InputError(f"env is {shown(env)}: give its parallel_env")
    if not callable(env) or (hasattr(env, "step") and not isinstance(env, type)):
        cast_of(env)                                 # refuse what is none before it is copied
        return lambda: copied(env)

    def made() -> Any:
        try:
            return env()
        except RAISED as error:
            raise InputError(f"env makes no environment: {type(error).__name__}: "
                             f"{one_line(error)}") from error
    return made


def copied(env: Any) -> Any:
    """A deep copy. Raises InputError for what cannot be copied."""
    try:
        return copy.deepcopy(env)
    except RAISED as error:
        # What somebody else's object holds may raise anything.
        raise InputError(f"env cannot be copied ({one_line(error, 100)}): give a function that "
                         f"makes one") from error


def _told(env: Any, names: tuple[str, ...]) -> int | None:
    """The first whole number that the environment, or what it wraps, has by one of these names."""
    for holder in (env, getattr(env, "unwrapped", env)):
        for name in names:
            found = getattr(holder, name, None)
            if isinstance(found, int | np.integer) and not isinstance(found, bool) and found > 0:
                return int(found)
    return None
