"""Cells whose files are not as they were written, and asked-for sweeps that are none."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import potentia as pt

STEPS = {"name": "inpg", "step_size": [0.1, 0.2]}


def swept(out: Path | None = None, **more: Any) -> pt.sweeps.sweep.Sweep:
    asked = {"games": "stag-hunt", "rules": STEPS, "seeds": 2, "max_iterations": 20,
             "check_every": 10, "progress": False} | more
    return pt.sweep(out=out, **asked)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    out = tmp_path_factory.mktemp("whole") / "out"
    return out, swept(out).table


def shorter(file: Path) -> None:
    rows = pd.read_parquet(file)
    attrs, rows = rows.attrs, rows.iloc[:1]
    rows.attrs = attrs
    rows.to_parquet(file, index=False)


def edited(file: Path) -> None:
    rows = pd.read_parquet(file)
    rows.loc[0, "nash_gap"] = 0.0
    rows.to_parquet(file, index=False)


def another(file: Path) -> None:
    other, = set(file.parent.iterdir()) - {file}
    file.write_bytes(other.read_bytes())


@pytest.mark.parametrize(("part", "spoil"), [
    ("cells", shorter), ("cells", edited), ("cells", another), ("curves", another),
    ("curves", Path.unlink), ("cells", lambda file: file.write_bytes(b"PAR1")),
    ("cells", lambda file: pd.DataFrame({"mine": [1]}).to_parquet(file)),
    ("curves", lambda file: file.write_bytes(file.read_bytes()[:-1]))])
def test_a_damaged_cell_is_told_and_learnt_again(
        whole: tuple[Path, pd.DataFrame], part: str, spoil: Callable[[Path], object],
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for file in whole[0].rglob("*"):
        if file.is_file():
            there = tmp_path / file.relative_to(whole[0])
            there.parent.mkdir(exist_ok=True)
            there.write_bytes(file.read_bytes())
    spoil(min((tmp_path / part).iterdir()))
    found = swept(tmp_path)
    pd.testing.assert_frame_equal(found.table.drop(columns="seconds_per_iteration"),
                                  whole[1].drop(columns="seconds_per_iteration"))
    assert [message.endswith("learns its cell again") for message in caplog.messages] == [True]
    assert sorted(found.curves["cell"].unique()) == sorted(whole[1]["cell"].unique())


@pytest.mark.parametrize("asked", [
    {"games": 3}, {"games": [["x"]]}, {"games": b"abc"}, {"games": pt.rules.INPG(step_size=0.1)},
    {"games": None}, {"rules": lambda x: x}, {"rules": [{"name": "inpg", "step_size": [1, 1.0]}]},
    {"rules": [{"name": "inpg", "step_size": 0.1}, pt.rules.INPG(step_size=0.1)]},
    {"rules": {"name": "inpg", "step_size": np.linspace(0.1, 1, 10_001).tolist()}},
    {"seeds": range(10**9)}, {"seeds": np.array(-3)}])
def test_what_cannot_be_swept_is_refused_before_there_is_a_folder(asked: dict[str, Any],
                                                                 tmp_path: Path) -> None:
    with pytest.raises(pt.InputError) as refused:
        swept(tmp_path / "out", **asked)
    assert "\n" not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_numbers_of_numpy_are_settings_too(tmp_path: Path) -> None:
    found = swept(tmp_path / "out", max_iterations=np.int64(20), tolerance=Fraction(1, 1000),
                  seeds=np.array(2))
    assert len(found.table) == 4
