"""One SHA-256 over the header and the arrays of a saved run: what was edited or swapped is
refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.io import drafts
from potentia.io.runs import is_run

REWARDS = np.array([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])[:, None]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a game that is no named one, with a status that says no."""
    return saved(tmp_path_factory.mktemp("saved") / "run", 0.05)


def saved(place: Path, step: float) -> Path:
    game = pt.MarkovGame.from_arrays(REWARDS, np.zeros((1, 2, 2), int), discount=0.5)
    pt.save(pt.solve(game, pt.rules.INPG(step_size=step), max_iterations=2, progress=False), place)
    return place


def edited(run: Path, place: Path, **changes: object) -> Path:
    shutil.copytree(run, place)
    header = json.loads((place / "run.json").read_text())
    kept = {name: value for name, value in header.items() if name not in changes}
    given = {name: value for name, value in changes.items() if value is not None}
    (place / "run.json").write_text(json.dumps(kept | given))
    return place


@pytest.mark.parametrize("changes", [
    {"status": "converged"}, {"iterations": 3}, {"settings": {}}, {"files": {}}, {"seal": None},
    {"seal": "0" * 64}, {"message": "fine"}, {"more": 1},
])
def test_an_edited_header_is_refused(run: Path, tmp_path: Path, changes: dict) -> None:
    with pytest.raises(pt.InputError, match=r"run\.json was changed since it was saved$"):
        pt.load(edited(run, tmp_path / "run", **changes))


def test_a_header_that_only_looks_different_is_the_same(run: Path, tmp_path: Path) -> None:
    assert pt.load(edited(run, tmp_path / "run")).status == pt.load(run).status


def test_edited_arrays_are_refused(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    with np.load(run / "arrays.npz") as archive:
        arrays = dict(archive)
    arrays["history.policy_step"] = arrays["history.policy_step"] / 2
    np.savez_compressed(tmp_path / "run" / "arrays.npz", **arrays)    # pyright: ignore
    with pytest.raises(pt.InputError, match=r"arrays\.npz is damaged, or is not the one that was"):
        pt.load(tmp_path / "run")


@pytest.mark.parametrize("name", ["run.json", "arrays.npz"])
def test_files_of_another_run_of_the_same_game_are_refused(run: Path, tmp_path: Path,
                                                           name: str) -> None:
    other = saved(tmp_path / "other", 0.1)
    shutil.copytree(run, tmp_path / "run")
    shutil.copy(other / name, tmp_path / "run" / name)
    with pytest.raises(pt.InputError, match=r"arrays\.npz is damaged, or is not the one that was"):
        pt.load(tmp_path / "run")


def test_another_game_is_refused(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "run")
    game = pt.MarkovGame.from_arrays(REWARDS + 1, np.zeros((1, 2, 2), int), discount=0.5)
    pt.io.save_game(game, tmp_path / "run" / "game.npz")
    with pytest.raises(pt.InputError, match=r"game\.npz is damaged, or is not the one that was"):
        pt.load(tmp_path / "run")


def test_a_run_may_be_copied_moved_and_packed_and_its_pictures_are_its_readers(
        run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, tmp_path / "copy")
    (tmp_path / "copy").rename(tmp_path / "moved")
    (tmp_path / "moved" / "flows.csv").write_text("mine")
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "moved")
    shutil.unpack_archive(packed, tmp_path / "again")
    np.testing.assert_array_equal(pt.load(tmp_path / "again").profile, pt.load(run).profile)


def test_a_run_of_before_there_were_seals_loads(run: Path, tmp_path: Path) -> None:
    older = edited(run, tmp_path / "run", version=1, seal=None, files=None)
    np.testing.assert_array_equal(pt.load(older).profile, pt.load(run).profile)
    with pytest.raises(pt.InputError, match=r"run\.json was changed since it was saved"):
        pt.load(edited(run, tmp_path / "claimed", version=1))


def test_a_run_that_a_killed_writer_had_set_aside_is_still_a_run(tmp_path: Path) -> None:
    saved(tmp_path / "run", 0.05).rename(drafts.beside(tmp_path / "run", drafts.OLD))
    assert is_run(tmp_path / "run")
    assert pt.load(tmp_path / "run").settings["rule.step_size"] == 0.05
    saved(tmp_path / "run", 0.1)
    assert pt.load(tmp_path / "run").settings["rule.step_size"] == 0.1
    assert [place.name for place in tmp_path.iterdir()] == ["run"]
