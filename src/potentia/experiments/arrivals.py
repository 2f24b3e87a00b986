"""How much play learning needs: what agents have played together when the exact Nash gap is small
for good, and as which power of it the gap falls.

The exact gap is computed beside the samples and told to nobody who learns.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from potentia.certificates.equilibrium import certify
from potentia.experiments.setting import Setting
from potentia.experiments.statements import Measured
from potentia.learning.solver import solved

NEVER = -1.0
CONFIDENCE = 0.95
SMALLEST = 1e-12         # a gap below is told apart from 0 by rounding alone


@dataclasses.dataclass(frozen=True)
class Courses:
    """Runs on the way.

    updates: [K] made before each check. steps: [R, K] of all agents together until then, or None
    where values are exact. gaps: [R, K] exact. end: the largest certified gap of the last profiles.
    """

    updates: np.ndarray
    steps: np.ndarray | None
    gaps: np.ndarray
    end: float


@dataclasses.dataclass(frozen=True)
class Learner(Setting):
    """Runs of one rule on one game.

    updates: how many, of each run. every: updates between two exact gaps, which divides them. runs:
    how many. initial: "random", another start for each run, or "uniform".
    """

    updates: int
    every: int
    runs: int = 20
    initial: str = "random"

    def courses(self, seed: int) -> Courses:
        """All runs, to their end."""
        result = solved(*self.made(), initial=self.initial, seed=seed, max_iterations=self.updates,
                        tolerance=None, check_every=self.every, runs=self.runs, progress=False,
                        record_every=self.every)
        gaps = result.history["nash_gap"]
        end = max(certify(result.game, profile).nash_gap for profile in result.profile)
        return Courses(np.arange(gaps.shape[1]) * self.every, result.history.get("agent_steps"),
                       gaps, end)


@dataclasses.dataclass(frozen=True)
class Arrivals:
    """When learners come to small gaps, and stay.

    levels: gaps, falling. learners: label -> one learner, or several of which the best counts: the
    first to the last level in the median of its runs.
    """

    levels: tuple[float, ...]
    learners: Mapping[str, tuple[Learner, ...]]

    def measured(self, seed: int) -> Measured:
        """Of each label and level how many runs came there, and the median, least and greatest
        agent-steps until then, or updates where values are exact; `NEVER` where a run did not. A
        gap counts as reached where it is not above the level at any later check either.

        Of the first two labels, if both play, also the share of all pairs of runs in which the
        first needed fewer to the last level; where one of a pair never came, the other was first.
        """
        numbers, ends, last = {}, {}, []
        for label, learners in self.learners.items():
            courses = [one.courses(seed) for one in learners]
            chosen = min(range(len(courses)), key=lambda k: _hurry(courses[k], self.levels[-1]))
            if len(learners) > 1:
                step_size = learners[chosen].rule_parameters["step_size"]
                numbers[f"{label} step size"] = float(step_size)
            for level in self.levels:
                numbers |= _told(label, courses[chosen], level)
            ends[f"{label} at the end"] = courses[chosen].end
            if courses[chosen].steps is not None:
                last.append(arrivals(courses[chosen], self.levels[-1]))
        if len(last) > 1:
            first, second, *_ = self.learners
            share = float((last[0][:, None] < last[1][None, :]).mean())
            numbers[f"{first} before {second} in pairs"] = share
        return Measured(numbers, ends)


@dataclasses.dataclass(frozen=True)
class Slope:
    """As which power of the steps played the gap falls.

    learner: learns from play. after: updates after which the power is fitted, to the end. regret:
    of the Nash regret instead, the mean of the gaps at all checks so far, the start included.
    """

    learner: Learner
    after: int
    regret: bool = False

    def measured(self, seed: int) -> Measured:
        """The mean over the runs of the slope of log gap over log agent-steps, and the ends of its
        95 % interval (Student's t over the runs); the median, least and greatest gap at the end."""
        courses = self.learner.courses(seed)
        assert courses.steps is not None
        gaps = averaged(courses.gaps) if self.regret else courses.gaps
        word = "regret" if self.regret else "gap"
        found = [slope(steps, run, courses.updates, self.after)
                 for steps, run in zip(courses.steps, gaps, strict=True)]
        low, high = interval(found)
        return Measured({
            "slope": float(np.mean(found)), "slope at least": low, "slope at most": high,
            "agent-steps, median": float(np.median(courses.steps[:, -1])),
            **_spread(f"{word} at the end", gaps[:, -1])}, {"at the end": courses.end})


def arrivals(courses: Courses, level: float) -> np.ndarray:
    """[R] agent-steps, or updates where nothing is played, at the first check from which on the gap
    is at most `level`; infinite where the last is above it."""
    above = courses.gaps > level
    first = np.where(above.any(axis=1), above.shape[1] - np.argmax(above[:, ::-1], axis=1), 0)
    counts = np.broadcast_to(courses.updates if courses.steps is None else courses.steps,
                             above.shape)
    ends = np.concatenate([counts, np.full((len(counts), 1), np.inf)], axis=1)
    return np.take_along_axis(ends, first[:, None], axis=1)[:, 0]


def _hurry(courses: Courses, level: float) -> tuple[float, int]:
    """By which learners are told apart: the median of the runs, then how many never came."""
    came = arrivals(courses, level)
    return float(np.median(came)), int(np.isinf(came).sum())


def _told(label: str, courses: Courses, level: float) -> dict[str, float]:
    came = arrivals(courses, level)
    counted = "updates" if courses.steps is None else "agent-steps"
    return {f"{label} runs at {level:g}": float(np.isfinite(came).sum()),
            **_spread(f"{label} {counted} to {level:g}", came)}


def _spread(name: str, values: np.ndarray) -> dict[str, float]:
    """Median, least and greatest of [R]; `NEVER` for what is infinite."""
    found = {"median": np.median(values), "least": np.min(values), "most": np.max(values)}
    return {f"{name}, {which}": float(value) if np.isfinite(value) else NEVER
            for which, value in found.items()}


def averaged(gaps: np.ndarray) -> np.ndarray:
    """[R, K] means of the gaps [R, K] of all checks so far."""
    return np.cumsum(gaps, axis=1) / np.arange(1, gaps.shape[1] + 1)


def slope(steps: np.ndarray, gaps: np.ndarray, updates: np.ndarray, after: int) -> float:
    """Of log gaps over log steps [K], by least squares, at the checks from `after` updates on that
    lie evenly in log steps, ten or so for each power of ten, so that no end weighs more."""
    wanted = np.geomspace(after, updates[-1], 1 + round(10 * np.log10(updates[-1] / after)))
    at = np.unique(np.searchsorted(updates, np.minimum(wanted, updates[-1])))
    found, _ = np.polyfit(np.log(steps[at]), np.log(np.maximum(gaps[at], SMALLEST)), 1)
    return float(found)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The ends of the 95 % interval of the mean, by Student's t."""
    half = (stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
            * np.std(values, ddof=1) / np.sqrt(len(values)))
    return float(np.mean(values) - half), float(np.mean(values) + half)


def at_most(bound: float, numbers: Mapping[str, float], label: str = "") -> bool | None:
    """Whether a slope is at most `bound`; None where its interval lies on both sides."""
    low, high = (numbers[f"{label} slope {end}".strip()] for end in ("at least", "at most"))
    return None if low <= bound < high else high <= bound


def all_came(runs: int, level: float, numbers: Mapping[str, float], label: str) -> bool | None:
    """Whether all `runs` came to the gap `level`; None, which more updates might decide, where some
    did not."""
    return True if numbers[f"{label} runs at {level:g}"] == runs else None


def comes_first(numbers: Mapping[str, float], first: str, second: str, level: float) -> bool | None:
    """Whether the first label needed fewer agent-steps than the second to `level`, in the median of
    the runs; None where most runs of neither came."""
    medians = [numbers[f"{label} agent-steps to {level:g}, median"] for label in (first, second)]
    came = [np.inf if median == NEVER else median for median in medians]
    return None if came == [np.inf, np.inf] else came[0] < came[1]
