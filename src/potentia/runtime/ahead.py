"""Programs compiled in a thread of their own before they are called: compilers leave other threads
the interpreter, so that two programs take the time of one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
from jax.sharding import get_abstract_mesh

from potentia.runtime.float64 import with_usual_settings
from potentia.runtime.kept import Kept

_WORKERS = ThreadPoolExecutor(2, thread_name_prefix="potentia-compiles")


def compiled_ahead(program: Kept[Any], *arguments: Any) -> Callable[[], None]:
    """Compile `program`, or load it, for arguments of these shapes; what it returns waits for that.

    A call that follows finds the program, and one that comes before it is done compiles it too.
    What goes wrong is left to the call to tell. Nothing is done where a game is spread over devices
    or processes, which thread by thread would not know of each other, nor where no thread can be
    begun any more, as at the end of a process.
    """
    if jax.process_count() > 1 or not get_abstract_mesh().empty:
        return nothing
    try:
        doing = _WORKERS.submit(_compiled, program, arguments)
    except RuntimeError:
        return nothing
    return lambda: _waited(doing)


def _compiled(program: Kept[Any], arguments: tuple[Any, ...]) -> None:
    # Settings are a thread's own, and programs are of settings.
    with jax.enable_x64(True), with_usual_settings():
        program.ahead(*arguments)


def _waited(doing: Future[None]) -> None:
    doing.exception()


def end() -> None:
    """Wait for what is still compiled; nothing is compiled ahead from then on."""
    _WORKERS.shutdown()


def nothing() -> None:
    """Nothing to wait for."""
