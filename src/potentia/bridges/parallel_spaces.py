"""What agents of a PettingZoo environment see and do, as arrays: their spaces, flattened."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import numpy as np

from potentia.bridges.packages import package
from potentia.errors import InputError, one_line, shown, whole_number

SEEN, MASK = "observation", "action_mask"        # of PettingZoo's Classic environments
NEEDED = ("Box", "Dict", "Discrete", "MultiBinary", "MultiDiscrete", "Space", "Tuple", "flatdim",
          "flatten")
ROUNDED = 1e-5            # of a bound, beyond which a number of 32 bits lies outside


@cache
def spaces() -> Any:
    """Spaces of gymnasium. Raises InputError where it is not installed."""
    return package("gymnasium.spaces", "pettingzoo", *NEEDED)


def refused(where: str, agent: object, why: str) -> InputError:
    """The error of what one agent was told."""
    return InputError(f"{where}, agent {shown(agent)}: {why}")


@dataclasses.dataclass(frozen=True)
class Sight:
    """How an agent's observations become numbers.

    space: of what it sees, without the mask. masked: whether observations are {"observation",
    "action_mask"}. length: numbers that the flattened observation has. several: H where it is one
    of H things, else 0.
    """

    space: Any
    masked: bool
    length: int
    several: int

    def numbers(self, given: Any, where: str, agent: object) -> np.ndarray:
        """[length] of an observation. Raises InputError for one that does not fit its space."""
        kinds = spaces()
        if isinstance(self.space, kinds.Box):
            found = as_array(given)
            fits = found.shape == self.space.shape and found.dtype.kind in "biuf"
        else:
            found, fits = self._flattened(kinds, given, where, agent), True
        if not fits or found.size != self.length:
            what = f"{found.dtype} of shape {list(found.shape)}"
            raise refused(where, agent, f"the observation is {what}, but its space is "
                                        f"{one_line(self.space, 80)}")
        if not _within(self.space, given):
            raise refused(where, agent, f"the observation {shown(given)} lies outside its space "
                                        f"{one_line(self.space, 80)}")
        with np.errstate(over="ignore"):
            flat = found.astype(np.float32).ravel()
        if not np.isfinite(flat).all():
            raise refused(where, agent, f"the observation holds "
                                        f"{flat[~np.isfinite(flat)][0]}, not finite numbers")
        return flat

    def number(self, given: Any, where: str, agent: object) -> int:
        """Which of the H things it is, from 0 on."""
        start = int(self.space.start)
        try:
            return whole_number(as_array(given)[()], "", start, start + self.several - 1) - start
        except InputError:
            raise refused(where, agent, f"the observation is {shown(given)}, but its space is "
                                        f"{one_line(self.space, 80)}") from None

    def _flattened(self, kinds: Any, given: Any, where: str, agent: object) -> np.ndarray:
        try:
            return np.asarray(kinds.flatten(self.space, given))
        except Exception as error:          # of a nested space, whatever does not fit it
            raise refused(where, agent, f"the observation {shown(given)} does not fit its space "
                                        f"{one_line(self.space, 80)}: {one_line(error, 80)}"
                          ) from error


def as_array(given: Any) -> np.ndarray:
    """What somebody else's code gave as an array, without numbers where it is none."""
    try:
        return np.asarray(given)
    except Exception:                       # of rows of different lengths, or anything else
        return np.zeros(0, object)


def _within(space: Any, given: Any) -> bool:
    """Whether an observation that was flattened lies in its space. Types of numbers do not matter,
    which gymnasium itself is strict about; what is not finite is told elsewhere."""
    kinds = spaces()
    if isinstance(space, kinds.Dict):
        return all(_within(own, given[name]) for name, own in space.spaces.items())
    if isinstance(space, kinds.Tuple):
        return all(map(_within, space.spaces, given))
    found = as_array(given)
    if isinstance(space, kinds.Box):
        room = ROUNDED * (1.0 + np.abs([space.low, space.high], dtype=np.float64))
        below, above = found < space.low - room[0], found > space.high + room[1]
        return not ((below | above) & np.isfinite(found)).any()
    if isinstance(space, kinds.Discrete | kinds.MultiDiscrete):
        count = space.n if isinstance(space, kinds.Discrete) else space.nvec
        number = found.astype(np.int64) - space.start
        return bool((number >= 0).all() and (number < count).all() and (found % 1 == 0).all())
    return not isinstance(space, kinds.MultiBinary) or bool(((found == 0) | (found == 1)).all())


def sight_of(space: Any, where: str, agent: object) -> Sight:
    """How to read observations of a space. Raises InputError for one of no fixed length."""
    kinds = spaces()
    masked = isinstance(space, kinds.Dict) and {*space.spaces} == {SEEN, MASK}
    own = space.spaces[SEEN] if masked else space
    if not isinstance(own, kinds.Space):
        raise refused(where, agent, f"its observation space is {shown(own)}, but one of "
                                    f"gymnasium.spaces was expected")
    try:
        length = int(kinds.flatdim(own))
    except Exception:
        # Of a space without a fixed length it may be anything, also one of a user's own.
        raise refused(where, agent, f"its observation space {one_line(own, 80)} cannot be "
                                    f"flattened to numbers") from None
    return Sight(own, masked, length, int(own.n) if isinstance(own, kinds.Discrete) else 0)


def actions_of(space: Any, where: str, agent: object) -> tuple[int, int]:
    """How many actions an agent has, and the number of the first. Raises InputError for a space
    that does not number them."""
    kinds = spaces()
    if isinstance(space, kinds.Discrete):
        return int(space.n), int(space.start)
    if isinstance(space, kinds.Box):
        raise refused(where, agent, f"its action space {one_line(space, 80)} is continuous, but "
                                    f"agents learn which of so many actions to take: offer some "
                                    f"of them, as a Discrete space")
    raise refused(where, agent, f"its action space is {one_line(space, 80)}, but a Discrete one "
                                f"was expected: number the combinations")
