"""GMNS networks: units, lanes, zones, links both ways; what is wrong is said with its line."""

from __future__ import annotations

import logging

import numpy as np
import pytest

import potentia as pt

LINK = """link_id,name,from_node_id,to_node_id,directed,length,lanes,capacity,free_speed,\
vdf_alpha,vdf_beta,toll
a,,1,2,true,30,2,900,60,0.5,2,0
b,,1,3,1,1,,1000,30,,,0
c,,3,2,1,1,1,1000,30,,,2
"""
NODE = """node_id,x_coord,y_coord,zone_id,node_type
1,0,0,10,centroid
2,1,0,20,
3,0.5,1,,
"""
DEMAND = "o_zone_id,d_zone_id,volume\n10,20,600\n10,20,400\n10,10,5\n"


def town(folder, link=LINK, node=NODE, demand=DEMAND, config=None):
    files = {"link": link, "node": node, "demand": demand, "config": config}
    for name, text in files.items():
        if text is not None:
            (folder / f"{name}.csv").write_text(text)
    return folder


def test_a_folder_is_a_game_with_its_own_ids(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    game = pt.io.read_gmns(town(tmp_path), n_agents=100)
    assert game.link_ids == ("a", "b", "c")
    assert game.capacities.tolist() == [1800.0, 1000.0, 1000.0]
    assert game.lengths.tolist() == [30.0, 1.0, 1.0]
    assert float(game.weight) * game.n_agents == 1000
    assert np.asarray(game.closed).tolist() == [1]
    table = game.to_dataframe(game.initial_profile("uniform", 0))
    assert table["free_flow_time"].tolist() == [30.0, 2.0, 2.0]          # minutes
    flow, time = table["flow"][0], table["time"][0]
    assert time == pytest.approx(30 * (1 + 0.5 * (flow / 1800) ** 2), rel=1e-12)
    flow, time = table["flow"][1], table["time"][1]
    assert time == pytest.approx(2 * (1 + 0.15 * (flow / 1000) ** 4), rel=1e-12)
    assert "1 row of pairs that are there before" in caplog.text
    assert "the tolls on 1 link are left out" in caplog.text


def test_nodes_lie_where_the_folder_says(tmp_path):
    game = pt.io.read_gmns(town(tmp_path, node=NODE + "9,5,5,,\n"), n_agents=10)
    places = {1: (0.0, 0.0), 2: (1.0, 0.0), 3: (0.5, 1.0)}
    assert game.places == places
    pt.io.save_game(game, tmp_path / "game.npz")
    for same in (pt.io.load_game(tmp_path / "game.npz"), game.tolled({(1, 2): 1.0})):
        assert same.places == places
    assert game.without((1, 2)).places == places
    axis = pt.plot.flows(game, game.initial_profile("uniform", 0))
    low, high = axis.get_ylim()
    assert low < 0 < 1 < high
    named = LINK.replace(",1,3,1,", ",1,C,1,").replace(",3,2,", ",C,2,")
    game = pt.io.read_gmns(town(tmp_path, named, NODE.replace("3,0.5", "C,0.5")), n_agents=10)
    assert {game.node_names[node - 1]: at for node, at in game.places.items()} == {
        "1": (0.0, 0.0), "2": (1.0, 0.0), "C": (0.5, 1.0)}
    game = pt.io.read_gmns(town(tmp_path, node=NODE.replace("0.5,1", ",")), n_agents=10)
    assert sorted(game.places) == [1, 2]
    with pytest.raises(pt.InputError, match=r"where the nodes of .* lie is not known"):
        pt.plot.flows(game, game.initial_profile("uniform", 0))


def test_files_may_be_given_one_by_one_and_tolls_have_a_weight(tmp_path):
    town(tmp_path)
    game = pt.io.read_gmns(tmp_path / "link.csv", tmp_path / "demand.csv", 100, toll_weight=0.5,
                           nodes=tmp_path / "node.csv")
    assert np.asarray(game.tolls).tolist() == [0, 0, 1.0]
    nodes = tmp_path / "trips.csv"
    nodes.write_text("o_zone_id,d_zone_id,volume\n1,2,7\n")
    assert pt.io.read_gmns(tmp_path / "link.csv", nodes).ends_of(0) == (1, 2)


@pytest.mark.parametrize(("config", "minutes"), [
    ("long_length,speed\nmile,mph\n", 2.0),
    ("long_length,speed\nmeters,kph\n", 2e-3),
    ("long_length,speed\nkm,mph\n", 2 / 1.609344),
    ("dataset_name\ntown\n", 2.0),
])
def test_units_are_those_of_the_configuration(tmp_path, config, minutes):
    game = pt.io.read_gmns(town(tmp_path, config=config), n_agents=10)
    free = game.to_dataframe(game.initial_profile("uniform", 0))["free_flow_time"]
    assert free[1] == pytest.approx(minutes, rel=1e-12)


def test_without_a_capacity_or_at_one_that_is_infinite_the_load_does_not_matter(tmp_path):
    link = LINK.replace("1,1,,1000", "1,1,,inf").replace("1,1,1,1000", "1,1,1,")
    game = pt.io.read_gmns(town(tmp_path, link), n_agents=10)
    assert np.isnan(game.capacities).tolist() == [False, True, True]
    table = game.to_dataframe(game.initial_profile("uniform", 0))
    assert table["time"].tolist()[1:] == table["free_flow_time"].tolist()[1:] == [2.0, 2.0]


def test_links_that_are_not_directed_lead_both_ways(tmp_path):
    link = "link_id,from_node_id,to_node_id,directed,vdf_fftt\n7,1,2,false,3\n8,2,3,true,4\n"
    game = pt.io.read_gmns(town(tmp_path, link, NODE, "o_zone_id,d_zone_id,volume\n20,10,3\n"))
    assert game.link_ids == ("7", "7 back", "8")
    assert np.asarray(game.links).tolist() == [[1, 2], [2, 1], [2, 3]]


@pytest.mark.parametrize(("files", "why"), [
    ({"link": LINK.replace("b,,1", "a,,1")}, r"link\.csv, line 3: link_id is 'a', as in line 2"),
    ({"link": LINK.replace("b,,1,3,1", "b,,1,3,maybe")}, "line 3: directed is 'maybe'"),
    ({"link": LINK.replace("b,,1,3,1,1,", "b,,1,3,1,,")}, "line 3: there is no time: vdf_fftt, or"),
    ({"link": LINK.replace("true,30,2", "true,30,0")}, "line 2: lanes is 0, but it must be posit"),
    ({"link": LINK.replace("1,3,1,1,,1000,30", "1,3,1,1,,1000,0")}, "free_speed is 0, but it must"),
    ({"link": LINK.replace("1,1,,1000", "1,1,,0")}, "line 3: capacity of the link b is 0, but it"),
    ({"link": LINK.replace("1,1,,1000", "1,1,,-5")}, "line 3: capacity is -5, but it must not be"),
    ({"link": LINK.replace("from_node_id", "from")}, "the column 'from_node_id' is missing; it "
                                                     "looks like one for pt.io.read_csv"),
    ({"node": NODE.replace("1,,", "1,20,")}, "zone 20 has the nodes 2 and 3, but trips"),
    ({"demand": DEMAND.replace("10,20,6", "10,30,6")}, "line 2: d_zone_id is '30', a zone of no"),
    ({"demand": DEMAND.replace("600", "-1")}, "volume is -1, but it must not be negative"),
    ({"demand": DEMAND.replace("10,20,4", "20,10,4")},
     r"/demand\.csv: destination 1 cannot be reached from origin 2$"),
    ({"node": NODE.replace("0.5,1", "0.5,")}, "line 4: a coordinate is '', but coordinates"),
    ({"node": NODE.replace("0.5,1", "a,1")}, r"node\.csv, line 4: a coordinate is 'a', but coord"),
    ({"node": NODE + "03,0,0,,\n"}, r"/node\.csv, line 5: node_id is '3', as in line 4"),
    ({"node": NODE + "7,0,0,,\n7,0,0,,\n"}, "line 6: node_id is '7', as in line 5"),
    ({"config": "long_length,speed\nleague,mph\n"}, "long_length is 'league', but one of km"),
    ({"config": "long_length,speed\nm,\n"}, "line 2: long_length has a unit and speed has none"),
    ({"config": "long_length,speed\nmi,mph\nkm,kph\n"}, "line 3: a second row, but units"),
])
def test_what_is_wrong_is_said_with_its_line(tmp_path, files, why):
    with pytest.raises(pt.InputError, match=why):
        pt.io.read_gmns(town(tmp_path, **files))


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(pt.InputError, match=r"has no link\.csv"):
        pt.io.read_gmns(tmp_path)
    for more in ({}, {"demand": tmp_path / "demand.csv"}):
        with pytest.raises(pt.InputError, match="nofolder does not exist, but a folder of GMNS"):
            pt.io.read_gmns(tmp_path / "nofolder", **more)
    town(tmp_path)
    with pytest.raises(pt.InputError, match="demand is missing"):
        pt.io.read_gmns(tmp_path / "link.csv")
    with pytest.raises(pt.InputError, match="unknown keyword of read_gmns 'agents'"):
        pt.io.read_gmns(tmp_path, agents=3)
