"""Bars of loads and maps of flows: the numbers drawn, against enumeration."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import potentia as pt
from potentia.report import road_maps
from small_games import DILEMMA

ROADS = pt.RoutingGame.from_links([(1, 2), (2, 3), (1, 3)], pt.link_costs.polynomial(
    [[1, 1], [2, 0], [0, 3]]), [(1, 3, 3)], capacity=[2.0, 1.0, 4.0], name="town")
UNIFORM = np.asarray(ROADS.initial_profile("uniform", None))
PLACES = {1: (0.0, 0.0), 2: (1.0, 1.0), 3: (2.0, 0.0)}


def heights(axis: Axes) -> np.ndarray:
    """[states, facilities] of the bars."""
    return np.array([[bar.get_height() for bar in part] for part in axis.containers])


def named(axis: Axes) -> tuple[list[str], list[str]]:
    legend = axis.get_legend()
    assert legend is not None
    return ([text.get_text() for text in axis.get_xticklabels()],
            [text.get_text() for text in legend.get_texts()])


def mean_counts(policies: np.ndarray) -> np.ndarray:
    """[A] expected agents at each action, by listing all joint actions of `policies` [N, A]."""
    found = np.zeros(policies.shape[1])
    for joint in itertools.product(range(policies.shape[1]), repeat=len(policies)):
        weight = np.prod([policies[agent, action] for agent, action in enumerate(joint)])
        found += weight * np.bincount(joint, minlength=policies.shape[1])
    return found


@pytest.mark.parametrize("representation", ["auto", "loads"])
def test_bars_of_a_load_driven_game_are_mean_counts(representation: str) -> None:
    game = pt.games.make("distancing", n_agents=3, representation=representation)
    profile = np.asarray(game.initial_profile("random", 1))
    axis = pt.plot.loads(game, profile)
    facilities, states = named(axis)
    assert facilities == [f"facility {k}" for k in range(4)]
    assert states == ["state 0", "state 1"]
    np.testing.assert_allclose(heights(axis), [mean_counts(profile[:, s]) for s in range(2)],
                               rtol=1e-12)


@pytest.mark.parametrize("representation", ["auto", "congestion"])
def test_bars_of_a_network_are_mean_counts_of_its_moves(representation: str) -> None:
    """On a network whose states a congestion game orders otherwise than a table."""
    roads = [("s", "a"), ("s", "t"), ("a", "b"), ("b", "t"), ("a", "t")]
    chosen = {"n_agents": 2, "graph": roads, "source": "s", "sink": "t"}
    game = pt.games.make("stochastic-congestion", **chosen, representation=representation)
    profile = np.asarray(game.initial_profile("random", 1))
    as_played = pt.games.make("stochastic-congestion", **chosen, representation="congestion")
    nodes = np.asarray(as_played.configurations)
    assert not np.array_equal(as_played.position, np.argsort(as_played.position))
    if representation == "auto":                    # states of a table are by ascending code
        nodes = nodes[np.lexsort(nodes.T[::-1])]
    moves = np.asarray(as_played.moves)
    everywhere = range(len(nodes) - 1)              # play has ended in one of them
    axis = pt.plot.loads(game, profile, states=everywhere)
    facilities, states = named(axis)
    for state, bars, label in zip(everywhere, heights(axis), states, strict=True):
        at = nodes[state]
        assert label.endswith(f": at {at[0]}, {at[1]}")
        expected = dict.fromkeys(facilities, 0.0)
        for agent, node in enumerate(at):
            for action, after in enumerate(moves[node]):
                if after >= 0 and after != node:
                    expected[f"{node} \u2192 {after}"] += profile[agent, state, action]
        np.testing.assert_allclose(bars, list(expected.values()), atol=1e-14)


def test_the_states_that_play_is_in_most_are_drawn() -> None:
    game = pt.games.make("stochastic-congestion", n_agents=3)
    profile = game.initial_profile("random", 1)
    axis = pt.plot.loads(game, profile, ax=Figure().subplots())
    visits = np.asarray(game.evaluate(profile).visitation)[0] * ~np.asarray(game.absorbing)
    wanted = sorted(np.argsort(-visits)[:7])
    assert [int(name.split(":")[0].split()[1]) for name in named(axis)[1]] == wanted


def test_a_map_has_widths_by_flow_and_colours_by_volume_over_capacity() -> None:
    axis = pt.plot.flows(ROADS, UNIFORM, PLACES)
    flow = np.asarray(ROADS.link_flows(UNIFORM))
    lines = axis.collections[0]
    np.testing.assert_allclose(lines.get_array(), flow / [2, 1, 4], rtol=1e-12)
    widths = np.array(lines.get_linewidths())
    np.testing.assert_allclose((widths - road_maps.THINNEST)
                               / (road_maps.WIDEST - road_maps.THINNEST), flow / flow.max())
    assert len(axis.collections[1].get_paths()) == 3                # marks that point the way
    assert axis.figure.axes[1].get_ylabel() == "volume over capacity"
    assert axis.get_legend().get_title().get_text() == "expected vehicles"
    assert axis.get_title() == "town: 3 agents"


def test_a_named_game_is_drawn_where_it_lies_and_on_given_axes() -> None:
    game = pt.games.make("pigou")
    given = Figure().subplots()
    axis = pt.plot.flows(game, game.initial_profile("uniform", None), ax=given)
    assert axis is given
    assert axis.figure.axes[1].get_ylabel() == "time over that of the free road"


def test_a_link_without_capacity_is_grey_and_it_is_said() -> None:
    half = pt.RoutingGame.from_links([(1, 2), (2, 3), (1, 3)], ROADS.costs, [(1, 3, 3)],
                                     capacity=[2.0, 1.0, np.nan])
    axis = pt.plot.flows(half, UNIFORM, PLACES)
    assert np.ma.getmaskarray(axis.collections[0].get_array()).tolist() == [False, False, True]
    assert "capacity unknown" in [text.get_text() for text in axis.get_legend().get_texts()]


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    for places, message in (
            (None, r"where the nodes of town lie is not known: give places={node: \(x, y\)"),
            ({1: (0, 0), 2: (1, 1)}, "places does not say where node 3 of town lies"),
            ({1: (0, 0), 2: (1, 1), 3: 2}, r"places\[3\] is 2, but \(x, y\) was expected"),
            ({1: (0, 0), 2: (1, 1), 3: (1, "b")}, r"places\[3\] is 'b', not a number"),
            (dict.fromkeys((1, 2, 3), (0, 0)), "places has all nodes at one point"),
            (3, "places is 3, but {node:"),
            (tmp_path / "none.tntp", "none.tntp")):
        with pytest.raises(pt.InputError, match=message):
            pt.plot.flows(ROADS, UNIFORM, places)
    for aspect in (0, -1, np.nan, "x"):
        with pytest.raises(pt.InputError, match=r"^aspect is "):
            pt.plot.flows(ROADS, UNIFORM, PLACES, aspect=aspect)
    profile = DILEMMA.initial_profile("uniform", 0)
    with pytest.raises(pt.InputError, match="has no roads to draw"):
        pt.plot.flows(DILEMMA, profile)
    with pytest.raises(pt.InputError, match="does not say what agents share"):
        pt.plot.loads(DILEMMA, profile)
    with pytest.raises(pt.InputError, match=r"not say what agents share.*pt\.plot\.flows roads"):
        pt.plot.loads(ROADS, UNIFORM)
    game = pt.games.make("distancing", n_agents=2)
    profile = game.initial_profile("uniform", 0)
    for states, message in ((2, "states is 2, but it must be at most 1"), ([], "states is empty"),
                            ([0] * 5000, "states has 0 twice")):
        with pytest.raises(pt.InputError, match=message):
            pt.plot.loads(game, profile, states)
    with pytest.raises(pt.InputError, match="profile is 'uniform'"):
        pt.plot.loads(game, "uniform")


def test_a_figure_is_pyplots_where_that_is_used_and_nothing_is_loaded_before() -> None:
    """In a process of its own: pyplot is loaded for good."""
    told = subprocess.run([sys.executable, "-c", """
import sys
import potentia as pt
assert set(dir(pt.plot)) == {"curves", "flows", "loads", "phase", "profile", "simplex"}
assert "matplotlib" not in sys.modules
from potentia.plot import canvas
canvas.single()
assert "matplotlib.pyplot" not in sys.modules
import matplotlib
matplotlib.use("agg")
from matplotlib import pyplot
axis = canvas.single()
assert pyplot.get_fignums() == [axis.figure.number]
"""], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
