"""Settings of JAX's that a user may have, and that change nothing of ours."""

from __future__ import annotations

import jax
import pytest

UNUSUAL = pytest.mark.parametrize("setting", [
    jax.debug_nans(True), jax.debug_infs(True), jax.numpy_dtype_promotion("strict"),
    jax.numpy_rank_promotion("raise"), jax.default_prng_impl("rbg"),
    jax.threefry_partitionable(False)],
    ids=["nans", "infinities", "types", "ranks", "generator", "partitions"])
