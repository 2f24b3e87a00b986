"""What a process of this machine does to be a worker: it takes a core of its own, and ends when the
process that it works for does."""

from __future__ import annotations

import os
import sys
import threading
import time

try:
    import fcntl
except ImportError:             # where there is none, workers are not pinned
    fcntl = None

WATCHING = 0.5                  # seconds between a worker's looks at its parent


def prepared(folder: str, parent: int) -> None:
    """Make this process a worker of the process `parent`, its parent. folder: of that process's
    workers, for locks."""
    threading.Thread(target=_outlive_nobody, args=(parent,), daemon=True).start()
    _pinned(folder)


def _outlive_nobody(parent: int) -> None:
    """End this process when its parent is no more: one that is killed tells nobody."""
    while os.getppid() == parent:
        time.sleep(WATCHING)
    os._exit(1)


def _pinned(folder: str) -> None:
    """Give this worker a core that no other has, if there is one left: it holds the lock of the
    core's file in `folder` for as long as it lives. Where the system cannot, do nothing."""
    if fcntl is None or sys.platform != "linux":
        return
    for core in sorted(os.sched_getaffinity(0)):
        handle = os.open(os.path.join(folder, str(core)), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        os.sched_setaffinity(0, {core})
        return
