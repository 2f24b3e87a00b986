"""One solve over several processes, on this machine or on many.

Every process runs the same command; JAX's multi-process runtime joins their devices. On one machine the first command
starts the others. On several, one is started by hand on each with its own number and the first one's address:

    potentia solve GAME ... --processes 2 --process 0 --coordinator first.machine:1234
    potentia solve GAME ... --processes 2 --process 1 --coordinator first.machine:1234
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import jax

from potentia.errors import InputError

WAIT = 0.1                # seconds between two looks at the processes


def launch(count: int) -> int:
    """Run this very command as `count` processes on this machine; the first one's exit status.

    As soon as one fails, the others are ended: they would wait for it for ever.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    # All would say the same; the first one speaks.
    workers = [_started(process, coordinator, subprocess.DEVNULL if process else None) for process in range(count)]
    try:
        while workers[0].poll() is None and not any(worker.poll() for worker in workers[1:]):
            time.sleep(WAIT)
        if workers[0].poll() is None:
            failed = next(number for number, worker in enumerate(workers) if worker.poll())
            raise InputError(f"process {failed} of {count} ended with status {workers[failed].returncode}; the others "
                             "were ended too")
        return workers[0].returncode
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()


def _started(process: int, coordinator: str, output: int | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "potentia", *sys.argv[1:], "--process", str(process),
                             "--coordinator", coordinator], stdout=output, stderr=output)


def join(processes: int, process: int, coordinator: str, devices: int) -> None:
    """Make this process one of several, with so many devices of its own where they are the processor's."""
    if not 0 <= process < processes:
        raise InputError(f"--process is {process}, but the processes have the numbers 0 to {processes - 1}")
    jax.config.update("jax_num_cpu_devices", devices)
    if processes == 1:
        return
    # The runtime greets on the standard output, which belongs to results.
    sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    jax.distributed.initialize(coordinator, processes, process)
