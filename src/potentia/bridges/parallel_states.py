"""All states that a PettingZoo environment can come to, by trying every joint action in each."""

from __future__ import annotations

import dataclasses
import itertools
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from potentia.bridges.parallel_answers import Cast, Moment
from potentia.bridges.parallel_insides import reseeded, standing_copy
from potentia.bridges.parallel_spaces import spaces
from potentia.errors import RAISED, InputError, one_line, shown

MOST_PAIRS = 200_000      # of a state and a joint action, each of which is tried
Key = Callable[[Any, Moment], Hashable]


@dataclasses.dataclass
class States:
    """States found until now, in that order.

    number: of each by its key. moments: what agents were told when it was first met. envs: which
    stand there, None where play is over. following: [S] of each joint action the next state and
    what it pays [N]. waiting: states in which nothing was tried yet.
    """

    cast: Cast
    key: Key
    limit: int
    tries: int
    truncation_ends: bool
    number: dict[tuple[bool, Hashable], int] = dataclasses.field(default_factory=dict)
    moments: list[Moment] = dataclasses.field(default_factory=list)
    envs: list[Any] = dataclasses.field(default_factory=list)
    following: list[dict[tuple[int, ...], tuple[int, np.ndarray]]] = dataclasses.field(
        default_factory=list)
    waiting: deque[int] = dataclasses.field(default_factory=deque)

    def met(self, env: Any, moment: Moment, where: str) -> int:
        """The number of the state where the environment stands, a new one if it is."""
        ended = self.ends(moment)
        key = ended, self.key(env, moment)
        found = self.number.setdefault(key, len(self.moments))
        if found == len(self.moments):
            if found == self.limit:
                raise InputError(f"{self.cast.name} has more than {self.limit:,} states: raise "
                                 f"limit, or train in it (pt.from_pettingzoo)")
            self.moments.append(moment)
            self.envs.append(None)
            self.following.append({})
        elif told(self.moments[found]) != told(moment):
            raise InputError(f"{where}: the state is one that was met before, but agents are told "
                             f"something else there: give key, a function of the environment that "
                             f"tells its states apart")
        if self.envs[found] is None and not moment.over:
            self.envs[found] = env           # also where it was met as an episode was cut off
            self.waiting.append(found)
        return found

    def ends(self, moment: Moment) -> bool:
        """Whether the game is over."""
        return moment.ended or (moment.cut and self.truncation_ends)

    def explore(self) -> None:
        """Try all joint actions in all states. Raises InputError for what does not fit."""
        pairs = 0
        while self.waiting:
            state = self.waiting.popleft()
            for joint in joint_actions(self.cast, self.moments[state]):
                pairs += 1
                if pairs > MOST_PAIRS:
                    raise InputError(f"{self.cast.name} has more than {MOST_PAIRS:,} pairs of a "
                                     f"state and a joint action: too many to try them all")
                where = f"{self.cast.name}, state {state}, joint action {joint}"
                env, moment = self._tried(self.envs[state], joint, where)
                self.following[state][joint] = self.met(env, moment, where), moment.rewards

    def _tried(self, env: Any, joint: Sequence[int], where: str) -> tuple[Any, Moment]:
        """What follows, the same in all tries with other random numbers."""
        first: Any = None
        for attempt in range(self.tries):
            other = standing_copy(env)
            reseeded(other, attempt)
            moment = self.cast.stepped(other, joint, where)
            outcome = self.outcome(other, moment)
            if first is None:
                first = other, moment, outcome
            elif outcome != first[2]:
                raise InputError(f"{where}: what follows is random, but a table needs its "
                                 f"probabilities, which nobody told: train in it "
                                 f"(pt.from_pettingzoo), or count draws")
        return first[0], first[1]

    def outcome(self, env: Any, moment: Moment) -> Hashable:
        """What a step came to, to compare."""
        return (self.ends(moment), self.key(env, moment), moment.rewards.tobytes(), told(moment))

    def refuse_cut(self) -> None:
        """Refuse states in which no joint action could be tried, since episodes end there."""
        keys = {key for ended, key in self.number if not ended}
        if both := [number for (ended, key), number in self.number.items()
                    if ended and self.moments[number].cut and key in keys]:
            raise InputError(f"{self.cast.name}, state {both[0]}: episodes are cut off there, and "
                             f"elsewhere go on from the same state: give key, which tells the time")
        for number, moment in enumerate(self.moments):
            if not self.ends(moment) and not self.following[number]:
                raise InputError(
                    f"{self.cast.name}, state {number}: it is only come to where episodes are cut "
                    f"off: make them longer, or say truncation_ends=True if that ends the game")


def told(moment: Moment) -> Hashable:
    """What agents are told of a state, to compare."""
    return moment.seen.tobytes(), moment.legal.tobytes()


def joint_actions(cast: Cast, moment: Moment) -> itertools.product[tuple[int, ...]]:
    """All joint actions that exist, [N] each."""
    return itertools.product(*(np.flatnonzero(legal[:count]).tolist() for legal, count in zip(
        moment.legal, cast.counts, strict=True)))


def key_of(env: Any, cast: Cast, own: Callable[[Any], Any] | None) -> Key:
    """What tells states apart: the user's function, `state()`, or all observations together.

    Raises InputError where observations are real numbers and nothing else tells.
    """
    if own is not None:
        if not callable(own):
            raise InputError(f"key is {shown(own)}, but a function of the environment was expected")
        return lambda env, _: _hashable(_asked(own, env, "key", cast))
    try:
        env.state()
    except RAISED:
        # As PettingZoo does where there is none; an own one may raise anything.
        _refuse_continuous(cast)
        return lambda _, moment: told(moment)
    return lambda env, _: _hashable(_asked(lambda env: env.state(), env, "state", cast))


def _asked(function: Callable[[Any], Any], env: Any, name: str, cast: Cast) -> Any:
    try:
        return function(env)
    except RAISED as error:
        raise InputError(f"{cast.name}: {name} raised {type(error).__name__}: "
                         f"{one_line(error)}") from error


def _hashable(found: Any) -> Hashable:
    if isinstance(found, np.ndarray):
        return found.shape, (found + 0.0 if found.dtype.kind == "f" else found).tobytes()
    try:
        hash(found)
    except TypeError:
        raise InputError(f"key gives {shown(found)}, but an array, or numbers and texts in a "
                         f"tuple, were expected") from None
    return found


def _refuse_continuous(cast: Cast) -> None:
    kinds = spaces()
    for agent, sight in zip(cast.agents, cast.sights, strict=True):
        waiting = [sight.space]
        while waiting:
            space = waiting.pop()
            inner: Any = getattr(space, "spaces", ())
            waiting.extend(inner.values() if isinstance(space, kinds.Dict) else inner)
            if isinstance(space, kinds.Box) and space.dtype.kind == "f":
                raise InputError(
                    f"{cast.name}, agent {shown(agent)}: observations are real numbers, "
                    f"{one_line(space, 60)}, and there is no state(): give key, a function of the "
                    f"environment that tells its states apart")
