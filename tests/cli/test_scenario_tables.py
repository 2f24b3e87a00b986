"""`potentia compare --scenarios`: one table, and files of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

TWO = """[[scenario]]
name = "closed"
changes = [{close = "3-4"}]
[[scenario]]
name = "tolled"
changes = [{link = 5, toll = 10.0}]
"""
ASK = ("compare", "braess", "-p", "n_agents=6", "--scenarios", "two.toml")


@pytest.fixture(autouse=True)
def two(tell) -> None:
    Path("two.toml").write_text(TWO)


def test_scenarios_are_told_written_and_drawn(tell) -> None:
    told = tell(*ASK, "--csv", "table.csv", "--picture", "changes.png")
    assert told.status == 0
    for said in ("closed", "tolled", "toll revenue", "3 -> 4", "Written: table.csv",
                 "Written: changes.png"):
        assert said in told.out
    rows = list(csv.DictReader(Path("table.csv").read_text().splitlines()))
    assert [row["scenario"] for row in rows] == ["base", "closed", "tolled"]
    base, closed = (float(row["expected_travel_time"]) for row in rows[:2])
    assert float(rows[1]["change"]) == pytest.approx(closed / base - 1)
    assert f"{100 * (closed / base - 1):+.3f} %" in told.out
    assert closed < base                     # Braess's paradox
    assert Path("changes.png").read_bytes().startswith(b"\x89PNG")


def test_scenarios_as_one_document(tell) -> None:
    told = tell(*ASK, "--json", "--relative-gap", "1e-3")
    found = told.document()
    assert told.status == 0
    assert [row["scenario"] for row in found["scenarios"]] == ["closed", "tolled"]
    assert found["base"]["within_tolerance"] is True
    assert found["links"]["closed"][0]["id"] == 5
    assert found["left_out"] == []


def test_a_base_that_is_not_near_is_status_1(tell) -> None:
    told = tell(*ASK, "--max-iterations", "1")
    assert told.status == 1
    assert "base is not within a relative gap of 0.0001" in told.out


@pytest.mark.parametrize(("more", "said"), [
    (("--toll", "3-4=2"), "--scenarios goes without --without, --with and --toll"),
    (("--csv", "missing/table.csv"), "missing"),
    (("--picture", "changes.txt"), "changes.txt is no picture"),
    (("--scenarios", "three.toml"), "three.toml does not exist")])
def test_bad_input_is_one_line_and_writes_nothing(tell, more: tuple[str, ...], said: str) -> None:
    before = sorted(Path.cwd().iterdir())
    assert said in tell(*ASK, *more).refusal()
    assert sorted(Path.cwd().iterdir()) == before


def test_files_of_scenarios_need_some(tell) -> None:
    assert "--csv goes with --scenarios" in tell(
        "compare", "braess", "--without", "3-4", "--csv", "x.csv").refusal()
