"""Who learns the groups of a sweep: this process, others on this machine, or a Ray cluster.

Groups are handed to workers whole, and what they give comes back to the one process that writes.
Nothing of this is kept in files. Each worker has one thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from loky import ProcessPoolExecutor
from loky.process_executor import TerminatedWorkerError

from potentia.errors import InputError, known_name, one_line, whole_number
from potentia.sweeps.groups import Group, Learnt, failed, learnt
from potentia.sweeps.workers import prepared

BACKENDS = ("local", "ray")
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
TRIES = 3                     # of a group whose worker died
MARK = "at"                   # before the place of a group that a worker is at, a file's name
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
    """A worker that dies takes the others of its pool along. So the groups that they were at are
    learnt again one by one, each with a worker to itself: then who dies is who is to blame, and
    after TRIES times its cells have failed. The rest goes on together."""
    left, lifeless = list(groups), 0
    while left:
        found = _Pool()
        yield from found.learnt(left, min(count, len(left)))
        suspects = [left[place] for place in found.begun]
        # A pool that dies before anything was begun tells of nobody.
        lifeless = 0 if suspects or not found.lost else lifeless + 1
        if lifeless == TRIES:
            raise InputError(f"workers died {TRIES} times before they began: is there memory "
                             f"enough for {count} of them?")
        left = [left[place] for place in found.lost if place not in found.begun]
        for group in suspects:
            yield from _alone(group)


def _alone(group: Group) -> Coming:
    """Learn a group that was at hand when a worker died."""
    for _ in range(TRIES - 1):
        found = _Pool()
        yield from found.learnt([group], 1)
        if not found.lost:
            return
    yield failed(group, f"the process that learnt it died, {TRIES} times: was it ended, or is "
                        f"there too little memory?")


class _Pool:
    """Workers that learn some groups, until one of them dies.

    lost: the places of the groups that are not learnt then. begun: of those that workers were at.
    """

    def __init__(self) -> None:
        self.lost: list[int] = []
        self.begun: list[int] = []

    def learnt(self, groups: Sequence[Group], count: int) -> Coming:
        """What they give, in any order."""
        with TemporaryDirectory() as folder, ProcessPoolExecutor(
                max_workers=count, env=ONE_THREAD, initializer=prepared,
                initargs=(folder, os.getpid())) as pool:
            asked: dict[Any, int] = {pool.submit(_marked, folder, place, group): place
                                     for place, group in enumerate(groups)}
            try:
                for future in as_completed(asked):
                    try:
                        yield future.result()
                    except TerminatedWorkerError:
                        self.lost.append(asked[future])
            except BaseException:
                # Waits: leaving the pool asks it to end once more, without killing.
                pool.shutdown(wait=True, kill_workers=True)
                raise
            self.lost.sort()
            self.begun = [place for place in self.lost if Path(folder, f"{MARK}{place}").exists()]


def _marked(folder: str, place: int, group: Group) -> list[Learnt]:
    """Learn a group, with a mark in `folder` as long as it takes."""
    mark = Path(folder, f"{MARK}{place}")
    mark.touch()
    found = learnt(group)
    mark.unlink()
    return found


def _by_ray(groups: Sequence[Group]) -> Coming:
    """On the cluster that Ray is connected to, or one that it starts here. Ray runs the group of a
    lost worker again; after TRIES more times its cells have failed."""
    try:
        import ray  # pyright: ignore[reportMissingImports]
        from ray.exceptions import (  # pyright: ignore[reportMissingImports]
            OutOfMemoryError,
            RayError,
            WorkerCrashedError,
        )
    except ImportError:
        raise InputError("backend='ray' needs Ray: install potentia[ray]") from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    task: Any = ray.remote(num_cpus=1, max_retries=TRIES,
                           runtime_env={"env_vars": ONE_THREAD})(learnt)
    asked: dict[Any, Group] = {task.remote(group): group for group in groups}
    try:
        while asked:
            (ready, *_), _ = ray.wait(list(asked))
            group = asked.pop(ready)
            try:
                yield ray.get(ready)
            except (WorkerCrashedError, OutOfMemoryError) as error:
                yield failed(group, f"Ray lost its worker {1 + TRIES} times: "
                                    f"{one_line(error, 150)}")
    except RayError as error:
        raise InputError(f"Ray could not go on: {one_line(error, 200)}") from None
