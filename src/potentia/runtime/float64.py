"""The setting that every computation runs in, and leaves as it found it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any

import jax
import numpy as np
import scipy.linalg  # noqa: F401  (JAX computes with its BLAS, whose threads are limited only once it is loaded)
from jax.core import Tracer
from threadpoolctl import ThreadpoolController

from potentia.errors import InputError

# Found once, after they are loaded: that takes 2 ms, longer than many a question.
LIBRARIES = ThreadpoolController()
# Settings of a user's that refuse or report what is meant here, or that draw other numbers of the
# same seed, and what they usually are.
SETTINGS = (("jax_numpy_dtype_promotion", jax.numpy_dtype_promotion, "standard"),
            ("jax_numpy_rank_promotion", jax.numpy_rank_promotion, "allow"),
            ("jax_debug_nans", jax.debug_nans, False), ("jax_debug_infs", jax.debug_infs, False),
            ("jax_default_prng_impl", jax.default_prng_impl, "threefry2x32"),
            ("jax_threefry_partitionable", jax.threefry_partitionable, True))


@contextmanager
def float64_on_one_blas_thread() -> Iterator[None]:
    """JAX in float64, linear algebra on one thread.

    The matrices here are small: BLAS threads that wait for each other by spinning cost more than
    they bring, and on a machine with other work up to thirty times more (a best response at 256
    states: 30 ms against 1 s).

    Of the user's own settings of JAX, those that would have it refuse what is meant here are as
    usual inside: types are promoted, and there may be NaN and infinities on the way, such as the
    logarithm of a probability of 0; a seed draws the same numbers whatever the user draws by.
    Raises InputError in a process that was forked.
    """
    _refuse_forked()
    with (jax.enable_x64(True), LIBRARIES.limit(limits=1, user_api="blas"),
          with_usual_settings()):
        yield


@contextmanager
def float32_as_usual() -> Iterator[None]:
    """JAX in float32, in which agents learn from play, with its settings as
    `float64_on_one_blas_thread` has them. Raises InputError in a process that was forked, and
    inside a function that JAX traces."""
    _refuse_forked()
    refuse_inside_a_trace("training, and what was learnt,")
    with jax.enable_x64(False), with_usual_settings():
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


def with_usual_settings() -> AbstractContextManager[object]:
    """The settings that are not as usual made so; asking first, since each takes its time."""
    changed = [setting(usual) for name, setting, usual in SETTINGS
               if getattr(jax.config, name) != usual]
    if not changed:
        return nullcontext()
    stack = ExitStack()
    for context in changed:
        stack.enter_context(context)
    return stack


def inside_a_trace() -> bool:
    """Whether JAX traces, and every new array has no numbers yet."""
    return isinstance(jax.device_put(np.zeros(())), Tracer)         # which compiles nothing


def refuse_inside_a_trace(what: str) -> None:
    """Raise InputError where JAX traces, and every new array has no numbers yet; what: is called.
    """
    if inside_a_trace():
        raise InputError(f"{what} cannot be called inside a function that JAX traces, as by "
                         f"jax.jit: call it outside, and give the function what it returns")


def _refuse_forked() -> None:
    """Raise InputError if this process is a copy of one that computed before: JAX's threads are not
    copied with it, and what waits for them waits for ever."""
    if _computing_process() != os.getpid():
        raise InputError("this process was forked from one that had computed with JAX, which "
                         "cannot go on in the copy: start processes by multiprocessing's \"spawn\" "
                         "or \"forkserver\", or give pt.sweep workers")


@functools.cache
def _computing_process() -> int:
    """The process that first computed here."""
    return os.getpid()


def _any_traced(tree: Any) -> bool:
    return any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(tree))
