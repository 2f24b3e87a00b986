"""docs/leaderboard.md is what its table says, and its table what its spec and the code say."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import potentia as pt
from potentia.report.leaderboard_page import page
from potentia.sweeps.folder import read_swept
from potentia.sweeps.spec import read_spec

DOCS = Path(__file__).resolve().parents[2] / "docs"
TABLE = read_swept(DOCS / "leaderboard.parquet")


def test_the_page_is_that_of_its_table() -> None:
    assert (DOCS / "leaderboard.md").read_text() == page(pt.leaderboard(TABLE), TABLE.attrs), \
        "make docs/leaderboard.md again, as CONTRIBUTING.md says"


def test_the_table_is_that_of_its_spec() -> None:
    asked = read_spec(DOCS / "leaderboard.toml")
    assert list(dict.fromkeys(TABLE["cell"])) == list(asked.cells)
    assert TABLE.attrs["settings"] == asked.settings
    assert len(TABLE) == len(asked.cells) * 20


def test_every_rule_is_there_but_those_for_other_values_or_features() -> None:
    others = {"inpg-entropy", "inpg-log-linear", "q-linear"}
    assert set(TABLE["rule"]) == set(pt.rules.names()) - others
    assert TABLE["status"].ne("failed").all()


def test_some_cells_are_what_the_code_gives() -> None:
    rules = [{"name": "inpg", "step_size": [0.3, 3.0]}, "regret-matching"]
    found = pt.sweep("stag-hunt", rules, seeds=3, progress=False, **TABLE.attrs["settings"]).table
    for row in found.to_dict("records"):
        (there,) = TABLE[(TABLE["cell"] == row["cell"]) & (TABLE["seed"] == row["seed"])].to_dict(
            "records")
        assert (there["status"], there["iterations"]) == (row["status"], row["iterations"])
        for name in ("iterations_to_0.01", "iterations_to_0.0001", "iterations_to_1e-06"):
            np.testing.assert_equal(there[name], row[name])
        np.testing.assert_allclose(there["nash_gap"], row["nash_gap"], rtol=1e-6, atol=1e-12)
