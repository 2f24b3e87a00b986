"""What is done in a thread of its own before it is needed: compilers and compiled programs leave
other threads the interpreter, so that two take the time of one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import jax
from jax.sharding import get_abstract_mesh

from potentia.runtime.float64 import with_usual_settings
from potentia.runtime.kept import Kept

T = TypeVar("T")

_WORKERS = ThreadPoolExecutor(2, thread_name_prefix="potentia-compiles")
_BESIDE = ThreadPoolExecutor(1, thread_name_prefix="potentia-beside")


def compiled_ahead(program: Kept[Any], *arguments: Any) -> Callable[[], None]:
    """Compile `program`, or load it, for arguments of these shapes; what it returns waits for that.

    A call that follows finds the program, and one that comes before it is done compiles it too.
    What goes wrong is left to the call to tell. Nothing is done where a game is spread over devices
    or processes, which thread by thread would not know of each other, nor where no thread can be
    begun any more, as at the end of a process.
    """
    if not _alone():
        return nothing
    try:
        doing = _WORKERS.submit(_in_float64, lambda: program.ahead(*arguments))
    except RuntimeError:
        return nothing
    return lambda: _waited(doing)


def begun(work: Callable[[], T]) -> Future[T]:
    """Begin `work`, of Potentia's own code alone, in a thread of its own; who asks for the result
    waits for it, and meets what went wrong. It is done at once where no thread may be begun, as
    with `compiled_ahead`, or there is a processor that is faster than this one."""
    if _alone() and jax.default_backend() == "cpu":
        with suppress(RuntimeError):
            return _BESIDE.submit(_in_float64, work)
    return at_once(work)


def at_once(work: Callable[[], T]) -> Future[T]:
    """What `begun` returns, of `work` that is done."""
    done: Future[T] = Future()
    done.set_result(work())
    return done


def _alone() -> bool:
    return jax.process_count() == 1 and get_abstract_mesh().empty


def _in_float64(work: Callable[[], T]) -> T:
    # Settings are a thread's own, and programs are of settings.
    with jax.enable_x64(True), with_usual_settings():
        return work()


def _waited(doing: Future[None]) -> None:
    doing.exception()


def end() -> None:
    """Wait for what is still compiled; nothing is compiled ahead from then on."""
    for workers in (_WORKERS, _BESIDE):
        workers.shutdown()


def nothing() -> None:
    """Nothing to wait for."""
