"""How precise numbers are that were given in some type."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

SUM_TOLERANCE = 1e-9      # most that probabilities in float64 may be off summing to 1
LOOSEST_SUM = 0.05        # in a narrower type: by more they were never normalised


def precision_of(dtype: np.dtype) -> float:
    """Spacing of the numbers next to 1 in a type narrower than float64 (float32, float16,
    bfloat16); else 0."""
    if not jnp.issubdtype(dtype, jnp.floating):
        return 0.0
    spacing = float(jnp.finfo(dtype).eps)
    return spacing if spacing > np.finfo(np.float64).eps else 0.0


def sum_tolerance(precision: float, entries: np.ndarray | np.integer) -> np.ndarray:
    """How far rows of so many probabilities [...], given to that `precision`, may be off summing to
    1."""
    return np.clip(precision * entries, SUM_TOLERANCE, LOOSEST_SUM)
