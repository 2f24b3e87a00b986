"""Trips by class in files of roads, and roads with classes in files of our own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.roads import link_costs

CLASSES = {"car": pt.TrafficClass(), "lorry": pt.TrafficClass(weight=2.5, value_of_time=3.0)}
NETWORK = "from,to,free_flow_time,capacity,toll\n1,2,10,8,2\n1,2,12,10,0\n2,3,5,9,0\n"
CARS, LORRIES = "from,to,trips\n1,2,6\n2,3,4\n", "from,to,trips\n1,3,2\n1,2,1\n"
BOTH = "from,to,trips,class\n1,2,6,car\n1,3,2,lorry\n2,3,4,car\n1,2,1,lorry\n"
NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 3
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 3
<END OF METADATA>
1 2 8 1 10 0.15 4 0 2 1 ;
1 2 10 1 12 0.15 4 0 0 1 ;
2 3 9 1 5 0.15 4 0 0 1 ;
"""


def trips(*rows: tuple[int, int, int]) -> str:
    """A file of TNTP trips."""
    return "<NUMBER OF ZONES> 3\n<END OF METADATA>\n" + "".join(
        f"Origin {start}\n {end} : {number};\n" for start, end, number in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"net.csv": NETWORK, "car.csv": CARS, "lorry.csv": LORRIES, "both.csv": BOTH,
                       "town_net.tntp": NET, "car.tntp": trips((1, 2, 6), (2, 3, 4)),
                       "lorry.tntp": trips((1, 3, 2))}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_one_file_with_a_column_and_a_file_of_each_class_are_the_same_roads(folder):
    apart = pt.io.read_csv(folder / "net.csv", {name: folder / f"{name}.csv" for name in CLASSES},
                           26, classes=CLASSES, toll_weight=1.0)
    together = pt.io.read_csv(folder / "net.csv", folder / "both.csv", 26, classes=CLASSES,
                              toll_weight=1.0)
    rows = [(1, 2, 12, "car"), (2, 3, 8, "car"), (1, 2, 2, "lorry"), (1, 3, 4, "lorry")]
    for game in (apart, together):
        assert game.demand == rows
        assert game.traffic_classes == CLASSES
        assert float(game.weight) == 0.5            # 26 agents for 13 vehicles of any class
        np.testing.assert_array_equal(game.tolls, [2.0, 0.0, 0.0])


def test_a_tntp_network_takes_a_file_of_trips_for_each_class(folder):
    game = pt.io.read_tntp(folder / "town_net.tntp", {
        "lorry": folder / "lorry.tntp", "car": folder / "car.tntp"}, 12, classes=CLASSES)
    assert game.demand == [(1, 3, 2, "lorry"), (1, 2, 6, "car"), (2, 3, 4, "car")]
    # The last link carries 4 cars and 2 lorries of weight 2.5, whatever they do elsewhere.
    profile = game.initial_profile("uniform", 0)
    flows = {name: flow[2] for name, flow in game.flows_by_class(profile).items()}
    assert flows == {"car": 4.0, "lorry": 5.0}
    frame = game.to_dataframe(profile)
    assert frame["flow_lorry"][2] == 5.0
    assert frame["toll_revenue"][0] == 0.0          # tolls without a weight are left out
    skims = game.skims(profile)
    assert skims["class"].tolist() == ["lorry", "car", "car"]
    assert skims["vehicles"].tolist() == [5.0, 6.0, 4.0]
    assert game.select_link(profile, (2, 3))["class"].tolist() == ["lorry", "car"]
    assert game.paths(profile, (1, 2))["class"].tolist() == ["car", "car"]


@pytest.mark.parametrize(("files", "classes", "words"), [
    ({"car": "car.csv"}, CLASSES, "classes has 'lorry', of which demand has no agents"),
    ({"car": "car.csv"}, None, "trips are of car, but no classes are given"),
    ({"car": "car.csv", "van": "lorry.csv"}, CLASSES, "unknown class 'van'"),
    ("car.csv", CLASSES, "the column 'class' is missing"),
    ("both.csv", {"car": CLASSES["car"]}, "line 3: class is 'lorry', which is none of the classes"),
])
def test_what_does_not_go_together_is_named(folder, files, classes, words):
    paths = ({name: folder / file for name, file in files.items()} if isinstance(files, dict)
             else folder / files)
    with pytest.raises(InputError, match=words):
        pt.io.read_csv(folder / "net.csv", paths, classes=classes)


def test_several_classes_need_several_tntp_files(folder):
    with pytest.raises(InputError, match="trips is one file, but there are the classes car, lorry"):
        pt.io.read_tntp(folder / "town_net.tntp", folder / "car.tntp", classes=CLASSES)


def test_a_pair_may_be_there_once_in_each_class(folder):
    (folder / "both.csv").write_text(BOTH + "1,2,1,car\n")
    with pytest.raises(InputError, match="line 6: trips from 1 to 2 of car are there twice"):
        pt.io.read_csv(folder / "net.csv", folder / "both.csv", classes=CLASSES)


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_roads_with_classes_are_the_same_again(policies, tmp_path):
    game = pt.RoutingGame.from_links(
        [(1, 2), (1, 2), (2, 3)], link_costs.bpr([1.0, 2.0, 1.0], 4.0, power=[4.0, 2.0, 1.0]),
        [(1, 3, 3, "car"), (1, 3, 2, "lorry"), (2, 3, 1, "car")], classes=CLASSES,
        tolls=[0.5, 0.0, 0.0], weight=0.7, policies=policies)
    pt.io.save_game(game, tmp_path / "roads.npz")
    again = pt.io.load_game(tmp_path / "roads.npz")
    assert isinstance(again, pt.RoutingGame)
    assert again.demand == game.demand
    assert again.traffic_classes == CLASSES
    profile = game.initial_profile("random", 0)
    np.testing.assert_array_equal(again.best_response(profile).current,
                                  game.best_response(profile).current)
    tolled = game.tolled([0.5, 0.0, 0.0])
    assert (tolled.demand, tolled.traffic_classes) == (game.demand, CLASSES)


def test_a_pair_of_several_classes_that_are_not_read_says_so(folder):
    (folder / "both.csv").write_text("from,to,trips,class\n1,2,1,car\n1,2,2,lorry\n")
    with pytest.raises(InputError, match="are there twice, if of different classes: these are not "
                                         "read, since none are given"):
        pt.io.read_csv(folder / "net.csv", folder / "both.csv")
