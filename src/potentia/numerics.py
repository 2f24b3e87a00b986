"""The setting that every computation runs in, and leaves as it found it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jax
from threadpoolctl import threadpool_limits


@contextmanager
def float64_on_one_blas_thread() -> Iterator[None]:
    """JAX in float64, linear algebra on one thread.

    The matrices here are small: BLAS threads that wait for each other by spinning cost more than they bring, and on
    a machine with other work up to thirty times more (a best response at 256 states: 30 ms against 1 s).
    """
    with jax.enable_x64(True), threadpool_limits(1, user_api="blas"):
        yield
