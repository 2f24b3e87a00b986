"""The setting of computations: float64, BLAS on one thread, and both as they were afterwards."""

from __future__ import annotations

import jax.numpy as jnp
from threadpoolctl import threadpool_info, threadpool_limits

from potentia.runtime.float64 import float64_on_one_blas_thread


def threads() -> set[int]:
    """Of all BLAS libraries that are loaded, those found late included."""
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_blas_has_one_thread_inside_and_what_it_had_outside() -> None:
    for most in (1, 2):
        with threadpool_limits(most, user_api="blas"):
            with float64_on_one_blas_thread(), float64_on_one_blas_thread():
                assert threads() == {1}
                assert jnp.ones(1).dtype == jnp.float64
            assert threads() == {most}
            assert jnp.ones(1).dtype == jnp.float32
