"""Who learns the groups of a sweep: this process, others on this machine, or a Ray cluster.

Groups are handed to workers whole, and what they give comes back to the one process that writes.
Nothing of this is kept in files. Each worker has one thread, and on one machine a core of its own.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from tempfile import TemporaryDirectory
from typing import Any

from potentia.errors import InputError, known_name, one_line, whole_number
from potentia.sweeps.groups import Group, Learnt, learnt

try:
    import fcntl
except ImportError:             # where there is none, workers are not pinned
    fcntl = None

BACKENDS = ("local", "ray")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
TRIES = 3                     # of a group whose worker died
Coming = Generator[list[Learnt], None, None]      # closed, it ends its workers


def backend_of(name: str, workers: object) -> Callable[[Sequence[Group]], Coming]:
    """What learns groups, in any order. Raises InputError for an unknown name or count."""
    known_name(name, BACKENDS, "backend")
    count = whole_number(workers, "workers", 1)
    if name == "ray":
        return _by_ray
    return _here if count == 1 else lambda groups: _by_processes(groups, count)


def _here(groups: Sequence[Group]) -> Coming:
    for group in groups:
        yield learnt(group)


def _by_processes(groups: Sequence[Group], count: int) -> Coming:
    """A group whose worker died is handed out again."""
    from concurrent.futures import as_completed

    from loky import ProcessPoolExecutor
    from loky.process_executor import TerminatedWorkerError

    left = list(groups)
    for _ in range(TRIES):
        again: list[Group] = []
        with TemporaryDirectory() as cores, ProcessPoolExecutor(
                max_workers=count, env=ONE_THREAD, initializer=_pinned, initargs=(cores,)) as pool:
            asked: dict[Any, Group] = {pool.submit(learnt, group): group for group in left}
            try:
                for future in as_completed(asked):
                    try:
                        yield future.result()
                    except TerminatedWorkerError:
                        again.append(asked[future])
            except BaseException:
                # Waits: leaving the pool asks it to end once more, without killing.
                pool.shutdown(wait=True, kill_workers=True)
                raise
        if not again:
            return
        left = again
    raise InputError(f"workers died {TRIES} times over {left[0].runs} runs of "
                     f"{next(iter(left[0].cells.values())).label}: is there memory enough for "
                     f"{count} of them?")


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


def _by_ray(groups: Sequence[Group]) -> Coming:
    """On the cluster that Ray is connected to, or one that it starts here. Ray runs the group of a
    lost worker again."""
    try:
        import ray  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise InputError("backend='ray' needs Ray: install potentia[ray]") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    task: Any = ray.remote(num_cpus=1, max_retries=TRIES,
                           runtime_env={"env_vars": ONE_THREAD})(learnt)
    asked = [task.remote(group) for group in groups]
    try:
        while asked:
            ready, asked = ray.wait(asked)
            yield ray.get(ready[0])
    except ray.exceptions.RayError as error:  # pyright: ignore[reportAttributeAccessIssue]
        raise InputError(f"Ray could not go on: {one_line(error, 200)}") from None
