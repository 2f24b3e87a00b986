"""Sweeps on a Ray cluster: nothing lost, nothing run twice."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import potentia as pt

PROGRAM = Path(__file__).with_name("swept_on_ray.py")
ASKED: dict[str, Any] = {
    "games": ["two-link-congestion", "stag-hunt", "chicken"],
    "rules": [{"name": "inpg", "step_size": [0.1, 0.2]}, "inpg-adaptive"],
    "seeds": 2, "max_iterations": 200, "check_every": 50, "progress": False}
# What a machine decides anew each time.
TIMED = ["seconds_per_iteration"]
LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}


def test_without_ray_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(pt.InputError, match=r"backend='ray' needs Ray: install potentia\[ray\]"):
        pt.sweep("two-link-congestion", "inpg-adaptive", backend="ray", progress=False)


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray has no wheel for this Python")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it reads /proc")
@pytest.mark.usefixtures("writes_no_programs")
def test_a_cluster_of_two_nodes_that_loses_a_worker_loses_no_cell(tmp_path: Path) -> None:
    command = [sys.executable, str(PROGRAM), str(tmp_path / "out"), json.dumps(ASKED)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr[-2000:]
    found = json.loads(told.stdout.splitlines()[-1])
    assert (found["nodes"], found["killed"], found["rows"]) == (2, 1, 18)
    assert set(found["addresses"]) <= LOOPBACK
    rows = pd.concat(map(pd.read_parquet, (tmp_path / "out" / "cells").iterdir()))
    assert not rows.duplicated(["cell", "seed"]).any()
    here = pt.sweep(**ASKED).table
    kept = pd.read_parquet(tmp_path / "out" / "table.parquet")
    pd.testing.assert_frame_equal(kept.drop(columns=TIMED), here.drop(columns=TIMED))
