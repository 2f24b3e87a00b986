"""`potentia leaderboard`: what it tells, writes, draws, exports and refuses."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import potentia as pt
from potentia.ranking.marl_eval import exported
from potentia.sweeps import folder
from potentia.sweeps.sweep import Sweep


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sweep]:
    """A sweep's folder: two rules, one of them in two settings, on two games from three seeds."""
    out = tmp_path_factory.mktemp("swept") / "out"
    found = pt.sweep(["stag-hunt", "chicken"],
                     [{"name": "inpg", "step_size": [0.5, 2.0]}, "regret-matching"], seeds=3,
                     max_iterations=60, check_every=20, tolerance=1e-7, progress=False, out=out)
    return out, found


def test_the_terminal_ranks_each_game(tell: Callable[..., Any], swept: tuple[Path, Sweep]) -> None:
    told = tell("leaderboard", str(swept[0]), "--level", "0.01")
    assert told.status == 0
    for title in ("Over all 2 games, to a gap of 0.01, by iterations",
                  "stag-hunt, to a gap of 0.01, by iterations"):
        assert title in told.out.splitlines()
    assert "best of 2" in told.out
    untuned = tell("leaderboard", str(swept[0]), "--untuned", "--by", "seconds").out
    assert "inpg(step_size=0.5)" in untuned
    assert "best of" not in untuned


def test_the_four_formats_tell_the_same(tell: Callable[..., Any],
                                        swept: tuple[Path, Sweep]) -> None:
    out, found = swept
    rows = list(csv.DictReader(io.StringIO(tell("leaderboard", str(out), "--format", "csv").out)))
    assert len(rows) == 3 * 2 * 2 * 2, "levels, measures, games, rules"
    board = pt.leaderboard(found.table)
    for row in rows:
        told = board.standings(float(row["level"]), row["by"])
        (same,) = told[(told["game"] == row["game"]) & (told["rule"] == row["rule"])].to_dict(
            "records")
        assert (float(row["median"]), int(row["rank"]), int(row["never"])) == (
            same["median"], same["rank"], same["never"])
    first = board.overall().iloc[0]
    page = tell("leaderboard", str(out), "--format", "markdown", "--out", "page.md")
    assert (page.status, page.out) == (0, "")
    text = Path("page.md").read_text()
    assert text.startswith("# Leaderboard\n")
    assert "2 rules in 3 settings on 2 games, from 3 random starts each" in text
    assert f"| 1 | {first['rule']} | {first['score']:.3f} |" in text
    latex = tell("leaderboard", str(out), "--format", "latex").out
    assert latex.count(r"\begin{tabular}") == latex.count(r"\end{tabular}") == 3
    assert f"1 & {first['rule']} & {first['score']:.3f} &" in latex
    assert r"95 \%" in latex
    assert r"step\_size=" in latex


def test_a_picture_is_drawn(tell: Callable[..., Any], swept: tuple[Path, Sweep]) -> None:
    assert tell("leaderboard", str(swept[0]), "--picture", "board.png").status == 0
    assert Path("board.png").read_bytes().startswith(b"\x89PNG")


def test_marl_eval_reads_the_export(tell: Callable[..., Any], swept: tuple[Path, Sweep]) -> None:
    """The form of its README: environment, task, algorithm, run; as many steps of each run, with
    the same metrics as absolute_metrics, which come last; no comma in an algorithm's name."""
    out, found = swept
    told = tell("leaderboard", str(out), "--export", "marl-eval", "--out", "raw.json")
    assert told.status == 0
    (tasks,) = json.loads(Path("raw.json").read_text()).values()
    assert list(tasks) == ["stag-hunt", "chicken"]
    algorithms = ["inpg (step_size=0.5)", "inpg (step_size=2)", "regret-matching"]
    lengths = set()
    for task, rules in tasks.items():
        assert list(rules) == algorithms
        for rule, runs in rules.items():
            assert list(runs) == ["seed_0", "seed_1", "seed_2"]
            for run, steps in runs.items():
                *numbered, last = steps
                assert numbered == [f"step_{k}" for k in range(len(numbered))]
                assert last == "absolute_metrics"
                lengths.add(tuple(steps[name]["step_count"] for name in numbered))
                metrics = set(steps[last])
                assert metrics == {"digits", "nash_gap", "welfare", "elapsed_time"}
                for name in numbered:
                    assert set(steps[name]) == metrics | {"step_count"}
                    assert isinstance(steps[name]["step_count"], int)
                own = _row(found.table, task, rule, int(run.removeprefix("seed_")))
                assert steps[last]["nash_gap"] == [own["nash_gap"]]
                assert steps[last]["digits"][0] == pytest.approx(
                    -np.log10(own["nash_gap"] + own["nash_gap_error"] + 1e-300), abs=2e-2) \
                    or own["nash_gap"] < 1e-15
    assert len(lengths) == 1, "all runs are told at the same iterations"


def _row(table: pd.DataFrame, game: str, rule: str, seed: int) -> Any:
    name, _, step = rule.removesuffix(")").partition(" (step_size=")
    found = table[(table["game"] == game) & (table["rule"] == name) & (table["seed"] == seed)]
    return found[found["rule.step_size"] == float(step)].iloc[0] if step else found.iloc[0]


def test_what_failed_somewhere_is_left_out_of_an_export_and_named(
        swept: tuple[Path, Sweep]) -> None:
    found = swept[1]
    lost = found.table.query("rule == 'regret-matching' and game == 'chicken'")["cell"].iloc[0]
    text, notes = exported(found.table, found.curves[found.curves["cell"] != lost])
    assert notes == ["regret-matching is left out: it has no curve on some game"]
    assert "regret-matching" not in text


@pytest.mark.parametrize(("arguments", "message"), [
    (("missing",), "missing does not exist"),
    (("notes.txt",), "notes.txt is no table of a sweep, a Parquet file"),
    (("empty",), "does not exist"),
    (("old.parquet",), "old.parquet was written by an older Potentia: its version is 1"),
    (("foreign.parquet",), "foreign.parquet is not a potentia sweep file"),
    (("DIR", "--format", "word"), "unknown format 'word'"),
    (("DIR", "--by", "days"), "unknown measure 'days'"),
    (("DIR", "--level", "0.5"), "level is 0.5, but the table tells 0.01, 0.0001, 1e-06"),
    (("DIR", "--export", "excel", "--out", "x"), "unknown export 'excel'"),
    (("DIR", "--export", "marl-eval"), "--export needs --out PATH, the file to write"),
    (("DIR", "--out", "x.md"), "--out needs --json or --format markdown, latex or csv"),
    (("DIR", "--format", "csv", "--out", "no/x.csv"), "cannot write no/x.csv"),
    (("DIR", "--picture", "x.doc"), "its name must end in .png, .pdf or .svg"),
    (("DIR/table.parquet", "--export", "marl-eval", "--out", "x"), "is no folder of a sweep"),
])
def test_bad_input_is_one_line(tell: Callable[..., Any], swept: tuple[Path, Sweep],
                               arguments: tuple[str, ...], message: str) -> None:
    Path("notes.txt").write_text("notes")
    Path("empty").mkdir()
    table = swept[1].table.copy()
    table.attrs = {"format": folder.FORMAT, "version": 1}
    table.to_parquet("old.parquet")
    pd.DataFrame({"a": [1]}).to_parquet("foreign.parquet")
    asked = [each.replace("DIR", str(swept[0])) for each in arguments]
    assert message in tell("leaderboard", *asked).refusal()
    assert not Path("x").exists()
    assert not Path("x.md").exists()


def test_an_unfinished_sweep_is_ranked_by_what_there_is(swept: tuple[Path, Sweep],
                                                        tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "cells").mkdir(parents=True)
    for file in sorted((swept[0] / "cells").iterdir())[:2]:
        (out / "cells" / file.name).write_bytes(file.read_bytes())
    (out / "sweep.json").write_bytes((swept[0] / "sweep.json").read_bytes())
    found = folder.read_swept(out)
    assert len(found) == 6
    assert found.attrs["settings"]["max_iterations"] == 60
