"""What lies in a sweep's folder is what the sweep wrote there, or is named and learnt again."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import potentia as pt
from potentia.ranking.marl_eval import exported
from potentia.sweeps import groups
from potentia.sweeps.cells import DamagedError, asked_of, read_rows
from potentia.sweeps.folder import Folder, read_folder, read_swept
from potentia.sweeps.spec import Spec, spec
from potentia.sweeps.sweep import swept


@pytest.fixture(scope="module")
def asked() -> Spec:
    """Two cells of two seeds."""
    return spec("stag-hunt", {"name": "inpg", "step_size": [0.1, 0.2]}, seeds=2, max_iterations=2,
                check_every=1)


@pytest.fixture(scope="module")
def whole(asked: Spec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that sweep, finished."""
    out = tmp_path_factory.mktemp("whole") / "out"
    swept(asked, out, progress=False)
    return out


def edited(file: Path, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    table = pd.read_parquet(file)
    found = edit(table)
    found.attrs = table.attrs
    found.to_parquet(file, index=False)


def flipped(file: Path, place: int) -> None:
    content = bytearray(file.read_bytes())
    content[place] ^= 255
    file.write_bytes(content)


DAMAGE: dict[str, Callable[[Path, Path], object]] = {
    "cut off": lambda own, other: own.write_bytes(own.read_bytes()[:500]),
    "empty": lambda own, other: own.write_bytes(b""),
    "no rows": lambda own, other: edited(own, lambda table: table.head(0)),
    "a row less": lambda own, other: edited(own, lambda table: table.head(1)),
    "another number": lambda own, other: edited(own, lambda table: table.assign(nash_gap=0.0)),
    "no column": lambda own, other: edited(
        own, lambda table: table.drop(columns=[table.columns[-1]])),
    "of others": lambda own, other: pd.DataFrame({"a": [1]}).to_parquet(own),
    "of another cell": lambda own, other: shutil.copy(other, own),
}
CASES = [*((part, name) for part in ("cells", "curves") for name in DAMAGE), ("curves", "a byte"),
         ("curves", "gone")]


@pytest.mark.parametrize(("part", "name"), CASES)
def test_a_cell_that_is_not_as_written_is_named_and_learnt_again(
        asked: Spec, whole: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, part: str,
        name: str) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    (out / "table.parquet").unlink()
    first, second = (out / part / f"{digest}.parquet" for digest in asked.cells)
    if name == "gone":
        first.unlink()
    elif name == "a byte":
        flipped(first, first.stat().st_size // 4)
    else:
        DAMAGE[name](first, second)
    named = rf"{first.name} is (damaged|missing).*: the same sweep learns its cell again"
    with pytest.raises(pt.InputError, match=named):
        read_folder(out)
    if part == "cells":
        with pytest.raises(pt.InputError, match=named):
            read_swept(out)
    with caplog.at_level(logging.WARNING, "potentia"):
        assert Folder(out, asked).done() == {second.stem}
    assert first.name in caplog.text


def test_no_flipped_byte_changes_rows_unnoticed(asked: Spec, whole: Path, tmp_path: Path) -> None:
    """A byte may be flipped that no reader looks at; then the rows are as they were written."""
    digest = next(iter(asked.cells))
    file, copy = whole / "cells" / f"{digest}.parquet", tmp_path / "copy.parquet"
    sealed_for = asked_of(asked.seeds, asked.settings)
    written, noticed = read_rows(file, digest, sealed_for), 0
    places = range(0, file.stat().st_size, 101)
    for place in places:
        shutil.copy(file, copy)
        flipped(copy, place)
        try:
            assert read_rows(copy, digest, sealed_for).equals(written)
        except DamagedError:
            noticed += 1
    assert noticed > len(places) / 4


def test_a_folder_heals(asked: Spec, whole: Path, tmp_path: Path,
                        monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    first, second = asked.cells
    (out / "curves" / f"{first}.parquet").unlink()
    kept = []
    keep = Folder.keep
    monkeypatch.setattr(Folder, "keep", lambda self, each: (kept.append(each.digest),
                                                            keep(self, each)))
    found = swept(asked, out, progress=False)
    assert kept == [first]
    table, curves = read_folder(out)
    assert curves.equals(found.curves)
    assert set(curves["cell"]) == {first, second}
    assert exported(table.iloc[::-1], curves)[1] == [], "rows have any labels"


def test_a_cell_of_another_sweep_is_not_taken(asked: Spec, whole: Path, tmp_path: Path) -> None:
    """The same cell, with other settings."""
    other = spec("stag-hunt", {"name": "inpg", "step_size": [0.1, 0.2]}, seeds=2,
                 max_iterations=3, check_every=1)
    folder = Folder(tmp_path / "out", other)
    for part in ("cells", "curves"):
        shutil.copytree(whole / part, tmp_path / "out" / part, dirs_exist_ok=True)
    assert list(other.cells) == list(asked.cells)
    assert folder.done() == set()


@pytest.mark.parametrize(("edit", "message"), [
    (lambda said: said.pop("cells"), "sweep.json has no 'cells'"),
    (lambda said: said.update(cells=3), "sweep.json has 'cells' = 3"),
    (lambda said: said.update(cells=[1]), "sweep.json has a cell 1, which is none"),
    (lambda said: said.update(cells=["../x"]), "sweep.json has a cell '../x', which is none"),
    (lambda said: said.pop("settings"), "sweep.json has no 'settings'"),
    (lambda said: said.update(seeds=["one"]), "sweep.json: seeds is 'one', not a whole number"),
    (lambda said: said.update(version=2), "was written by an older Potentia: its version is 2"),
    (lambda said: (said.update(version=99), said.pop("potentia")),
     "was written by a newer Potentia: its version is 99"),
    (lambda said: said.update(settings={}), "is damaged, or of another cell"),
])
def test_what_was_asked_for_is_checked(whole: Path, tmp_path: Path,
                                       edit: Callable[[dict[str, Any]], object],
                                       message: str) -> None:
    out = tmp_path / "out"
    shutil.copytree(whole, out)
    (out / "table.parquet").unlink()
    said = json.loads((out / "sweep.json").read_text())
    edit(said)
    (out / "sweep.json").write_text(json.dumps(said))
    for read in (read_folder, read_swept):
        with pytest.raises(pt.InputError, match=message):
            read(out)


def test_where_all_cells_failed_the_leaderboard_says_so(asked: Spec, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "out", asked)
    for group in groups.groups(asked, set()):
        for each in groups.failed(group, "out of luck"):
            folder.keep(each)
    assert folder.done() == set()
    with pytest.raises(pt.InputError, match=r"all 4 runs of the table failed.*: out of luck"):
        pt.leaderboard(read_swept(tmp_path / "out"))
