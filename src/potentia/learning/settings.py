"""What a solve is asked for, checked once."""

from __future__ import annotations

import dataclasses

from potentia.errors import InputError, not_negative_number, shown, whole_number
from potentia.learning.snapshots import MOST, Wanted, checked_snapshots
from potentia.policies import shape_of
from potentia.result import Result


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a solve was asked for; see `potentia.learning.solver.solve`."""

    initial: str
    seed: int
    max_iterations: int
    tolerance: float | None
    relative_tolerance: float | None
    step_tolerance: float | None
    check_every: int
    runs: int
    record_every: int
    snapshots: Wanted | None


def checked_settings(initial: object, seed: object, max_iterations: object, tolerance: object,
                     relative_tolerance: object, step_tolerance: object, check_every: object,
                     runs: object, record_every: object, snapshots: object) -> Settings:
    """The settings; a profile to start from becomes "given", a result "result", whose runs are
    counted and have their keys. Raises InputError naming the first that is wrong."""
    runs = whole_number(runs, "runs", 1)
    if isinstance(initial, Result):
        runs = _runs_of(initial, seed, runs)
    elif not isinstance(initial, str):
        runs = _profiles_of(initial, runs)
    if isinstance(initial, str) and initial not in ("random", "uniform"):
        raise InputError(
            f"initial is {initial!r}, but it must be 'random', 'uniform', a profile [N, H, A], one "
            f"of each run [runs, N, H, A], or a Result to go on from")
    return Settings(
        initial=(initial if isinstance(initial, str)
                 else "result" if isinstance(initial, Result) else "given"),
        seed=_seed(0 if seed is None else seed),
        max_iterations=whole_number(max_iterations, "max_iterations", most=MOST),
        check_every=whole_number(check_every, "check_every", 1, MOST),
        runs=runs,
        tolerance=_not_negative(tolerance, "tolerance"),
        relative_tolerance=_not_negative(relative_tolerance, "relative_tolerance"),
        step_tolerance=_not_negative(step_tolerance, "step_tolerance"),
        record_every=whole_number(record_every, "record_every", 1, MOST),
        snapshots=checked_snapshots(snapshots))


def _profiles_of(initial: object, runs: int) -> int:
    """How many runs start from a profile, or a profile each. Raises InputError if they are
    counted otherwise too."""
    shape = shape_of(initial)
    if len(shape) != 4:
        return runs
    if runs not in (1, shape[0]):
        raise InputError(f"runs is {shown(runs)}, but initial has {shape[0]} profiles, one of each "
                         f"run")
    return shape[0]


def _runs_of(result: Result, seed: object, runs: int) -> int:
    """How many runs go on. Raises InputError if as many are not asked for, or keys are."""
    there = len(result.profiles)
    if runs not in (1, there):
        raise InputError(f"runs is {shown(runs)}, but the result in initial has {there}, which go "
                         f"on")
    if seed is not None:
        raise InputError(f"seed is {shown(seed)}, but the runs of a result in initial go on with "
                         f"their own keys: leave it out, or give initial=result.profile")
    return there


def _not_negative(value: object, name: str) -> float | None:
    return None if value is None else float(not_negative_number(value, name))


def _seed(value: object) -> int:
    if (seed := whole_number(value, "seed")) >= 2**63:
        raise InputError(f"seed is {shown(seed)}, but it must be below 2**63")
    return seed
