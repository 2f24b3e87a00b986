"""What was found is told whether or not it can be written: places that cannot be are refused before
the work where that can be known, and afterwards cost nothing but a line and status 1."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

import potentia as pt

SOLVE = ("solve", "prisoners.json", "--max-iterations", "400", "--tolerance", "1e-3", "--out",
         "runs/mine")
COMPARE = ("compare", "braess", "--toll", "1-3=10", "--max-iterations", "1", "--relative-gap", "1")


def full(*arguments: Any, **options: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory):
    """Say which folder is full, and get the one for temporary files."""
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    write = np.savez_compressed

    def fill(folder: Path) -> Path:
        def some(place: Any, **arrays: Any) -> None:
            there = isinstance(place, Path) and place.is_relative_to(folder)
            (full if there else write)(place, **arrays)
        monkeypatch.setattr(np, "savez_compressed", some)
        return temporary
    return fill


def test_a_run_that_finds_its_disk_full_is_saved_among_temporary_files(tell, tmp_path: Path,
                                                                       full_disk: Any) -> None:
    temporary = full_disk(tmp_path)
    told = tell(*SOLVE)
    place, = temporary.iterdir()
    assert place.name.startswith("potentia-mine-")
    assert told.status == 1
    assert "Nash gap" in told.out
    assert f"Saved in {place}" in told.out
    assert (f"potentia: cannot write {tmp_path}/runs/mine: No space left on device; saved in "
            f"{place} instead") in told.err.splitlines()
    assert pt.load(place).status == "converged"
    assert os.listdir("runs") == []


def test_a_strangers_file_that_came_meanwhile_sends_the_run_beside_it(
        tell, monkeypatch: pytest.MonkeyPatch) -> None:
    solve = pt.solve

    def slow(*arguments: Any, **options: Any) -> pt.Result:
        Path("runs/mine").mkdir(parents=True)
        Path("runs/mine/thesis.txt").write_text("thesis")
        return solve(*arguments, **options)

    monkeypatch.setattr(pt, "solve", slow)
    told = tell(*SOLVE, "--json")
    found = told.document()
    place = Path.cwd() / "runs" / "mine-2"
    assert (told.status, found["saved"], found["within_tolerance"]) == (1, str(place), True)
    assert "holds 'thesis.txt' of other origin" in found["not_saved"]
    assert found["runs"][0]["certificate"]["nash_gap"] < 1e-3
    assert pt.load(place).status == "converged"
    assert os.listdir("runs/mine") == ["thesis.txt"]


def test_a_run_that_can_be_saved_nowhere_is_certified_all_the_same(tell, full_disk: Any) -> None:
    full_disk(Path("/"))
    told = tell(*SOLVE)
    assert told.status == 1
    assert "Nash gap" in told.out
    said, = [line for line in told.out.splitlines() if line.startswith("Not saved: ")]
    assert said.count("No space left on device") == 3


def test_a_run_whose_picture_fails_is_saved_without(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia.cli import road_outputs

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(road_outputs, "files_of", interrupted)
    told = tell("solve", "braess", "-p", "n_agents=4", "--max-iterations", "2", "--out", "town")
    assert told.status == 130
    assert "saved in town, without what was to lie beside it" in told.err
    assert pt.load("town").iterations == 2


def test_the_real_command_where_no_file_may_have_content(tmp_path: Path) -> None:
    told = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-m", "potentia", "solve",
         "prisoners-dilemma", "--max-iterations", "20", "--tolerance", "100", "--out", "mine"],
        cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    assert told.returncode == 1, told.stderr
    assert "Nash gap" in told.stdout
    assert "Not saved: cannot write" in told.stdout
    assert "File too large" in told.stdout
    assert "Traceback" not in told.stderr
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("place", ["missing/x.png", "prisoners.json/x.png", "folder.png"])
def test_a_picture_that_cannot_be_drawn_is_refused_before_the_work(
        tell, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(pt, "compare", lambda *arguments: pytest.fail("the work was started"))
    Path("folder.png").mkdir()
    assert place in tell(*COMPARE, "--picture", place).refusal()
    assert not Path("missing").exists()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_comparison_is_told_though_its_picture_cannot_be_written(
        tell, monkeypatch: pytest.MonkeyPatch, as_json: bool) -> None:
    monkeypatch.setattr(os, "fsync", full)
    told = tell(*COMPARE, "--picture", "two.png", *(["--json"] if as_json else []))
    assert told.status == 1
    assert "potentia: not drawn in two.png: No space left on device" in told.err.splitlines()
    if as_json:
        assert told.document()["picture"] is None
        assert told.document()["not_drawn"] == "No space left on device"
    else:
        assert "travel time" in told.out
        assert "Drawn in" not in told.out
    assert not list(Path.cwd().glob("*two.png*"))


def test_a_page_is_printed_where_it_cannot_be_written(tell,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia import catalogue
    assert "prisoners.json" in tell("rules", "--page", "prisoners.json/rules.md").refusal()
    monkeypatch.setattr(os, "fsync", full)
    told = tell("rules", "--page", "rules.md")
    assert told.status == 1
    assert "inpg" in told.out
    assert told.err == "potentia: cannot write rules.md: No space left on device\n"
    monkeypatch.setattr(catalogue, "rule", lambda name: pytest.fail("the work was started"))
    Path("folder").mkdir()
    assert "is a directory" in tell("rules", "--page", "folder").refusal()


def test_claims_are_told_though_nothing_can_be_written(tell,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia.experiments import chaos, record, runner
    claim = {"id": "chaos-x", "figure": "chaos", "mode": "as-written", "kind": "as written, exact",
             "claim": "it is so", "source": "Remark 1", "paper": "so", "paper_number": None,
             "measured": {"step": 2.5}, "nash_gap": {}, "holds": "yes", "verdict": "REPRODUCED"}
    monkeypatch.setattr(runner, "STUDIES", {"chaos": lambda out, seed: chaos.reproduce(out)})
    monkeypatch.setattr(chaos, "measure", lambda experiment: MagicMock())
    monkeypatch.setattr(chaos, "chaos_figure", lambda *arguments: None)
    monkeypatch.setattr(chaos, "judged", lambda found, game: [claim])
    monkeypatch.setattr(chaos, "save_figure", full)
    monkeypatch.setattr(record, "on_record", dict)
    monkeypatch.setattr(os, "fsync", full)
    told = tell("reproduce", "chaos", "--json")
    assert told.status == 1
    assert [entry["id"] for entry in told.document()["claims"]] == ["chaos-x"]
    assert told.document()["not_written"] == ("cannot write out: No space left on device, and 1 "
                                              "times more")


def test_benchmarks_are_told_though_nothing_can_be_written(tell,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia.bench import runner
    monkeypatch.setattr(runner, "REGISTRY", ("machine",))
    monkeypatch.setattr(runner, "_measured", lambda name, asked: {"about": "", "took": 1.0,
                                                                  "figures": []})
    monkeypatch.setattr(os, "fsync", full)
    told = tell("bench", "--out", "found", "--json")
    assert told.status == 1
    assert list(told.document()["benchmarks"]) == ["machine"]
    assert told.document()["not_written"] == "cannot write found: No space left on device"
