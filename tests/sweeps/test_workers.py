"""Workers of a sweep: their cores, their end, and what becomes of the cells of one that dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from loky.process_executor import TerminatedWorkerError

import potentia as pt
from potentia.sweeps import backends, groups, spec
from potentia.sweeps.cells import read_table

WORKER = ("import os, sys; from potentia.sweeps.workers import prepared; "
          "prepared(sys.argv[1], os.getppid()); "
          "print(*sorted(os.sched_getaffinity(0)), flush=True); input()")
BUSY = WORKER.replace("input()", "import time; time.sleep(60)")
DEADLY = "regret-matching-plus"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"


@pytest.mark.skipif(sys.platform != "linux", reason="cores are given on Linux only")
def test_each_worker_has_a_core_of_its_own(tmp_path: Path) -> None:
    """As many as there are cores; one more keeps all of them."""
    cores = sorted(os.sched_getaffinity(0))
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path)], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
               for _ in range(len(cores) + 1)]
    found = [worker.stdout.readline().split() for worker in workers if worker.stdout]
    for worker in workers:
        worker.communicate("\n")
    assert sorted(found, key=lambda had: (len(had), had)) == [
        *sorted([str(core)] for core in cores), list(map(str, cores))]


@pytest.mark.skipif(sys.platform != "linux", reason="it tells by the worker's cores that it began")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_who_it_works_for(tmp_path: Path, how: signal.Signals) -> None:
    """Both hold the one end of the pipe that is read here, so it ends when both have."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, BUSY, str(tmp_path)], text=True,
                              stdout=subprocess.PIPE)
    assert parent.stdout
    assert parent.stdout.readline()
    parent.send_signal(how)
    assert parent.wait(20) == -how
    assert parent.communicate(timeout=20)[0] == ""


class Dying:
    """A stand-in for the executor of loky: workers, as many as are asked for, do one thing each at
    a time, and one that dies takes all of them along."""

    deadly: Callable[[groups.Group], bool]
    pools: list[tuple[int, list[str]]]

    def __init__(self, max_workers: int, **_: Any) -> None:
        self.workers, self.asked = max_workers, []
        self.pools.append((max_workers, self.asked))

    def __enter__(self) -> Dying:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""

    def submit(self, work: Callable[..., Any], folder: str, place: int,
               group: groups.Group) -> Future[Any]:
        """Begin at once what workers are free for, others when somebody has died."""
        future: Future[Any] = Future()
        begun = len(self.asked) < self.workers
        self.asked.append(next(iter(group.cells.values())).rule.name)
        if begun:
            Path(folder, f"{backends.MARK}{place}").touch()
        if not begun or self.workers > 1 or type(self).deadly(group):
            future.set_exception(TerminatedWorkerError("a worker was killed"))
        else:
            future.set_result(work(folder, place, group))
        return future


def test_only_the_cells_of_who_dies_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers, the second of whom dies: both groups are tried alone, and one dies each time."""
    monkeypatch.setattr(backends, "ProcessPoolExecutor", Dying)
    monkeypatch.setattr(backends, "learnt", lambda group: groups.failed(group, "learnt"))
    monkeypatch.setattr(Dying, "pools", [], raising=False)
    monkeypatch.setattr(Dying, "deadly", staticmethod(
        lambda group: next(iter(group.cells.values())).rule.name == DEADLY), raising=False)
    asked = spec.spec("two-link-congestion", ["inpg-adaptive", DEADLY, "regret-matching"], seeds=2)
    given = [each for found in backends.backend_of("local", 2)(groups.groups(asked, set()))
             for each in found]
    assert Dying.pools == [
        (2, ["inpg-adaptive", DEADLY, "regret-matching"]), (1, ["inpg-adaptive"]), (1, [DEADLY]),
        (1, [DEADLY]), (1, ["regret-matching"])]
    told = pd.concat([read_table(each.rows) for each in given])
    assert len(told) == 6
    assert set(told[told["rule"] != DEADLY]["message"]) == {"learnt"}
    assert told[told["rule"] == DEADLY]["message"].str.contains("died, 3 times").all()


def test_workers_that_never_begin_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stillborn(Dying):
        def __init__(self, max_workers: int, **_: Any) -> None:
            super().__init__(0)

    monkeypatch.setattr(backends, "ProcessPoolExecutor", Stillborn)
    monkeypatch.setattr(Dying, "pools", [], raising=False)
    asked = spec.spec("two-link-congestion", ["inpg-adaptive", DEADLY], seeds=2)
    with pytest.raises(pt.InputError, match="workers died 3 times before they began"):
        list(backends.backend_of("local", 2)(groups.groups(asked, set())))
    assert len(Dying.pools) == 3


@pt.rules.rule
class Ending:
    """A rule that would end the program."""

    def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
        """Nothing to remember, and no wish to go on."""
        raise SystemExit(3)

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> tuple:
        """Never called."""
        return log_policy, memory


def test_a_rule_that_would_end_the_program_fails() -> None:
    asked = spec.spec("two-link-congestion", Ending(), seeds=2, max_iterations=3)
    (group,) = groups.groups(asked, set())
    told = read_table(groups.learnt(group)[0].rows)
    assert told["message"].tolist() == ["it would have ended the program, by SystemExit(3)"] * 2
