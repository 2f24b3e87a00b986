"""Where nodes lie, from GeoJSON; and files of nodes that are another network's."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.cli import road_outputs
from potentia.io.node_files import read_places


def point(x: object, y: object, **properties: object) -> dict:
    return {"type": "Feature", "properties": properties,
            "geometry": {"type": "Point", "coordinates": [x, y, 7.0]}}


def written(tmp_path: Path, features: object, name: str = "nodes.geojson") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, indent=1))
    return path


def test_points_lie_where_the_file_says(tmp_path: Path) -> None:
    path = written(tmp_path, [point(-117.5, 33.25, id=1), point(4, 5, NODE=2.0),
                              {**point(6, 7), "id": "3"}])
    assert read_places(path) == {1: (-117.5, 33.25), 2: (4.0, 5.0), 3: (6.0, 7.0)}
    plain = tmp_path / "nodes.tntp"
    plain.write_text("Node X Y ;\n1 -117.5 33.25 ;\n2 4 5;\n3 6 7;\n")
    assert read_places(plain) == read_places(path)
    gmns = tmp_path / "node.csv"
    gmns.write_text('"node_id",zone_id,y_coord,x_coord\n1,,33.25,-117.5\n2,7,5,4\n03,,7,6\n4,,,\n')
    assert read_places(gmns) == read_places(path)
    assert read_places(gmns, ("4", "2")) == {2: (4.0, 5.0)}


@pytest.mark.parametrize(("rows", "why"), [
    ("1,0,0\n01,1,1\n", "node.csv, line 3: node_id is '1', as in line 2"),
    ("A,0,0\n", "line 2: node_id is 'A', but a whole number was expected"),
    ("1,0,1e13\n", "line 2: a coordinate is 1e\\+13, but it must be at most 1e\\+12 in size"),
])
def test_what_is_no_gmns_node_is_named(rows: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "node.csv"
    path.write_text("node_id,x_coord,y_coord\n" + rows)
    with pytest.raises(pt.InputError, match=why):
        read_places(path)
    path.write_text("node_id,x\n1,2\n")
    with pytest.raises(pt.InputError, match="line 1: the column 'x_coord' is missing"):
        read_places(path)


@pytest.mark.parametrize(("features", "why"), [
    ([], "without features: points with the node in a property, id, node, node_id or name, were"),
    ([point(1, 2, place=1)], "feature 1 does not say which node it is: points with"),
    ([point(1, 2, id=1), point(1, 2, id=1)], "feature 2: node 1 is there twice"),
    ([point("1", 2, id=1)], r"feature 1: a coordinate is '1', but numbers of at most 1e\+12"),
    ([point(1, 2, id="A")], "feature 1: node is 'A', but a whole number was expected"),
    ([{"type": "Feature", "properties": {"id": 1}, "geometry": {
        "type": "LineString", "coordinates": [[0, 0], [1, 1]]}}], "feature 1 is no point: points"),
    ([7], "feature 1 does not say which node")])
def test_what_is_no_node_is_named(features: list, why: str, tmp_path: Path) -> None:
    with pytest.raises(pt.InputError, match=why) as caught:
        read_places(written(tmp_path, features))
    assert "\n" not in str(caught.value)


def test_damaged_json_is_said_to_be_that(tmp_path: Path) -> None:
    path = tmp_path / "nodes.geojson"
    path.write_text('{"features": [\n')
    with pytest.raises(pt.InputError, match="looks like GeoJSON, but it is no JSON: points"):
        read_places(path)


def test_places_of_another_network_are_told_of(tmp_path: Path, caplog) -> None:
    caplog.set_level(logging.INFO)
    costs = pt.link_costs.polynomial([[1.0, 1.0]])
    numbered = pt.RoutingGame.from_links([(1, 2)], costs, [(1, 2, 3)], name="town")
    named = pt.RoutingGame.from_links([(1, 2)], costs, [(1, 2, 3)], node_names=["A", "B"])
    points = [point(1, 2, id=1), point(3, 4, id=2), point(5, 6, id=8), point(5, 7, id=9)]
    letters = [point(1, 2, name="A"), point(3, 4, name="B"), point(5, 6, name="C")]
    for game, features, said in ((numbered, points, "2 nodes that the network has not, such as 8"),
                                 (named, letters, "1 node that the network has not, such as C")):
        caplog.clear()
        path = written(tmp_path, features)
        extras = road_outputs.read(game, road_outputs.Asked(path))
        assert said in caplog.text
        assert extras.places is not None
        assert [extras.places[node] for node in (1, 2)] == [(1.0, 2.0), (3.0, 4.0)]
    with pytest.raises(pt.InputError, match=r"does not say where node 2 of town lies$"):
        road_outputs.read(numbered, road_outputs.Asked(written(tmp_path, points[:1])))


def test_nodes_at_one_point_are_refused(tmp_path: Path) -> None:
    game = pt.games.make("pigou")
    nodes = np.unique(game.links).tolist()
    path = written(tmp_path, [point(1, 2, id=node) for node in nodes])
    with pytest.raises(pt.InputError, match=r"has all nodes at one point, \(1\.0, 2\.0\)$"):
        road_outputs.read(game, road_outputs.Asked(path))
