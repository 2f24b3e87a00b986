"""Sweeps: the runs of `solve`, in one table, cell by cell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.sweeps import groups, spec
from potentia.sweeps.folder import Folder

ASKED: dict[str, Any] = {"max_iterations": 60, "check_every": 20, "tolerance": 1e-3}
GRID = {"name": "inpg", "step_size": [0.05, 0.1]}


@pt.rules.rule
class Mine:
    """INPG with a step in whole numbers of a tenth."""

    tenths: int = 1

    def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
        return ()

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> tuple:
        moved = log_policy + 0.1 * self.tenths * view.scale * view.advantage
        return jax.nn.log_softmax(moved), memory


def small(**more: Any) -> pt.sweeps.sweep.Sweep:
    return pt.sweep("two-link-congestion", [GRID, "inpg-adaptive", Mine(2)], seeds=3,
                    progress=False, **(ASKED | more))


def test_each_run_is_that_of_a_solve() -> None:
    found = small()
    assert repr(found) == "<Sweep of 4 cells, 12 runs>"
    rules = {("inpg", 0.05): pt.rules.INPG(step_size=0.05),
             ("inpg", 0.1): pt.rules.INPG(step_size=0.1),
             ("Mine", 2): Mine(2)}
    game = pt.games.make("two-link-congestion")
    seen = set()
    for _, row in found.table.iterrows():
        step = row["rule.step_size"] if row["rule"] == "inpg" else row["rule.tenths"]
        rule = rules.get((row["rule"], step), pt.rules.AdaptiveINPG())
        alone = pt.solve(game, rule, seed=row["seed"], progress=False, **ASKED)
        assert (row["status"], row["iterations"]) == (str(alone.status), alone.iterations)
        assert row["nash_gap"] == alone.history["nash_gap"][-1]
        gap = alone.history["nash_gap"] + alone.history["nash_gap_error"]
        within = alone.history["check_iteration"][gap <= 1e-2]
        every = ASKED["check_every"]         # a check that was asked for in between is told with it
        np.testing.assert_equal(row["iterations_to_0.01"],
                                -(-within[0] // every) * every if len(within) else np.nan)
        curve = found.curves[(found.curves["cell"] == row["cell"])
                             & (found.curves["seed"] == row["seed"])]
        np.testing.assert_array_equal(curve["nash_gap"], alone.history["nash_gap"])
        seen.add((row["rule"], row["seed"]))
    assert len(seen) == 9


def test_step_sizes_and_seeds_go_in_one_program() -> None:
    asked = spec.spec(["two-link-congestion", "prisoners-dilemma"], [GRID, "inpg-adaptive"],
                      seeds=3)
    found = groups.groups(asked, set())
    assert sorted(len(group.cells) for group in found) == [1, 1, 2, 2]
    assert sum(group.runs for group in found) == 18


def test_a_sweep_goes_on_where_it_was_stopped(tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    whole = small(out=tmp_path / "whole")
    made = []
    keep = Folder.keep

    def stopping(self: Folder, learnt: Any) -> None:
        if len(made) == 2:
            raise KeyboardInterrupt
        keep(self, learnt)
        made.append(learnt.digest)

    monkeypatch.setattr(Folder, "keep", stopping)
    with pytest.raises(KeyboardInterrupt):
        small(out=tmp_path / "stopped")
    monkeypatch.setattr(Folder, "keep", lambda self, learnt: (made.append(learnt.digest),
                                                              keep(self, learnt)))
    found = small(out=tmp_path / "stopped")
    assert len(made) == len(set(made)) == 4
    timed = ["seconds_per_iteration"]
    assert found.table.drop(columns=timed).equals(whole.table.drop(columns=timed))
    assert found.curves.equals(whole.curves)
    assert (tmp_path / "stopped" / "table.parquet").is_file()


def test_processes_give_the_same(tmp_path: Path) -> None:
    alone, shared = small(), small(workers=2)
    timed = ["seconds_per_iteration"]
    assert shared.table.drop(columns=timed).equals(alone.table.drop(columns=timed))
    assert shared.curves.equals(alone.curves)


def test_a_cell_that_fails_stops_nothing_else() -> None:
    found = pt.sweep(["two-link-congestion"], [GRID, {"name": "inpg-entropy", "step_size": 0.1,
                                                    "temperature": 0.1}],
                     seeds=2, progress=False, **ASKED)
    failed = found.table[found.table["status"] == "failed"]
    assert failed["rule"].tolist() == ["inpg-entropy"] * 2
    assert failed["message"].str.contains("soft").all()
    assert (found.table[found.table["rule"] == "inpg"]["status"] != "failed").all()


def test_a_cell_that_failed_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    keep = Folder.keep
    monkeypatch.setattr(Folder, "keep", lambda self, learnt: (made.append(learnt.digest),
                                                              keep(self, learnt)))
    for _ in range(2):
        pt.sweep(["two-link-congestion"], [GRID, {"name": "inpg-entropy", "step_size": 0.1,
                                                  "temperature": 0.1}],
                 seeds=2, progress=False, out=tmp_path / "out", **ASKED)
    assert [made.count(digest) for digest in dict.fromkeys(made)] == [1, 1, 2]


def test_folders_of_others_are_refused(tmp_path: Path) -> None:
    small(out=tmp_path / "out")
    with pytest.raises(pt.InputError, match="is of another sweep, which has other settings"):
        small(out=tmp_path / "out", max_iterations=61)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    with pytest.raises(pt.InputError, match="holds files, but no sweep"):
        small(out=tmp_path / "mine")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    with pytest.raises(pt.InputError, match="unknown backend 'cluster'"):
        small(backend="cluster")


def test_another_start_is_refused_by_name() -> None:
    with pytest.raises(pt.InputError, match="unknown initial of a sweep 'given'"):
        small(initial="given")


def test_a_sweep_is_told_in_words_and_in_a_notebook() -> None:
    rules = [{"name": "inpg", "step_size": 0.1}, {"name": "inpg", "step_size": lambda t: 1 / t}]
    found = pt.sweep("stag-hunt", rules, seeds=1, max_iterations=5, progress=False)
    assert repr(found) == "<Sweep of 2 cells, 2 runs, 1 of them failed>"
    said = dict(found.lines())
    assert said["runs ended as"] in ("1 max_iterations, 1 failed", "1 failed, 1 max_iterations")
    (failed,) = [text for label, text in said.items() if label.startswith("failed: inpg(")]
    assert failed.startswith("step_size is inf, not a finite number, in iteration 0")
    assert failed in found._repr_html_()
    (told,) = found.table.loc[found.table["status"] == "failed", "rule.step_size"]
    assert told == "test_a_sweep_is_told_in_words_and_in_a_notebook.<locals>.<lambda>"


def test_a_cell_with_a_function_is_the_same_in_another_process() -> None:
    program = ("import potentia as pt; from potentia.sweeps.spec import spec; "
               "print(*spec('stag-hunt', {'name': 'inpg', 'step_size': lambda t: 0.1}).cells)")
    one, other = (subprocess.run([sys.executable, "-c", f"{place}; {program}"], check=True,
                                 capture_output=True, text=True).stdout
                  for place in ("held = []", "held = [bytes(2**20) for _ in range(9)]"))
    assert one == other
