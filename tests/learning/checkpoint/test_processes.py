"""A solve that several processes share: killed at any moment, whichever of them, it goes on to the
same bits."""

from __future__ import annotations

import dataclasses
import itertools
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from jax.experimental import multihost_utils
from solves import GAME, RULE, SETTINGS, assert_readable

import potentia as pt
from potentia.learning import device
from potentia.learning.checkpoint import store
from potentia.learning.checkpoint.arrays import arrays_of, axes_of, state_of
from potentia.learning.checkpoint.store import CheckpointStore
from potentia.learning.host import SolveState
from potentia.runtime.collectives import all_or_none, anywhere, texts_of_all
from potentia.runtime.sharding import over_devices

COUNT = 2


class Killed(BaseException):
    """What a killed process sees of what comes after: nothing."""


class Together:
    """Threads in the place of processes, which tell each other numbers; a killed one breaks the
    connection."""

    def __init__(self, patch: pytest.MonkeyPatch):
        self.own = threading.local()
        self.barrier = threading.Barrier(COUNT)
        self.told: list[Any] = [None] * COUNT
        patch.setattr(jax, "process_count", lambda: COUNT)
        patch.setattr(jax, "process_index", lambda: self.own.process)
        patch.setattr(multihost_utils, "process_allgather", self.gather)
        patch.setattr(multihost_utils,
                      "broadcast_one_to_all", lambda number: self.gather(number)[0])

    def gather(self, value: Any) -> np.ndarray:
        self.told[self.own.process] = value
        self.barrier.wait(30)
        rows = np.stack(self.told)
        self.barrier.wait(30)
        return rows

    def run(self, body: Callable[[int], Any]) -> list[Any]:
        """What `body(process)` returned or raised, by process."""
        def one(process: int) -> Any:
            self.own.process = process
            try:
                with jax.enable_x64(True):
                    return body(process)
            except BaseException as error:
                if not isinstance(error, pt.InputError):
                    self.barrier.abort()
                return error

        self.barrier.reset()
        with ThreadPoolExecutor(COUNT) as threads:
            return list(threads.map(one, range(COUNT)))


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Together:
    return Together(monkeypatch)


@pytest.fixture(scope="module")
def solve_states() -> list[SolveState]:
    """Two states, at iterations 0 and 1 by name."""
    with jax.enable_x64(True):
        state = device.start(GAME, RULE, None, "random", None, np.int64(0), 1)
        first = SolveState(state, (None,), checked=np.full(1, -1), close=np.zeros(1),
                           snapped=np.full(1, -1))
        later = dataclasses.replace(state, iteration=state.iteration + 1)
        log = first.updates.with_rows(np.zeros(1), np.ones((1, 3)))
        return [first, dataclasses.replace(first, state=later, updates=log)]


def part(solve_state: SolveState, process: int) -> SolveState:
    """Other numbers in each process, as if it held its own part."""
    log_profile = np.asarray(solve_state.state.log_profile) - process
    return dataclasses.replace(solve_state, state=dataclasses.replace(solve_state.state,
                                                                      log_profile=log_profile))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, together: Together) -> dict[int, int]:
    """How many steps on files a process may still take before it is killed, by process."""
    left: dict[int, int] = {}

    def counting(function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            process = together.own.process
            left[process] = left.get(process, 10**6) - 1
            if left[process] < 0:
                raise Killed
            return function(*arguments, **options)
        return call

    for place, name in ((tempfile, "mkstemp"), (os, "fsync"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(place, name, counting(getattr(place, name)))
    return left


@pytest.mark.parametrize("process", range(COUNT))
def test_killed_at_every_step_of_writing(tmp_path: Path, together: Together,
                                         counted: dict[int, int],
                                         solve_states: list[SolveState], process: int) -> None:
    reached = set()
    for step in itertools.count():
        place = tmp_path / str(step)
        place.mkdir()
        stores = [CheckpointStore(place, 0.0, True, {}) for _ in range(COUNT)]
        assert together.run(lambda k, by=stores: by[k].write(part(solve_states[0], k))) == [
            True] * COUNT
        counted[process] = step
        outcome = together.run(lambda k, by=stores: by[k].write(part(solve_states[1], k)))
        counted.clear()
        if outcome == [True] * COUNT:
            break
        assert isinstance(outcome[process], Killed)
        assert_readable(place)
        found = together.run(lambda k, at=place: CheckpointStore(at, 0.0, True,
                                                                 {}).first(solve_states[0], 9))
        iterations = {int(solve_state.iteration[0]) for solve_state in found}
        assert len(iterations) == 1, "the parts are of one state"
        reached |= iterations
        for k in range(COUNT):
            np.testing.assert_array_equal(found[k].state.log_profile,
                                          part(solve_states[0], k).state.log_profile)
    assert step >= 3
    assert reached == ({0, 1} if process == 0
                       else {0}), "only the first process makes parts the checkpoint"


def test_all_refuse_what_one_refuses(together: Together) -> None:
    def refuse(process: int) -> None:
        with all_or_none():
            if process == 1:
                raise pt.InputError("no room")

    assert [str(error) for error in together.run(refuse)] == ["process 1: no room", "no room"]
    assert together.run(lambda process: texts_of_all("é" * process)) == [["", "é"]] * COUNT
    assert together.run(lambda process: anywhere(process == 1)) == [True] * COUNT


def test_a_disk_that_is_full_for_one_leaves_the_last_checkpoint(
        tmp_path: Path, together: Together, solve_states: list[SolveState],
    monkeypatch: pytest.MonkeyPatch) -> None:
    stores = [CheckpointStore(tmp_path, 0.0, True, {}) for _ in range(COUNT)]
    together.run(lambda k: stores[k].write(part(solve_states[0], k)))
    before, write = (tmp_path / "checkpoint.json").read_bytes(), store.write_bytes

    def full_for_the_second(path: Path, content: bytes) -> None:
        if together.own.process == 1:
            raise OSError(28, "No space left on device")
        write(path, content)

    monkeypatch.setattr(store, "write_bytes", full_for_the_second)
    assert together.run(lambda k: stores[k].write(part(solve_states[1], k))) == [False] * COUNT
    assert (tmp_path / "checkpoint.json").read_bytes() == before


def test_processes_need_one_directory(tmp_path: Path, together: Together) -> None:
    def open_own(process: int) -> None:
        with store.opened(tmp_path / str(process), 60.0, False, dict):
            pass

    first, second = together.run(open_own)
    assert str(second).startswith(
        f"{tmp_path / '1'} is not the directory of that name that process 0 writes to")
    assert str(first) == f"process 1: {second}"
    assert not list((tmp_path / "0").iterdir())

    def open_shared(process: int) -> bool:
        with store.opened(tmp_path / "shared", 60.0, False, dict) as checkpoints:
            return checkpoints is not None

    assert together.run(open_shared) == [True] * COUNT


def hold_arrays_split_as_they_were() -> None:
    jax.config.update("jax_num_cpu_devices", 2)
    game = pt.games.make("stochastic-congestion", n_agents=2, representation="congestion", shards=2)
    profile = game.initial_profile("uniform", None)
    with jax.enable_x64(True), over_devices(game, game.shards) as placed:
        given = device.start(placed, RULE, None, None, profile, np.int64(0), 1)
        split = device.start(placed, RULE, None, "uniform", None, np.int64(0), 1)
        assert axes_of(given) == {}
        assert axes_of(split)[".log_profile"] == 2
        for state, like in ((given, split), (split, given), (split, split)):
            found = state_of(arrays_of(state), axes_of(state), like)
            assert axes_of(found) == axes_of(state)
            assert jax.tree.all(jax.tree.map(np.array_equal, arrays_of(found), arrays_of(state)))
        with pytest.raises(pt.InputError, match=r"the array '\.log_profile' is missing"):
            state_of({}, {}, split)


def test_arrays_are_split_again_as_they_were() -> None:
    process = multiprocessing.get_context("spawn").Process(target=hold_arrays_split_as_they_were)
    process.start()
    process.join()
    assert process.exitcode == 0


SOLVE = [sys.executable, "-m", "potentia", "solve", "stochastic-congestion", "-p", "n_agents=3",
         "-p",
         "representation=congestion", "--step-size", "0.05", "--max-iterations", "60",
         "--check-every", "4",
         "--tolerance", "0", "--processes", "2", "--checkpoint-every", "0", "--json"]


def reached(place: Path) -> int:
    header = place / "checkpoint.json"
    return json.loads(header.read_text())["iterations"][0] if header.exists() else -1


def stopped(place: Path, number: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Start or resume the solve, and send it the signal when it has got further."""
    before = reached(place)
    solve = subprocess.Popen([*SOLVE, "--checkpoint", str(place), "--resume"],
                             stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    while reached(place) <= max(before, 0) and solve.poll() is None:
        time.sleep(0.005)
    solve.send_signal(number)
    output, errors = solve.communicate()
    return subprocess.CompletedProcess(solve.args, solve.returncode, output, errors)


# The same solve in one of two processes: never stopped, and resumed.
BOTH = """
import sys
from potentia.cli import launch
launch.join(2, int(sys.argv[1]), sys.argv[2], 1)
import potentia as pt
from solves import assert_same
game = pt.games.make("stochastic-congestion", n_agents=3, representation="congestion", shards=2)
asked = {"rule": pt.rules.INPG(step_size=0.05), "max_iterations": 60, "check_every": 4,
         "tolerance": 0.0}
assert_same(pt.solve(game, **asked, checkpoint=sys.argv[3], resume=True), pt.solve(game, **asked))
"""


@pytest.mark.usefixtures("writes_no_programs")
def test_killed_interrupted_and_resumed_to_the_same_bits(tmp_path: Path) -> None:
    place = tmp_path / "ck"
    assert stopped(place, signal.SIGKILL).returncode == -signal.SIGKILL
    assert_readable(place)
    killed_at = reached(place)
    interrupted = stopped(place, signal.SIGINT)
    assert interrupted.returncode in (1, 130), interrupted.stderr
    assert killed_at > 0
    # On a quick machine the solve may have ended before the signal comes.
    if json.loads(interrupted.stdout)["runs"][0]["status"] == "interrupted":
        assert interrupted.returncode == 130
        assert f"interrupted: resume goes on from the checkpoint in {place}" in interrupted.stderr
        assert killed_at < reached(place) < 60
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        coordinator = f"127.0.0.1:{free.getsockname()[1]}"
    pair = [subprocess.Popen([sys.executable, "-c", BOTH, str(process), coordinator, str(place)],
                             cwd=Path(__file__).parent, stderr=subprocess.PIPE, text=True,
                             env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
            for process in range(2)]
    errors = [process.communicate()[1] for process in pair]
    assert [process.returncode for process in pair] == [0, 0], errors
    assert reached(place) == 60
    game = pt.games.make("stochastic-congestion", n_agents=3, representation="congestion", shards=1)
    with pytest.raises(pt.InputError,
                       match=r"devices is '2 cpu in 2 processes' there, but '1 cpu' here"):
        pt.solve(game, RULE, checkpoint=place, resume=True, **{**SETTINGS, "runs": 1})
