"""Draws by the inverse of the cumulative distribution, one uniform number for each."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def cumulative(probabilities: Array) -> Array:
    """[..., K] cumulative sums of the rows; `drawn` scales by their totals, which rounding may
    leave off 1."""
    return jnp.cumsum(probabilities, axis=-1)


def drawn(cumulative_rows: Array, uniform: Array) -> Array:
    """[...] the index that `uniform` [...] in [0, 1) draws from each row [..., K] of cumulative
    sums."""
    return jnp.sum(cumulative_rows[..., :-1] <= uniform[..., None] * cumulative_rows[..., -1:],
                   axis=-1)


def drawn_from_one(probabilities: Array, uniform: Array) -> Array:
    """[...] int32 indices that `uniform` [...] draws from one distribution [K]."""
    total = jnp.cumsum(probabilities)
    return jnp.searchsorted(total, uniform * total[-1], side="right").astype(jnp.int32)
