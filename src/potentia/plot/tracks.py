"""Profiles on the way of each run, as pictures of policies need them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from potentia.errors import InputError
from potentia.result import Result

# Marks of where runs begin and end.
STARTS: dict[str, Any] = {"marker": "o", "markersize": 5, "markerfacecolor": "white",
                          "markeredgecolor": "#222222", "linestyle": "none"}
ENDS: dict[str, Any] = {"marker": "o", "markersize": 5, "markeredgecolor": "#222222",
                        "markeredgewidth": 0.5, "linestyle": "none"}


@dataclasses.dataclass(frozen=True, eq=False)
class Track:
    """One run: iterations [K], ascending, and the profile before each [K, N, H, A]; the last is
    where it ended."""

    iteration: np.ndarray
    profile: np.ndarray


def tracks_of(result: Result) -> list[Track]:
    """The runs of a result that kept profiles. Raises InputError if it kept none."""
    if result.snapshots is None:
        raise InputError("result has no snapshots: solve with snapshots=1, which keeps every "
                         "profile, or snapshots='logarithmic'")
    kept = result.snapshots
    return [_track(at, profiles, int(count), last) for at, profiles, count, last in zip(
        np.atleast_2d(kept.iteration),
        kept.profile.reshape(-1, *kept.profile.shape[-4:]), np.ravel(result.iterations),
        result.profiles, strict=True)]


def _track(at: np.ndarray, profiles: np.ndarray, count: int, last: np.ndarray) -> Track:
    """Without what is repeated after the end, and with the final profile."""
    before = at < count
    return Track(np.append(at[before], count), np.concatenate([profiles[before], last[None]]))
