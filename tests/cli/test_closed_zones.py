"""Zones of CSV roads that trips may not pass through, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

LINKS = "from,to,free_flow_time\nz1,a,1\nz2,a,1\nz2,b,1\na,z2,1\na,b,9\nb,z3,1\n"
ROADS = ("solve", "links.csv", "--trips", "trips.csv", "--no-price-of-anarchy", "--json")


@pytest.fixture
def told(tell):
    Path("links.csv").write_text(LINKS)
    Path("trips.csv").write_text("from,to,trips\nz1,z3,10\nz1,z2,5\n")
    return lambda *more: tell(*ROADS, *more)


@pytest.mark.parametrize(("closed", "time"), [((), 50.0), (("-p", "closed=z2"), 120.0),
                                              (("-p", "closed=z1,z2,z3"), 120.0)])
def test_trips_pass_through_zones_unless_they_are_closed(told, closed, time):
    """By z2 it is 4 from z1 to z3, by the road from a to b 11."""
    found = told(*closed).document()["roads"]["welfare"]
    assert found["total_travel_time"] == pytest.approx(time)


@pytest.mark.parametrize(("closed", "words"), [("z9", "there is no node 'z9'; did you mean 'z3'?"),
                                               ("", "there is no node ''")])
def test_zones_that_are_none_are_named(told, closed, words):
    assert words in told("-p", f"closed={closed}").refusal()
