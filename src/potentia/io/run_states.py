"""What a saved run holds to go on from: the states of its runs, and profiles on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from potentia.errors import InputError
from potentia.io.read import field
from potentia.result import Final, Result, Snapshots

FINAL, KEPT = "final", "snapshots."
ITERATION = ".iteration"              # of the runs' states


def named(final: Final | None) -> dict[str, Any]:
    """What the header says of the states."""
    if final is None:
        return {}
    return {FINAL: {"random_bits": final.random_bits, "rule": final.rule,
                    "schedule": final.schedule, "oracle": final.oracle}}


def arrays_of(result: Result) -> dict[str, np.ndarray]:
    """The arrays of a result that are to go on from, by name."""
    arrays = {} if result.final is None else {FINAL + name: array for name, array
                                              in result.final.arrays.items()}
    if result.snapshots is not None:
        arrays |= {f"{KEPT}iteration": result.snapshots.iteration,
                   f"{KEPT}profile": result.snapshots.profile}
    return arrays


def read(header: dict[str, Any], arrays: dict[str, np.ndarray],
         path: Path) -> dict[str, Any]:
    """The fields `final` and `snapshots` of a result; an older Potentia wrote none. Raises
    InputError naming what is missing or of another size."""
    return {"final": _final(header, arrays, path), "snapshots": _snapshots(arrays, path)}


def _final(header: dict[str, Any], arrays: dict[str, np.ndarray], path: Path) -> Final | None:
    if FINAL not in header:
        return None
    # An older Potentia had no oracle that keeps anything.
    said = {"oracle": "", **field(header, FINAL, dict, path)}
    states = {name.removeprefix(FINAL): array for name, array in arrays.items()
              if name.startswith(f"{FINAL}.")}
    at = states.get(ITERATION)
    if at is None or not np.array_equal(np.ravel(arrays["iterations"]), at):
        raise InputError(f"{path} has states to go on from that are not those of its runs")
    return Final(states, *(field(said, name, str, path)
                           for name in ("random_bits", "rule", "schedule", "oracle")))


def _snapshots(arrays: dict[str, np.ndarray], path: Path) -> Snapshots | None:
    at, profile = (arrays.get(f"{KEPT}{name}") for name in ("iteration", "profile"))
    if at is None or profile is None:
        return None
    shape = arrays["profile"].shape
    runs, game = shape[:-3], shape[-3:]
    if at.shape[:-1] != runs or at.ndim != len(runs) + 1 or profile.shape != (*at.shape, *game):
        raise InputError(f"{path.with_name('arrays.npz')}: snapshots have shape {profile.shape} at "
                         f"{at.shape} iterations, which the profile {shape} does not fit")
    return Snapshots(at, profile)
