"""Classes of agents on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import potentia as pt
from potentia.cli import road_outputs, road_results
from potentia.cli.arguments import classes_of, trips_of
from potentia.errors import InputError

NETWORK = "from,to,free_flow_time,capacity\n1,2,10,8\n1,2,12,10\n"


@pytest.fixture
def roads(tell):
    Path("net.csv").write_text(NETWORK)
    Path("cars.csv").write_text("from,to,trips\n1,2,6\n")
    Path("lorries.csv").write_text("from,to,trips\n1,2,2\n")
    return lambda *more: tell("solve", "net.csv", *more)


@pytest.mark.usefixtures("roads")
def test_a_file_of_trips_for_each_class_makes_roads_with_classes():
    """A class of which only the trips are told has weight and value of time 1."""
    asked = road_results.RoadFiles([Path("car=cars.csv"), Path("lorry=lorries.csv")], None, None,
                                   classes=["lorry:weight=2.5,value_of_time=3"])
    game = road_results.read("net.csv", asked, {"n_agents": 8})
    assert game is not None
    assert game.demand == [(1, 2, 6, "car"), (1, 2, 2, "lorry")]
    assert game.traffic_classes == {"car": pt.TrafficClass(), "lorry": pt.TrafficClass(2.5, 3.0)}
    # No system optimum is known of different weights, so that none is learnt.
    assert not road_outputs.read(game, road_outputs.Asked()).price


@pytest.mark.parametrize(("given", "words"), [
    (("--trips", "car=cars.csv", "--class", "lorry:weight=2"),
     "classes has 'lorry', of which demand has no agents"),
    (("--trips", "car=cars.csv", "--class", "car:weight=0"), "--class car: weight is 0"),
])
def test_what_is_wrong_is_one_line(roads, given, words):
    assert words in roads(*given).refusal()


def test_classes_go_with_roads(tell):
    assert tell("solve", "braess", "--class", "car").refusal() == (
        "--class goes with a road network (.tntp or .csv), but braess is none")


@pytest.mark.parametrize(("texts", "words"), [
    (["car:weight=x"], "--class car: weight is 'x', not a number"),
    (["car:value_of_time=nan"], "--class car: value_of_time is nan, not a finite number"),
    (["car:value_of_time=-1"], "--class car: value_of_time is -1, but it must not be negative"),
    (["car:size=1"], "unknown number of --class car 'size'"),
    (["car", "car:weight=2"], "--class gives 'car' twice"),
    ([":weight=2"], "--class ':weight=2' is not NAME:weight=W,value_of_time=V"),
])
def test_classes_that_are_none(texts, words):
    with pytest.raises(InputError) as error:
        classes_of(texts)
    assert words in str(error.value)


def test_trips_are_one_file_or_one_of_each_class(tmp_path):
    odd = tmp_path / "a=b.csv"
    odd.write_text("")
    assert trips_of(None) is None
    assert trips_of([odd]) == odd
    assert trips_of([Path("car=cars.csv")]) == {"car": Path("cars.csv")}
    for paths, words in (([Path("a.csv"), Path("b.csv")], "--trips a.csv says no class"),
                         ([Path("a=b.csv"), Path("a=c.csv")], "--trips gives the class 'a' twice")):
        with pytest.raises(InputError, match=words):
            trips_of(paths)


@pytest.mark.parametrize(("weight", "unit"), [("2.5", "passenger-car units"), ("1", "vehicles")])
def test_flows_of_unlike_classes_are_told_in_passenger_car_units(roads, weight, unit):
    out = roads("--trips", "car=cars.csv", "--trips", "lorry=lorries.csv", "--class",
                f"lorry:weight={weight},value_of_time=3", "--no-price-of-anarchy").out
    assert f"The links with most {unit} (2 of 2):" in out
    assert f"┃ {unit} " in out
