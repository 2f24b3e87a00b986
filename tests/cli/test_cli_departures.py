"""Departures on the command line: what is told, what is written, and what is refused in one
line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import potentia as pt
from potentia.cli.arguments import departures_of
from potentia.errors import InputError

MORNING = "earliest=0,latest=3,arrival=3.5,early=0.5,late=2"


@pytest.fixture
def roads(tell):
    Path("net.csv").write_text("from,to,free_flow_time,capacity\n1,2,10,8\n1,2,12,10\n")
    Path("trips.csv").write_text("from,to,trips\n1,2,60\n")
    return lambda *more: tell("solve", "net.csv", "--trips", "trips.csv", "-p", "horizon=5",
                              "-p", "n_agents=60", "--no-price-of-anarchy", *more)


def test_a_saved_run_tells_when_trips_leave(roads, tell) -> None:
    told = roads("--departures", MORNING, "--out", "run", "--json").document()
    assert told["converged"]
    rows = list(csv.DictReader(Path("run/departures.csv").read_text().splitlines()))
    assert list(rows[0]) == ["origin", "destination", "step", "leaving", "arriving",
                             "schedule_cost"]
    assert sum(float(row["leaving"]) for row in rows) == pytest.approx(60)
    assert rows[0]["schedule_cost"] == ""
    assert pt.load("run").game.timed
    assert tell("certify", "run", "--no-price-of-anarchy").status == 0


def test_steps_and_wishes_that_nobody_meets_are_noted(roads) -> None:
    told = roads("--departures", MORNING)
    assert told.err.count("capacities count per step") == 1
    assert "expected schedule costs" in told.out
    assert told.err.count("no trip arrives when it wishes") == 1        # at 3.5, between two steps
    met = roads("--departures", MORNING.replace("3.5", "3"))
    assert "no trip arrives" not in met.err
    assert "can meet" not in met.err
    beyond = roads("--departures", MORNING.replace("3.5", "9"))
    assert "none can meet the wish arrival=9" in beyond.err


def test_comparing_notes_steps_once(roads, tell) -> None:
    told = tell("compare", "net.csv", "--trips", "trips.csv", "-p", "horizon=5", "--departures",
                MORNING, "-p", "n_agents=60", "--toll", "1=2", "--max-iterations", "20")
    assert "in expected total cost paid" in told.out
    assert told.err.count("capacities count per step") == 1
    assert "price of anarchy" not in told.err


@pytest.mark.parametrize(("given", "words"), [
    ("latest=9,arrival=3,early=1,late=1", "departures.latest is 9, but within a horizon of 5"),
    ("latest=3,arrival=x,early=1,late=1", "departures.arrival is 'x', not a number")])
def test_what_is_wrong_is_one_line(roads, given: str, words: str) -> None:
    assert words in roads("--departures", given).refusal()


def test_departures_go_with_roads(tell) -> None:
    assert tell("solve", "braess", "--departures", MORNING).refusal() == (
        "--departures goes with a road network (.tntp or .csv), but braess is none")


def test_texts_are_departures_or_refused() -> None:
    assert departures_of(None) is None
    assert departures_of("latest=3, arrival=4,early=0.5,late=2") == pt.Departures(
        latest=3, arrival=4, early=0.5, late=2)
    for text, words in (("latest=3", "says no arrival"), ("size=3", "unknown number of --dep"),
                        ("latest=3,latest=4", "--departures gives latest twice")):
        with pytest.raises(InputError, match=words):
            departures_of(text)
