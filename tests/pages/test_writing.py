"""`pt.write_report` and `potentia report`: one file, whole or not there, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia import cli
from potentia.io import atomic
from potentia.pages.sections import of_results
from potentia.pages.subjects import Subject
from potentia.pages.wanted import checked


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, named: pt.Result,
            walked: pt.Result) -> Path:
    """Two runs, a sweep, an edited run, an empty folder and a file."""
    place = tmp_path_factory.mktemp("folders")
    pt.save(named, place / "named")
    pt.save(walked, place / "walked")
    pt.save(walked, place / "edited")
    header = json.loads((place / "edited" / "run.json").read_text())
    (place / "edited" / "run.json").write_text(json.dumps(header | {"status": "converged"}))
    pt.sweep(["stag-hunt"], ["best-response", "regret-matching"], seeds=2, max_iterations=10,
             check_every=5, progress=False, out=place / "swept")
    (place / "empty").mkdir()
    (place / "notes.txt").write_text("notes")
    return place


def report(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["potentia", "report", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def test_the_command_writes_one_file(monkeypatch: pytest.MonkeyPatch, folders: Path,
                                     tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(folders)
    out = tmp_path / "both.html"
    assert report(monkeypatch, "named", "walked", "--part", "potential", "--run", "0", "--out",
                  str(out)) == 0
    assert capsys.readouterr().out == f"Written to {out}, which any browser opens\n"
    text = out.read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["both.html"]
    assert text.startswith("<!DOCTYPE html>")
    order = [text.index(f"<h2>{title}") for title in (
        "How near a Nash equilibrium?", "Learning curves", "The game and the policies",
        "What kind of game is it?", "How it was made")]
    assert order == sorted(order)
    assert "potentia solve stochastic-congestion" not in text       # it had no tolerance
    assert "Left out: theory (not asked for); welfare (not asked for)" in text
    assert "lemmas (of one run alone, and there are 2)" in text
    assert report(monkeypatch, "walked", "--part", "potential", "--out", str(out)) == 0
    assert out.read_text() != text, "a report is replaced"


def test_a_sweep_is_reported(monkeypatch: pytest.MonkeyPatch, folders: Path,
                             tmp_path: Path) -> None:
    monkeypatch.chdir(folders)
    assert report(monkeypatch, "swept", "--out", str(tmp_path / "x.html")) == 0
    text = (tmp_path / "x.html").read_text()
    assert "nothing can be certified afterwards" in text
    assert "found = pt.sweep(" in text
    assert "Over 1 game" in text
    assert text.index("Over all 1 games") < text.index("Learning curves")


def test_a_price_that_is_not_told_is_said_to_be_left_out() -> None:
    game = pt.games.make("braess")
    result = pt.Result(game, np.asarray(game.initial_profile("uniform", 0)),
                       pt.Status.MAX_ITERATIONS, 0, {}, {})
    for price, parts in ((False, "welfare"), (True, "welfare"), (False, "theory")):
        wanted = checked(0, parts, None, 0, 2, price, None)
        told = str(of_results([Subject("roads", result, None)], wanted)[-2].blocks)
        assert ("price of anarchy of this profile" in told) is price
        left = parts == "welfare" and not price
        assert ("Left out: the price of anarchy" in told) is left
        assert ("--price-of-anarchy, or price=True" in told) is left


@pytest.mark.parametrize(("words", "message"), [
    (("missing",), "missing does not exist"),
    (("empty",), "empty is no saved run and no sweep: it has neither run.json nor sweep.json"),
    (("notes.txt",), "notes.txt is no saved run and no sweep"),
    (("edited",), "run.json was changed since it was saved"),
    (("walked", "swept"), "a sweep is reported alone"),
    (("walked", "--run", "1"), "run is 1, but the runs are numbered 0 to 0"),
    (("walked", "--part", "welfar"), "unknown part 'welfar'; did you mean 'welfare'?"),
    (("walked", "--seconds", "0"), "seconds is 0, but it must be positive"),
    (("walked", "--out", "no/x.html"), "cannot write no/x.html: there is no directory no"),
    (("walked", "--out", "empty"), "empty is a directory, but a file is to be written"),
    (("walked", "--out", "notes.txt"), "notes.txt is there and no report, so it is not replaced"),
    (("walked", "--nodes", "notes.txt"), "--nodes goes with roads"),
])
def test_bad_input_is_one_line(monkeypatch: pytest.MonkeyPatch, folders: Path,
                               capsys: pytest.CaptureFixture[str], words: tuple[str, ...],
                               message: str) -> None:
    monkeypatch.chdir(folders)
    before = sorted(file.name for file in folders.iterdir())
    assert report(monkeypatch, *words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert message in line
    assert sorted(file.name for file in folders.iterdir()) == before
    assert (folders / "notes.txt").read_text() == "notes"


def test_what_is_not_there_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    script = ("import sys; from potentia import cli; sys.argv[1:] = ['report', 'a', 'b']\n"
              "try: cli.main()\nexcept SystemExit as ended: "
              "print(ended.code, 'jax' in sys.modules, 'plotly' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True,
                          text=True, check=True)
    assert done.stdout == "2 False False\n"
    assert done.stderr == "potentia: error: a does not exist\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("given", "message"), [
    ([], "there is nothing to report"),
    (3, "3 cannot be reported"),
    ([pt], "cannot be reported: a Result was expected"),
    ("", "'' cannot be reported"),
    ({1: "a", "1": "b"}, "results has the labels 1 and '1', which read alike"),
    ({"a b": "a", "a  b": "b"}, "results has the labels 'a b' and 'a  b', which read alike"),
    ({None: "a"}, "results has the label None, but a label is text, to be read"),
    ({" ": "a"}, "results has the label ' ', but a label is text, to be read")])
def test_what_is_no_result_is_named(tmp_path: Path, given: Any, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.write_report(tmp_path / "x.html", given)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_of_a_page_that_cannot_be_written(
        tmp_path: Path, walked: pt.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(pt.InputError, match=r"x\.html: No space left on device"):
        pt.write_report(tmp_path / "x.html", walked, parts="potential", seconds=1)
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_it_says_what_to_install(
        tmp_path: Path, walked: pt.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("potentia.pages.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    from potentia.pages.writing import write_report
    with pytest.raises(pt.InputError, match=r"pip install 'potentia\[report\]'"):
        write_report(tmp_path / "x.html", walked)
