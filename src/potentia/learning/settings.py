"""What a solve is asked for, checked once."""

from __future__ import annotations

import dataclasses

from potentia.errors import InputError, not_negative_number, whole_number

MOST = 2**62              # iterations: counted in 64 bits


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


def checked_settings(initial: object, seed: object, max_iterations: object, tolerance: object,
                     relative_tolerance: object, step_tolerance: object, check_every: object,
                     runs: object) -> Settings:
    """The settings; a profile to start from becomes "given". Raises InputError naming the first
    that is wrong."""
    if isinstance(initial, str) and initial not in ("random", "uniform"):
        raise InputError(
            f"initial is {initial!r}, but it must be 'random', 'uniform' or a profile [N, H, A]")
    return Settings(
        initial=initial if isinstance(initial, str) else "given", seed=_seed(seed),
        max_iterations=whole_number(max_iterations, "max_iterations", most=MOST),
        check_every=whole_number(check_every, "check_every", 1, MOST),
        runs=whole_number(runs, "runs", 1),
        tolerance=_not_negative(tolerance, "tolerance"),
        relative_tolerance=_not_negative(relative_tolerance, "relative_tolerance"),
        step_tolerance=_not_negative(step_tolerance, "step_tolerance"))


def _not_negative(value: object, name: str) -> float | None:
    return None if value is None else float(not_negative_number(value, name))


def _seed(value: object) -> int:
    seed = whole_number(value, "seed")
    if seed >= 2**63:
        raise InputError(f"seed is {seed}, but it must be below 2**63")
    return seed
