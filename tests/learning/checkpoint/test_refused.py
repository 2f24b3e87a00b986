"""Checkpoints of other solves, and damaged ones, are refused in one line that says what is
wrong."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from solves import GAME, REWARDS, RULE, SAMPLED, SETTINGS, TRANSITIONS, assert_same, named

import potentia as pt
from interrupted import stop_at
from potentia.io.seals import sealed


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint at iteration 28 of 60."""
    place = tmp_path_factory.mktemp("checkpoint") / "ck"
    pt.solve(GAME, RULE, checkpoint=place, progress=stop_at(25), **SETTINGS)
    return place


def other_game(**changes: Any) -> pt.MarkovGame:
    return pt.MarkovGame.from_arrays(**{"rewards": REWARDS, "transitions": TRANSITIONS,
                                        "discount": 0.8, **changes})


@pytest.mark.parametrize(("changes", "message"), [
    ({"seed": 6}, "is of another solve: seed is 5 there, but 6 here"),
    ({"runs": 2}, "runs is 3 there, but 2 here"),
    ({"tolerance": 1e-3}, r"tolerance is 0\.0 there, but 0\.001 here"),
    ({"step_tolerance": 0.0}, r"step_tolerance is None there, but 0\.0 here"),
    ({"check_every": 8}, "check_every is 7 there, but 8 here"),
    ({"initial": "uniform"}, "initial is 'random' there, but 'uniform' here"),
    ({"initial": np.full((2, 3, 3), [[[.5, .5, 0]], [[.2, .3, .5]]])},
     "initial is 'random' there, but float64"),
    ({"rule": pt.rules.INPG(step_size=0.02)}, r"rule\.step_size is 0\.01 there, but 0\.02 here"),
    ({"rule": pt.rules.MWU(step_size=0.01)}, r"rule is INPG there, but MWU"),
    ({"oracle": SAMPLED}, r"oracle is Exact there, but Sampled"),
    ({"game": other_game(rewards=REWARDS + 1e-15)},
     r"game\.rewards is float64 \(3, 6, 2\), SHA-256 \w+\.\.\. there, but float64 \(3, 6, 2\), "
     r"SHA-256 \w+\.\.\. here"),
    ({"game": other_game(discount=0.81)}, r"game\.discount is 0\.8 there, but 0\.81 here"),
    ({"game": other_game(name="other")}, r"game\.name is 'game' there, but 'other' here"),
    ({"max_iterations": 27}, "is at iteration 28, past max_iterations = 27"),
    ({"resume": False},
     "ck holds the checkpoint of an earlier solve: resume it, or give another directory"),
])
def test_a_checkpoint_of_another_solve_is_refused_by_name(stopped: Path, changes: dict,
                                                          message: str) -> None:
    asked = {"game": GAME, "rule": RULE, "checkpoint": stopped, "resume": True, **SETTINGS,
             **changes}
    before = {file.name: file.read_bytes() for file in stopped.iterdir()}
    with pytest.raises(pt.InputError, match=message) as caught:
        pt.solve(**asked)
    assert_one_line(caught.value)
    assert {file.name: file.read_bytes() for file in stopped.iterdir()} == before


def assert_one_line(error: BaseException) -> None:
    assert "\n" not in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(("settings", "message"), [
    ({"resume": True}, "resume needs checkpoint, the directory to go on from"),
    ({"checkpoint": ""}, "checkpoint is '', but the path of a file or directory is needed"),
    ({"checkpoint": 3}, "checkpoint is 3, but the path"),
    ({"checkpoint": "ck", "checkpoint_every": -1},
     "checkpoint_every is -1, but it must not be negative"),
    ({"checkpoint": "ck", "checkpoint_every": float("nan")},
     "checkpoint_every is nan, not a finite number"),
    ({"checkpoint": "file"}, "cannot write .*file is not a directory"),
    ({"checkpoint": "file/ck"}, "cannot write .*file is not a directory"),
])
def test_bad_settings_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict,
                                message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine")
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, RULE, **{**SETTINGS, **settings})
    assert os.listdir() == ["file"]


def altered(content: bytes) -> list[bytes]:
    """Cut, empty, foreign, and with one byte changed in many places."""
    places = np.linspace(0, len(content) - 1, 40).astype(int)
    flipped = [content[:k] + bytes([content[k] ^ 1]) + content[k + 1:] for k in places]
    return [content[: len(content) // 2], content[:-1], b"", b"{}", b"[]", b"\x80\x04N.", *flipped]


def resumed(place: Path) -> pt.Result | pt.InputError:
    try:
        return pt.solve(GAME, RULE, checkpoint=place, resume=True, **SETTINGS)
    except pt.InputError as error:
        return error


def test_a_damaged_file_is_refused_in_one_line_or_harmless(stopped: Path, tmp_path: Path) -> None:
    whole = pt.solve(GAME, RULE, **SETTINGS)
    refused = 0
    for name in sorted(named(stopped)):
        for content in (None, *altered((stopped / name).read_bytes())):
            place = tmp_path / "ck"
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(stopped, place)
            (place / name).unlink() if content is None else (place / name).write_bytes(content)
            outcome = resumed(place)
            if isinstance(outcome, pt.InputError):
                assert_one_line(outcome)
                assert "ck" in str(outcome)
                refused += 1
            else:  # a letter of what is for people only; or none was there, so it began afresh
                assert name == "checkpoint.json"
                assert_same(outcome, whole)
    assert refused > 200


@pytest.mark.parametrize(("changes", "message"), [
    ({"version": 6, "potentia": "8.1"},
     r"checkpoint\.json was written by a newer Potentia \(8\.1\)"),
    ({"format": "other"}, r"checkpoint\.json is not a potentia checkpoint file"),
    ({"statuses": ["fine", None, None]}, "does not say how this solve stands"),
    ({"statuses": [None]}, "does not say how this solve stands"),
    ({"files": 3}, "does not say how this solve stands"),
    ({"asked": 3}, "has 'asked' = 3"),
])
def test_a_header_that_cannot_be_followed(stopped: Path, tmp_path: Path, changes: dict,
                                          message: str) -> None:
    shutil.copytree(stopped, tmp_path / "ck")
    path = tmp_path / "ck" / "checkpoint.json"
    path.write_text(json.dumps(sealed({**json.loads(path.read_text()), **changes})))
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, RULE, checkpoint=tmp_path / "ck", resume=True, **SETTINGS)


def test_a_file_elsewhere_is_not_followed_and_a_lost_block_is_noticed(stopped: Path,
                                                                      tmp_path: Path) -> None:
    shutil.copytree(stopped, tmp_path / "ck")
    path = tmp_path / "ck" / "checkpoint.json"
    header = json.loads(path.read_text())
    for files in ({**header["files"], "state": "../ck/" + header["files"]["state"]},
                  {**header["files"], "updates": header["files"]["updates"][1:]},
                  {**header["files"], "state": header["files"]["checks"][0]}):
        path.write_text(json.dumps(sealed({**header, "files": files})))
        with pytest.raises(pt.InputError, match="does not say how this solve stands"):
            pt.solve(GAME, RULE, checkpoint=tmp_path / "ck", resume=True, **SETTINGS)


@pytest.mark.parametrize("changes", [{"statuses": ["converged"] * 3}, {"iterations": [1, 1, 1]}])
def test_a_header_that_was_edited_is_refused(stopped: Path, tmp_path: Path, changes: dict) -> None:
    """A status that was never reached was once believed."""
    shutil.copytree(stopped, tmp_path / "ck")
    path = tmp_path / "ck" / "checkpoint.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(pt.InputError, match=r"checkpoint\.json was changed since it was written$"):
        pt.solve(GAME, RULE, checkpoint=tmp_path / "ck", resume=True, **SETTINGS)


@pytest.mark.parametrize("resume", ["no", 1, None])
def test_resume_is_yes_or_no(resume: object) -> None:
    game = pt.games.make("two-link-congestion")
    with pytest.raises(pt.InputError, match=r"^resume is .*, but it must be True or False$"):
        pt.solve(game, pt.rules.INPG(step_size=0.1), resume=resume,
                 max_iterations=0)   # pyright: ignore


def test_a_checkpoint_of_an_earlier_potentia_is_refused_and_left_as_it_is(stopped: Path,
                                                                          tmp_path: Path) -> None:
    shutil.copytree(stopped, tmp_path / "old")
    header = json.loads((tmp_path / "old" / "checkpoint.json").read_text())
    (tmp_path / "old" / "checkpoint.json").write_text(json.dumps({**header, "version": 1}))
    before = {file.name: file.read_bytes() for file in (tmp_path / "old").iterdir()}
    with pytest.raises(pt.InputError,
                       match=r"is of an earlier Potentia \(its version is 1, not 5\), .*: start "
                             r"anew"):
        pt.solve(GAME, RULE, checkpoint=tmp_path / "old", resume=True, **SETTINGS)
    assert {file.name: file.read_bytes() for file in (tmp_path / "old").iterdir()} == before
