"""The command line: read the arguments, call the library, print.

Exit status: 0 done, 1 the work was done and the answer is no, or could not be told, 2 bad input,
130 interrupted. Here is what begins and ends a command, without any import that takes time: Ctrl-C
is heard while all others are loaded. Heavy ones wait until a command runs (`commands`).
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import sys
import threading
from typing import NoReturn

from potentia.cli.presses import Presses, hearing
from potentia.cli.status import BAD_INPUT, DONE, INTERRUPTED, NO, say

# New objects after which Python looks for cycles that nobody holds; some hundreds by default. What
# libraries load, some 200,000, and what JAX traces, stays.
COLLECTED = 400_000


def program() -> NoReturn:
    """`main` as a process of its own, which ends when its work does: to take apart all that was
    loaded, first, takes longer than many an answer."""
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, int) and _all_done():
            _leave(end.code)
        raise
    raise AssertionError("a command ends with a status")


def _all_done() -> bool:
    """Whether no thread and no process is left that still works; waits for compilers."""
    # Pressed now, Ctrl-C leaves the rest to Python: what was asked for has been told.
    with contextlib.suppress(KeyboardInterrupt):
        if (ahead := sys.modules.get("potentia.runtime.ahead")) is not None:
            ahead.end()
    children = sys.modules.get("multiprocessing.process")
    return threading.active_count() == 1 and not (children and children.active_children())


def main() -> None:
    """Run the command line and exit with its status: 1 where nobody could be told of success."""
    told = sys.stdout is not None
    _open_streams()
    _look_for_less_garbage()
    with hearing() as presses:
        status = _ended(presses)
        if status == DONE and not told:
            say("the standard output is closed")
            status = NO
        if presses.heard:
            _leave(status)
    sys.exit(status)


def _look_for_less_garbage() -> None:
    """Have Python look through fewer objects in vain: on the way, and at the end of the process,
    when all is freed anyway."""
    gc.set_threshold(max(COLLECTED, gc.get_threshold()[0]))
    atexit.register(gc.freeze)


def _ended(presses: Presses) -> int:
    """The status of the command that was asked for."""
    try:
        from potentia.cli.commands import run
        status = run(sys.argv[1:])
        sys.stdout.flush()
        # Some work is told as far as it came.
        status = INTERRUPTED if presses.heard else status
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception as error:
        # What Ctrl-C breaks may raise anything.
        status = INTERRUPTED if presses.heard else _explained(error)
    if status == INTERRUPTED:
        say("interrupted")
    return status


def _leave(status: int) -> NoReturn:
    """End the process without taking it apart: after an interrupt, threads that compile may go on,
    and crash when what they use is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(status)


def _explained(error: Exception) -> int:
    """The status after an error that some fault of the surroundings explains; raises any other."""
    from potentia.cli.surroundings import broken, unwritable
    if why := unwritable(error):
        if not isinstance(error, BrokenPipeError):      # who stopped reading knows it
            say(why)
        return NO
    if why := broken(error):
        say(f"error: {why}")
        return BAD_INPUT
    raise error


def _open_streams() -> None:
    """Where the standard output or error was closed, what is written there is lost, and no file is
    opened in its place."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
