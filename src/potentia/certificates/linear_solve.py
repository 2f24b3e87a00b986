"""Values of a policy without a matrix: V = r + T V for a linear T that is only applied.

Nothing here is trusted: `decision_problem.Horizon` bounds how far off what is found may be, from
its residual.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse.linalg

Step = Callable[[np.ndarray], np.ndarray]
Solver = Callable[[Step, np.ndarray], np.ndarray]      # V [S], given T and r [S]

ROUNDS = 20               # of refinement
# of BiCGSTAB in a round; GMRES, started again after 30, came nowhere near on long cycles
STEPS = 2000
SWEEPS, BLOCK = 20_000, 100    # most sweeps for what is left, and how many between two looks
CLOSE = 4 * np.finfo(np.float64).eps


def swept(steps: int) -> Solver:
    """By sweeps backwards through play that ends within so many steps; exact but for rounding."""
    def solve(step: Step, rewards: np.ndarray) -> np.ndarray:
        values = rewards
        for _ in range(steps):
            values = rewards + step(values)
        return values
    return solve


def krylov(step: Step, rewards: np.ndarray) -> np.ndarray:
    """Values [S] of the rewards [S], by BiCGSTAB (van der Vorst 1992), started again on what is
    left until that is rounding; by sweeps where that makes no progress."""
    shape = (rewards.size, rewards.size)
    system = scipy.sparse.linalg.LinearOperator(
        shape, matvec=lambda v: v - step(v), dtype=np.float64)  # pyright: ignore[reportCallIssue]

    def left(values: np.ndarray) -> np.ndarray:
        return rewards + step(values) - values

    values, size, before = rewards, np.abs(step(rewards)).max(), np.inf
    for _ in range(ROUNDS):
        if not CLOSE * np.abs(values).max() < size < before / 2:
            break
        with np.errstate(all="ignore"):                # a breakdown shows in the residual
            found, _ = scipy.sparse.linalg.bicgstab(system, left(values), rtol=1e-10, atol=0.0,
                                                    maxiter=STEPS)
            off = np.abs(left(values + found)).max()
        values, size, before = (values + found, off, size) if off < size else (values, size, size)
    return (values if size <= 16 * CLOSE * np.abs(values).max()
            else _swept_on(step, rewards, values, size))


def _swept_on(step: Step, rewards: np.ndarray, values: np.ndarray, size: float) -> np.ndarray:
    """From values with a residual of that size on, by sweeps for as long as they help."""
    for _ in range(SWEEPS // BLOCK):
        found = values
        for _ in range(BLOCK):
            found = rewards + step(found)
        off = np.abs(rewards + step(found) - found).max()
        if not off < 0.999 * size:
            break
        values, size = found, off
        if size <= 16 * CLOSE * np.abs(values).max():
            break
    return values
