"""The setting that every computation runs in, and leaves as it found it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np
import scipy.linalg  # noqa: F401  (JAX computes with its BLAS, whose threads are limited only once it is loaded)
from jax.core import Tracer
from threadpoolctl import ThreadpoolController

# Found once, after they are loaded: that takes 2 ms, longer than many a question.
LIBRARIES = ThreadpoolController()


@contextmanager
def float64_on_one_blas_thread() -> Iterator[None]:
    """JAX in float64, linear algebra on one thread.

    The matrices here are small: BLAS threads that wait for each other by spinning cost more than
    they bring, and on a machine with other work up to thirty times more (a best response at 256
    states: 30 ms against 1 s).
    """
    with jax.enable_x64(True), LIBRARIES.limit(limits=1, user_api="blas"):
        yield


def float64_method(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that may be called from anywhere: by a user, it runs in float64 and returns NumPy
    arrays; under a JAX transformation, it is the plain method."""
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
