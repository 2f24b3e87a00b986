"""`potentia sweep`: every cell once, kept as soon as it is done, and what it says otherwise."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from potentia.learning.host import Monitor
from potentia.sweeps import folder
from potentia.sweeps.folder import Folder
from potentia.sweeps.spec import read_spec

SPEC = """
[sweep]
seeds = 2
max_iterations = 40
check_every = 20

[[games]]
name = "two-link-congestion"

[[rules]]
name = "inpg"
step_size = [0.05, 0.1]
"""
FAILING = """
[[rules]]
name = "inpg-entropy"
step_size = 0.1
"""


@pytest.fixture
def spec(tell: Callable[..., Any]) -> Path:
    """The file of a small sweep, in the empty directory of the test."""
    file = Path("spec.toml")
    file.write_text(SPEC)
    return file


def whole() -> int:
    return len(list(Path("out/cells").glob("*.parquet")))


def test_every_cell_is_learnt_once(tell: Callable[..., Any], spec: Path,
                                   monkeypatch: pytest.MonkeyPatch) -> None:
    told = tell("sweep", "spec.toml", "--out", "out")
    assert told.status == 0
    assert told.out.splitlines()[0] == "2 cells, 4 runs: 4 max_iterations"
    table = pd.read_parquet("out/table.parquet")
    assert table["rule.step_size"].tolist() == [0.05, 0.05, 0.1, 0.1]
    monkeypatch.setattr(Folder, "keep", lambda *_: pytest.fail("a cell was learnt again"))
    found = tell("sweep", "spec.toml", "--out", "out", "--json").document()
    assert found == {"cells": 2, "runs": 4, "statuses": {"max_iterations": 4}, "failed": {},
                     "out": "out"}


def test_a_cell_that_fails_is_named_with_status_1(tell: Callable[..., Any], spec: Path) -> None:
    spec.write_text(SPEC + FAILING)
    told = tell("sweep", "spec.toml", "--out", "out")
    assert told.status == 1
    assert "3 cells, 6 runs: 4 max_iterations, 2 failed" in told.out
    (line,) = [line for line in told.out.splitlines() if line.startswith("Failed: ")]
    assert line.startswith("Failed: two-link-congestion inpg-entropy(step_size=0.1) exact "
                           "simultaneous: EntropyINPG learns from soft values")


def test_an_interrupted_cell_is_not_there(tell: Callable[..., Any], spec: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    """`solve` gives back what there is, here nothing; to a sweep a run that was cut off is none,
    and has not failed."""
    def stopping(self: Monitor, *_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Monitor, "solve_states", stopping)
        assert tell("sweep", "spec.toml", "--out", "out").status == 130
    assert whole() == 0
    assert tell("sweep", "spec.toml", "--out", "out").status == 0
    assert whole() == 2


def test_a_full_disk_leaves_whole_cells(tell: Callable[..., Any], spec: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    write = folder.write_bytes

    def filling(path: Path, content: bytes) -> None:
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(path.name)
        write(path, content)

    with monkeypatch.context() as patched:
        patched.setattr(folder, "write_bytes", filling)
        assert tell("sweep", "spec.toml", "--out", "out").refusal() == (
            "cannot write out: No space left on device; 1 of 2 cells are whole there, and the "
            "same sweep goes on with the others")
    assert whole() == 1
    monkeypatch.setattr(folder, "write_bytes",
                        lambda path, content: (written.append(path.name), write(path, content)))
    assert tell("sweep", "spec.toml", "--out", "out").status == 0
    assert whole() == 2
    assert written.count(written[1]) == 2, "the curves and the rows of the first cell, once"


@pytest.mark.parametrize(("arguments", "message"), [
    (("spec.toml",), "--out DIR is missing: a sweep keeps its table in a folder"),
    (("no.toml", "--out", "out"), "no.toml does not exist"),
    (("spec.toml", "--out", "out", "--backend", "cluster"), "unknown backend 'cluster'"),
    (("bad.toml", "--out", "out"), "bad.toml: unknown rule 'inqg'; did you mean 'inpg'?"),
    (("spec.toml", "--out", "mine"), "mine holds files, but no sweep: give another folder"),
    (("spec.toml", "--out", "mine", "--dry-run"), "mine holds files, but no sweep"),
])
def test_bad_input_is_one_line(tell: Callable[..., Any], spec: Path, arguments: tuple[str, ...],
                               message: str) -> None:
    Path("bad.toml").write_text(SPEC.replace('"inpg"', '"inqg"'))
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("mine")
    assert message in tell("sweep", *arguments).refusal()
    assert not Path("out").exists()
    assert [file.name for file in Path("mine").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(("found", "message"), [
    ({"version": 1}, "was written by an older Potentia: its version is 1"),
    ({"version": 99}, "was written by a newer Potentia"),
    ({"seeds": [7]}, "out is of another sweep, which has other seeds: give another folder"),
])
def test_a_folder_of_another_sweep_is_refused(tell: Callable[..., Any], spec: Path,
                                              found: dict[str, Any], message: str) -> None:
    Path("out").mkdir()
    header = {"format": "potentia sweep", "version": folder.VERSION, **read_spec(spec).asked}
    Path("out/sweep.json").write_text(json.dumps(header | found))
    assert message in tell("sweep", "spec.toml", "--out", "out").refusal()
    assert [file.name for file in Path("out").iterdir()] == ["sweep.json"]


def test_a_dry_run_tells_what_it_would_take(tell: Callable[..., Any], spec: Path) -> None:
    spec.write_text(SPEC + FAILING)
    told = tell("sweep", "spec.toml", "--out", "out", "--dry-run", "--json")
    assert told.status == 0
    found = told.document()
    assert {name: found[name] for name in ("cells", "runs", "done", "programs", "timed")} == {
        "cells": 3, "runs": 6, "done": 0, "programs": 2, "timed": 1}
    assert found["seconds"] > 0
    assert not Path("out").exists()
    tell("sweep", "spec.toml", "--out", "out")
    size = sum(file.stat().st_size for part in ("cells", "curves")
               for file in Path("out", part).iterdir())
    assert size / 2 < found["bytes"] < 3 * size
    told = tell("sweep", "spec.toml", "--out", "out", "--dry-run").out
    assert "3, 2 of them done" in told
