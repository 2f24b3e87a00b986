"""Values of a policy without a matrix: V = r + T V for a linear T that is only applied.

Nothing here is trusted: `single_agent.Horizon` bounds how far off what is found may be, from its residual.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse.linalg

Step = Callable[[np.ndarray], np.ndarray]
Solver = Callable[[Step, np.ndarray], np.ndarray]      # V [S], given T and r [S]

ROUNDS = 20               # of refinement
DIRECTIONS = 30           # Krylov directions before GMRES starts again
RESTARTS = 10
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
    """By GMRES (Saad and Schultz 1986), started again on what is left until that is rounding or no longer falls."""
    system = scipy.sparse.linalg.LinearOperator(
        (rewards.size, rewards.size), matvec=lambda v: v - step(v), dtype=np.float64)  # pyright: ignore[reportCallIssue]
    values, left, before = rewards, step(rewards), np.inf
    for _ in range(ROUNDS):
        largest = np.abs(left).max()
        if not CLOSE * np.abs(values).max() < largest < before / 2:
            break
        found, _ = scipy.sparse.linalg.gmres(system, left, rtol=1e-10, atol=0.0, restart=DIRECTIONS, maxiter=RESTARTS)
        values, before = values + found, largest
        left = rewards + step(values) - values
    return values
