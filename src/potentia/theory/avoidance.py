"""Which states some joint play never visits: exact, on the support of the transitions alone.

A state t is never visited from s by some joint play if and only if s lies in the greatest set K
without t in which each state has a joint action whose successors all lie in K (or play has ended
there). No number is compared with 0: a probability of 1e-300 is a probability.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from potentia.certificates.decision_problem import Problem

CHUNK_NUMBERS = 2**24  # float64 numbers in one array: targets are taken in chunks to keep to it


def chunks(targets: np.ndarray, shape: tuple[int, ...]) -> list[np.ndarray]:
    """The targets in pieces for which arrays [S, J, T] and [T, S, S] stay small; `shape` is (S,
    J)."""
    size = max(1, CHUNK_NUMBERS // (shape[0] * max(shape)))
    return [targets[start:start + size] for start in range(0, targets.size, size)]


def avoidable(problem: Problem, begins: np.ndarray,
              targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which targets some joint play never visits, and the joint actions [S] of play that avoids the
    first of them.

    problem: the planner's. begins: [S] states where play can begin. targets: states.
    """
    pattern, found, actions = problem.kernel.copy(), [], np.zeros(0, np.int64)
    pattern.data = np.ones_like(pattern.data)
    for chunk in chunks(targets, problem.allowed.shape):
        inside, safe = _staying_out(pattern, problem.allowed, chunk)
        avoided = inside[begins].all(axis=0)
        if avoided.any() and not found:
            actions = safe[:, int(avoided.argmax())]
        found.extend(chunk[avoided].tolist())
    return np.array(found, np.int64), actions


def _staying_out(pattern: sp.csr_array, allowed: np.ndarray,
                 targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[S, T] the sets K of the targets, and joint actions [S, T] that stay in them; any that exists
    elsewhere."""
    inside = np.ones((allowed.shape[0], targets.size), bool)
    inside[targets, np.arange(targets.size)] = False
    while True:
        leaves = np.asarray(pattern @ (~inside).astype(np.float64)) > 0
        safe = ~leaves.reshape(*allowed.shape, -1) & allowed[:, :, None]
        remaining = inside & safe.any(axis=1)
        if (remaining == inside).all():
            return inside, np.where(inside, safe.argmax(axis=1), allowed.argmax(axis=1)[:, None])
        inside = remaining
