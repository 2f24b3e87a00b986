"""What was learnt is lost neither by Ctrl-C while it is being written, nor by a full disk; and what
goes on keeps its runs and its seed."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.errors import NotWrittenError

GRID = pt.simulators.make("crowded-grid", n_agents=3, size=2, horizon=4)
QUICK = pt.learners.IndependentPPO(episodes=8, hidden=(), minibatches=1, epochs=1)


def fails(monkeypatch: Any, call: int, error: BaseException, until: int = 99) -> None:
    """Let arrays not be written from so many calls on; the first one is before any update."""
    calls, write = [], np.savez_compressed

    def written(*given: Any, **named: Any) -> None:
        calls.append(1)
        if call <= len(calls) < until:
            raise error
        write(*given, **named)

    monkeypatch.setattr(np, "savez_compressed", written)


@pytest.fixture(scope="module")
def whole() -> Any:
    return pt.train(GRID, QUICK, updates=6)


@pytest.mark.parametrize("presses", [1, 2])
def test_an_interrupt_while_a_checkpoint_is_written_loses_nothing(
        presses: int, whole: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """The second press meets the writing of what the first one left."""
    options: Any = {"updates": 6, "checkpoint": tmp_path / "kept", "checkpoint_every": 2}
    with monkeypatch.context() as patched:
        fails(patched, 3, KeyboardInterrupt(), until=3 + presses)
        found = pt.train(GRID, QUICK, **options)
    assert (found.status, found.updates) == ("interrupted", 4)
    np.testing.assert_array_equal(found.returns, whole.returns[:4])
    assert pt.load(tmp_path / "kept").updates == (4 if presses == 1 else 2)
    after = pt.train(GRID, QUICK, resume=True, **options)
    np.testing.assert_array_equal(after.returns, whole.returns)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"),
                                   FileNotFoundError(errno.ENOENT, "No such file or directory")])
def test_what_cannot_be_written_is_on_the_error(error: OSError, whole: Any, tmp_path: Path,
                                                monkeypatch: Any) -> None:
    fails(monkeypatch, 3, error)
    with pytest.raises(NotWrittenError, match=f"cannot write .*kept: {error.strerror}") as raised:
        pt.train(GRID, QUICK, updates=6, checkpoint=tmp_path / "kept", checkpoint_every=2)
    found = raised.value.found
    assert found.updates == 4
    np.testing.assert_array_equal(found.returns, whole.returns[:4])
    after = pt.train(GRID, QUICK, updates=2, initial=found)
    np.testing.assert_array_equal(after.returns, whole.returns)


@pytest.mark.parametrize("header", [[], "training", 3, {"format": "potentia run"}])
def test_a_header_that_is_none_is_named(header: Any, tmp_path: Path) -> None:
    pt.train(GRID, QUICK, updates=1, checkpoint=tmp_path / "kept")
    (tmp_path / "kept" / "training.json").write_text(json.dumps(header))
    with pytest.raises(pt.InputError, match=r"training.json is not a potentia training file"):
        pt.train(GRID, QUICK, updates=2, checkpoint=tmp_path / "kept", resume=True)


def test_runs_and_seed_are_those_of_what_goes_on(tmp_path: Path) -> None:
    begun, whole = (pt.train(GRID, QUICK, updates=updates, runs=2, seed=7) for updates in (1, 3))
    for given in ({}, {"runs": 2}, {"seed": 7}, {"runs": 2, "seed": 7}):
        found = pt.train(GRID, QUICK, updates=2, initial=begun, **given)
        np.testing.assert_array_equal(found.returns, whole.returns)
    for given, says in (({"runs": 3}, "runs is 3, but training goes on with the 2 of initial"),
                        ({"runs": 1}, "runs is 1, but training goes on with the 2 of initial"),
                        ({"seed": 0}, "seed is 0, but training goes on with the 7 of initial")):
        with pytest.raises(pt.InputError, match=says):
            pt.train(GRID, QUICK, updates=2, initial=begun, **given)
    options: Any = {"initial": begun, "checkpoint": tmp_path / "kept"}
    pt.train(GRID, QUICK, updates=2, **options)
    again = pt.train(GRID, QUICK, updates=3, resume=True, **options)
    np.testing.assert_array_equal(again.returns, whole.returns)
