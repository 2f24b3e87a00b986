"""One solve over several processes, on this machine or on many.

Every process runs the same command; JAX's multi-process runtime joins their devices. On one machine
the first command starts the others. On several, one is started by hand on each with its own number
and the first one's address:

    potentia solve GAME ... --processes 2 --process 0 --coordinator first.machine:1234
    potentia solve GAME ... --processes 2 --process 1 --coordinator first.machine:1234
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import jax

from potentia.cli.status import BAD_INPUT, INTERRUPTED
from potentia.errors import InputError

WAIT = 0.1                # seconds between two looks at the processes
PATIENCE = 24 * 3600      # seconds that a process waits at the end for the first one
GRACE = 10.0  # seconds for the first process to say what another one has refused as well

Workers = list[subprocess.Popen[bytes]]


def launch(count: int) -> int:
    """Run this very command as `count` processes on this machine; the first one's exit status.

    As soon as one fails, the others are ended: they would wait for it for ever. Ctrl-C is passed on
    once, and the processes end together; a second one ends them as they stand.
    Raises InputError if a process was killed, or failed while the first one did not.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    # All would say the same; the first one speaks.
    workers = [_started(process, coordinator, subprocess.DEVNULL if process else None)
               for process in range(count)]
    try:
        return _status(workers)
    except KeyboardInterrupt:
        return _interrupted(workers)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def _status(workers: Workers) -> int:
    """The first process's exit status, once it has ended."""
    while workers[0].poll() is None and not any(worker.poll() for worker in workers[1:]):
        time.sleep(WAIT)
    for number, worker in enumerate(workers):
        status = worker.poll() or 0
        if status < 0 or (number > 0 and status > 0 and not _ends_alike(workers[0], status)):
            raise InputError(f"process {number} of {len(workers)} ended with status {status}; the "
                             f"others were ended too")
    return workers[0].wait()


def _interrupted(workers: Workers) -> int:
    """The first process's exit status after all were told of Ctrl-C."""
    for worker in workers:
        worker.send_signal(signal.SIGINT)
    try:
        return _status(workers)
    except InputError:               # before a process can listen, Ctrl-C ends it as it stands
        raise KeyboardInterrupt from None


def _ends_alike(first: subprocess.Popen[bytes], status: int) -> bool:
    """Whether the first process ends with that status too, so that it can say why."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        return status in (BAD_INPUT, INTERRUPTED) and first.wait(GRACE) == status
    return False


def _started(process: int, coordinator: str, output: int | None) -> subprocess.Popen[bytes]:
    # In a group of its own a process hears of Ctrl-C from here only, hence once. It ends when its
    # input does.
    return subprocess.Popen([sys.executable, "-m", "potentia.cli.worker", *sys.argv[1:],
                             "--process", str(process),
                             "--coordinator", coordinator], stdin=subprocess.PIPE, stdout=output,
                            stderr=output,
                            process_group=0)


def join(processes: int, process: int, coordinator: str, devices: int) -> None:
    """Make this process one of several, with so many devices of its own where they are the
    processor's."""
    if not 0 <= process < processes:
        raise InputError(
            f"--process is {process}, but the processes have the numbers 0 to {processes - 1}")
    jax.config.update("jax_num_cpu_devices", devices)
    if processes == 1:
        return
    # The runtime greets on the standard output, which belongs to results.
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    # The first one certifies and saves while the others wait at the end.
    jax.distributed.initialize(coordinator, processes, process, shutdown_timeout_seconds=PATIENCE)
