"""Whatever stops a solve, it goes on to the same bits."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from solves import GAME, RULE, RULES, SAMPLED, SETTINGS, TRAJECTORY, assert_same

import potentia as pt
from interrupted import stop_at
from potentia.learning import device
from potentia.learning.checkpoint import store
from potentia.learning.chunk_size import ChunkSize


@pytest.mark.parametrize(("name", "oracle"), [*((name, pt.Exact()) for name in RULES),
                                              ("inpg", SAMPLED), ("hoarder", SAMPLED),
                                              ("inpg", TRAJECTORY), ("hoarder", TRAJECTORY)])
def test_a_solve_that_is_interrupted_goes_on_to_the_same_bits(tmp_path: Path, name: str,
                                                              oracle: Any) -> None:
    asked = (GAME, RULES[name], oracle)
    whole = pt.solve(*asked, l1_accuracy=True, **SETTINGS)
    for iteration in (0, 20, 41):
        part = pt.solve(*asked, checkpoint=tmp_path, resume=True, progress=stop_at(iteration),
                        **SETTINGS)
        assert part.status == (pt.Status.INTERRUPTED,) * 3
        assert iteration <= part.iterations.min() < 60
    assert_same(pt.solve(*asked, checkpoint=tmp_path, resume=True, l1_accuracy=True, **SETTINGS),
                whole)
    assert (whole.history["l1_accuracy"][:, -1] == 0).all()


# Runs that end each at its own time; and runs that ask for the gap in vain (values are 1e12), each
# at its own time.
HUGE = pt.MarkovGame.from_arrays([[[1e6, 1e6 - 1]]], [[0, 0]], discount=.999999)
UNEVEN = {"ends": (GAME, pt.rules.INPG(step_size=0.05),
                   {"tolerance": 1e-3, "runs": 4, "seed": 2, "check_every": 30}),
          "checks": (HUGE, pt.rules.INPG(step_size=1e-7),
                     {"tolerance": 1.0, "runs": 3, "max_iterations": 150, "check_every": 40})}


@pytest.fixture(scope="module")
def uneven() -> dict[str, pt.Result]:
    results = {name: pt.solve(game, rule, **settings)
               for name, (game, rule, settings) in UNEVEN.items()}
    assert set(results["ends"].status) == {pt.Status.CONVERGED}
    assert len(set(results["ends"].iterations)) > 1
    assert len({tuple(times) for times in results["checks"].history["check_iteration"]}) == 3
    return results


@pytest.mark.parametrize("name", UNEVEN)
def test_uneven_runs_go_on_to_the_same_bits(tmp_path: Path, name: str,
                                            uneven: dict[str, pt.Result]) -> None:
    game, rule, settings = UNEVEN[name]
    for iteration in (10, 61, int(max(uneven[name].iterations)) - 20):
        pt.solve(game, rule, checkpoint=tmp_path, resume=True, progress=stop_at(iteration),
                 **settings)
    assert_same(pt.solve(game, rule, checkpoint=tmp_path, resume=True, **settings), uneven[name])


@pytest.mark.parametrize("limit", [1, 5, 16, 256])
def test_no_bit_depends_on_the_length_of_the_chunks(
        monkeypatch: pytest.MonkeyPatch, limit: int, uneven: dict[str, pt.Result]) -> None:
    monkeypatch.setattr(ChunkSize, "limit",
                        property(lambda chunk_size: limit, lambda chunk_size, value: None),
                        raising=False)
    for name, (game, rule, settings) in UNEVEN.items():
        assert_same(pt.solve(game, rule, **settings), uneven[name])


def test_a_profile_to_start_from_and_a_single_run(tmp_path: Path) -> None:
    settings = {**SETTINGS, "runs": 1,
                "initial": np.full((2, 3, 3), [[[.2, .8, 0]], [[.2, .3, .5]]])}
    whole = pt.solve(GAME, RULE, **settings)
    pt.solve(GAME, RULE, checkpoint=tmp_path, progress=stop_at(20), **settings)
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **settings), whole)
    settings["initial"] = settings["initial"][:, ::-1].copy()
    settings["initial"][1, 0] = [.5, .3, .2]
    with pytest.raises(pt.InputError, match="of another solve: initial is float64"):
        pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **settings)


def test_the_limit_may_be_raised(tmp_path: Path) -> None:
    settings = {**SETTINGS, "max_iterations": 90}
    whole = pt.solve(GAME, RULE, **settings)
    first = pt.solve(GAME, RULE, checkpoint=tmp_path, **{**settings, "max_iterations": 52})
    assert first.history["check_iteration"][0, -1] == 52
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **settings), whole)


def test_a_solve_that_has_ended_is_not_done_again(tmp_path: Path,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pt.solve(GAME, RULE, checkpoint=tmp_path, **SETTINGS)
    monkeypatch.setattr(device, "advance", lambda *_: pytest.fail("an iteration was done again"))
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS), whole)


def test_ctrl_c_between_a_chunk_and_its_check_loses_neither(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pt.solve(GAME, RULE, **SETTINGS)
    for name in ("advance", "check"):
        inner, calls = getattr(device, name), iter(range(100))
        with monkeypatch.context() as patch:
            patch.setattr(device, name, lambda *a, f=inner, c=calls: f(*a) if next(c) < 3
                          else stop_at(0)(0, ""))
            pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS)
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS), whole)


def test_it_is_said_where_a_solve_begins(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    told, place = [], tmp_path / "ck"

    def tell(done: int, note: str) -> None:
        told.append(done)
        stop_at(20)(done, note)

    caplog.set_level(logging.INFO, "potentia")
    pt.solve(GAME, RULE, checkpoint=place, resume=True, progress=tell, **SETTINGS)
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", f"no checkpoint in {place} yet: starting from the beginning"),
        ("INFO", f"interrupted: resume goes on from the checkpoint in {place}")]
    pt.solve(GAME, RULE, checkpoint=place, resume=True,
             progress=lambda done, note: told.append(done), **SETTINGS)
    assert caplog.records[-1].message == f"going on from the checkpoint in {place}, at iteration 21"
    assert told == [0, 0, 7, 14, 21, 21, 28, 35, 42, 49, 56]


def test_checkpoints_keep_to_their_interval(tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    written, write = [], store.CheckpointStore._write
    monkeypatch.setattr(store.CheckpointStore, "_write", lambda *a: written.append(1) or write(*a))
    pt.solve(GAME, RULE, checkpoint=tmp_path / "rarely", checkpoint_every=3600, **SETTINGS)
    assert len(written) == 1
    pt.solve(GAME, RULE, checkpoint=tmp_path / "always", checkpoint_every=0, **SETTINGS)
    assert len(written) > 10
