"""The setting that every computation runs in, and leaves as it found it; how precise given numbers are."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg  # noqa: F401  (JAX computes with its BLAS, whose threads are limited only once it is loaded)
from jax.core import Tracer
from threadpoolctl import threadpool_limits

SUM_TOLERANCE = 1e-9      # most that probabilities in float64 may be off summing to 1
LOOSEST_SUM = 0.05        # in a narrower type: by more they were never normalised


def precision_of(dtype: np.dtype) -> float:
    """Spacing of the numbers next to 1 in a type narrower than float64 (float32, float16, bfloat16); else 0."""
    if not jnp.issubdtype(dtype, jnp.floating):
        return 0.0
    spacing = float(jnp.finfo(dtype).eps)
    return spacing if spacing > np.finfo(np.float64).eps else 0.0


def sum_tolerance(precision: float, entries: np.ndarray | np.integer) -> np.ndarray:
    """How far rows of so many probabilities [...], given to that `precision`, may be off summing to 1."""
    return np.clip(precision * entries, SUM_TOLERANCE, LOOSEST_SUM)


@contextmanager
def float64_on_one_blas_thread() -> Iterator[None]:
    """JAX in float64, linear algebra on one thread.

    The matrices here are small: BLAS threads that wait for each other by spinning cost more than they bring, and on
    a machine with other work up to thirty times more (a best response at 256 states: 30 ms against 1 s).
    """
    with jax.enable_x64(True), threadpool_limits(1, user_api="blas"):
        yield


def physical_memory() -> int:
    """Bytes of memory that this process may hope for: the machine's, or its control group's."""
    sizes = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    with suppress(OSError, ValueError):
        sizes.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(sizes)


def float64_method(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that may be called from anywhere: by a user, it runs in float64 and returns NumPy arrays; under a JAX
    transformation, it is the plain method."""
    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        if _any_traced((arguments, named)):
            return method(*arguments, **named)
        with float64_on_one_blas_thread():
            answer = method(*arguments, **named)
            # Inside a compiled function the answer is traced even if no argument is.
            return answer if _any_traced(answer) else jax.tree.map(np.asarray, answer)
    return call


def _any_traced(tree: Any) -> bool:
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(tree))
