"""Tolls and lengths of road files enter by weights, as what is paid apart from time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

import potentia as pt

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 2
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 2
<TOLL FACTOR> 2
<DISTANCE FACTOR> 0.5
<END OF METADATA>
1 2 10 4 1 0.15 4 0 3 1 ;
1 2 10 2 2 0.15 4 0 0 1 ;
"""
SILENT = NET.replace("<TOLL FACTOR> 2\n<DISTANCE FACTOR> 0.5\n", "")
TRIPS = "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n2 : 6.0;\n"
LINKS = "from,to,free_flow_time,length,toll\n1,2,1,4,3\n1,2,2,2,0\n"
GRAPH = nx.MultiDiGraph([(1, 2, {"free_flow_time": 1, "length": 4, "toll": 3}),
                         (1, 2, {"free_flow_time": 2, "length": 2})], name="town")
Read = Callable[..., pt.RoutingGame]


def tntp(place: Path, text: str) -> Read:
    (place / "town_net.tntp").write_text(text)
    (place / "t.tntp").write_text(TRIPS)
    return lambda **options: pt.io.read_tntp(place / "town_net.tntp", place / "t.tntp", **options)


def plain(place: Path, text: str = LINKS) -> Read:
    (place / "town.csv").write_text(text)
    (place / "t.csv").write_text("from,to,trips\n1,2,6\n")
    return lambda **options: pt.io.read_csv(place / "town.csv", place / "t.csv", **options)


def graph(place: Path) -> Read:
    return lambda **options: pt.io.from_networkx(GRAPH, {(1, 2): 6}, **options)


@pytest.mark.parametrize("reader", [lambda place: tntp(place, NET), plain, graph])
def test_weights_say_what_tolls_and_lengths_cost(reader: Callable[[Path], Read], tmp_path: Path,
                                                 caplog: pytest.LogCaptureFixture) -> None:
    game = reader(tmp_path)(toll_weight=0.25, length_weight=10)
    np.testing.assert_array_equal(game.tolls, [0.75, 0])
    np.testing.assert_array_equal(game.distance_costs, [40, 20])
    profile = game.initial_profile("uniform", None)
    plain_game = reader(tmp_path)(toll_weight=0, length_weight=0)
    np.testing.assert_allclose(game.link_times(profile), plain_game.link_times(profile))
    np.testing.assert_allclose(game.link_costs(profile) - game.link_times(profile), [40.75, 20])
    assert caplog.text == ""


@pytest.mark.parametrize(("text", "tolls", "lengths", "said"), [
    (NET, [6, 0], [2, 1], ""),
    (SILENT, [0, 0], [0, 0], "town: the tolls on 1 link are left out, since no toll_weight says"),
    (NET.replace("FACTOR> 2", "FACTOR> 0"), [0, 0], [2, 1], "the tolls on 1 link are left out"),
    (SILENT.replace("0 3 1", "0 0 1"), [0, 0], [0, 0], "")])
def test_what_a_file_says_of_them_counts_where_nothing_else_is_said(
        text: str, tolls: list, lengths: list, said: str, tmp_path: Path,
        caplog: pytest.LogCaptureFixture) -> None:
    game = tntp(tmp_path, text)()
    np.testing.assert_array_equal(game.tolls, tolls)
    np.testing.assert_array_equal(game.distance_costs, lengths)
    assert said in caplog.text
    assert bool(said) == ("WARNING" in caplog.text)


@pytest.mark.parametrize("reader", [plain, graph])
def test_tolls_in_units_of_time_count_as_they_are_and_are_warned_of(
        reader: Callable[[Path], Read], tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    game = reader(tmp_path)()
    np.testing.assert_array_equal(game.tolls, [3, 0])
    np.testing.assert_array_equal(game.distance_costs, [0, 0])
    assert "town: the tolls on 1 link count as they are, since no toll_weight" in caplog.text


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a negative weight": ({"toll_weight": -1}, "^toll_weight is -1, but it must not be negative"),
    "a weight that is none": ({"length_weight": float("nan")}, "^length_weight is nan, not a fin"),
    "text": ({"toll_weight": "0.1"}, "^toll_weight is '0.1', not a number"),
    "a truth value": ({"length_weight": True}, "^length_weight is True, not a number"),
    "beyond numbers": ({"toll_weight": 1e308}, r"tolls\[link=0\] is inf"),
    "a slip": ({"tol_weight": 1}, "unknown keyword of .*'tol_weight'; did you mean 'toll_weight'"),
    "another": ({"polices": "agent"}, "unknown keyword of .*'polices'; did you mean 'policies'"),
    "what files say": ({"weight": 2.0}, "unknown keyword of .*'weight'"),
}


@pytest.mark.parametrize("reader", [lambda place: tntp(place, NET), plain, graph])
@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_weight_is_named(reader: Callable[[Path], Read], options: dict, message: str,
                                    tmp_path: Path) -> None:
    with pytest.raises(pt.InputError, match=message) as caught:
        reader(tmp_path)(**options)
    assert "\n" not in str(caught.value)
