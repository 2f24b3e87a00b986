"""A solve may be killed at any moment: no file that cannot be read is left, and it goes on to the
same bits."""

from __future__ import annotations

import json
import multiprocessing
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from solves import GAME, RULE, SETTINGS, assert_readable, assert_same, named

import potentia as pt
from interrupted import stop_at
from potentia.learning.checkpoint import store


class Killed(BaseException):
    """What a killed process sees of what comes after: nothing."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the given step on, no file is made, flushed, renamed or deleted any more."""
    steps = iter(range(1, 10**6))
    def counted(function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(steps) >= step:
                raise Killed
            return function(*arguments, **options)
        return call
    for place, name in ((tempfile, "mkstemp"), (os, "fsync"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(place, name, counted(getattr(place, name)))


def test_killed_at_every_step_of_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**SETTINGS, "max_iterations": 16}
    whole = pt.solve(GAME, RULE, **settings)
    for step in range(1, 1000):
        place = tmp_path / str(step)
        try:
            with monkeypatch.context() as patch:
                killed_at(step, patch)
                pt.solve(GAME, RULE, checkpoint=place, checkpoint_every=0, **settings)
            break
        except Killed:
            assert_readable(place)
            assert_same(pt.solve(GAME, RULE, checkpoint=place, checkpoint_every=0, resume=True,
                                 **settings), whole)
            assert_readable(place)
            assert {file.name
                    for file in place.iterdir()} == named(place), "drafts and old files are gone"
    assert 50 < step < 999


# Its processes are forked from one that has imported JAX and not yet used it.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["potentia.learning.solver"])
LONG = {**SETTINGS, "max_iterations": 1500, "check_every": 5}


def keep_solving(directory: str) -> None:
    """In a process of its own: as many checkpoints as there are chunks."""
    pt.solve(GAME, RULE, checkpoint=directory, checkpoint_every=0, resume=True, progress=False,
             **LONG)


@pytest.mark.usefixtures("writes_no_programs")
def test_killed_again_and_again(tmp_path: Path) -> None:
    whole = pt.solve(GAME, RULE, **LONG)
    rng = np.random.default_rng(11)
    seen = [0]
    for _ in range(3):
        process = FORKED.Process(target=keep_solving, args=(str(tmp_path),))
        process.start()
        while process.is_alive() and reached(tmp_path) <= seen[-1]:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.1))
        process.kill()
        process.join()
        assert process.exitcode == -9
        assert_readable(tmp_path)
        seen.append(reached(tmp_path))
    assert 0 < seen[-1] < 1500
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **LONG), whole)


def reached(directory: Path) -> int:
    """The iteration of the checkpoint, read at any moment of its being replaced."""
    path = directory / "checkpoint.json"
    return min(json.loads(path.read_text())["iterations"]) if path.exists() else 0


def solve_on_two_devices(directory: str) -> None:
    jax.config.update("jax_num_cpu_devices", 2)
    game = pt.games.make("stochastic-congestion", n_agents=3, representation="congestion", shards=2)
    asked = {"max_iterations": 40, "check_every": 7, "tolerance": 0.0, "l1_accuracy": True}
    whole = pt.solve(game, RULE, **asked)
    pt.solve(game, RULE, checkpoint=directory, progress=stop_at(20), **asked)
    assert_same(pt.solve(game, RULE, checkpoint=directory, resume=True, **asked), whole)


def test_states_over_two_devices_go_on_to_the_same_bits(tmp_path: Path) -> None:
    process = FORKED.Process(target=solve_on_two_devices, args=(str(tmp_path),))
    process.start()
    process.join()
    assert process.exitcode == 0


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    names = ("notes.txt", "state-of-the-art.npz", ".checkpoint.json.swp", "checks.npz")
    mine = {name: tmp_path / name for name in names}
    for file in mine.values():
        file.write_text("mine")
    pt.solve(GAME, RULE, checkpoint=tmp_path, checkpoint_every=0, **SETTINGS)
    assert all(file.read_text() == "mine" for file in mine.values())
    assert {file.name for file in tmp_path.iterdir()} == named(tmp_path) | set(mine)


def test_a_full_disk_ends_no_solve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                   caplog: pytest.LogCaptureFixture) -> None:
    whole = pt.solve(GAME, RULE, **SETTINGS)
    pt.solve(GAME, RULE, checkpoint=tmp_path, progress=stop_at(20), **SETTINGS)
    kept = named(tmp_path)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, checkpoint_every=0, resume=True,
                             **SETTINGS), whole)
    assert "no checkpoint at iteration 35: cannot write" in caplog.text
    assert named(tmp_path) == kept
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS), whole)


def test_two_solves_cannot_share_a_directory(tmp_path: Path) -> None:
    with (store.opened(tmp_path, 60.0, False, dict),
          pytest.raises(pt.InputError, match="another process keeps checkpoints in")):
        pt.solve(GAME, RULE, checkpoint=tmp_path, **SETTINGS)
    pt.solve(GAME, RULE, checkpoint=tmp_path, **SETTINGS)
