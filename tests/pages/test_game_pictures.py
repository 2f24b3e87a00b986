"""What is drawn of games and policies, held against what can be counted by hand."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import link_costs
from potentia.pages.blocks import Picture
from potentia.pages.called import ends_of, row_of
from potentia.pages.matrices import payoffs
from potentia.pages.networks import network_of, walks
from potentia.pages.pictures import picture_blocks
from potentia.pages.policy_maps import choices, policy_map
from potentia.pages.ribbons import ribbons
from potentia.pages.road_figures import road_figure
from potentia.pages.ways import STEPS, way_of

ROADS = [("s", "a"), ("s", "b"), ("a", "t"), ("b", "t"), ("a", "b")]
NAME = "stochastic-congestion"


def by_walking(game: Any, network: Any, profile: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """[N] by edge: every play followed from the start, all joint moves enumerated."""
    found: dict[tuple[int, int], np.ndarray] = {}
    state_of = {tuple(network.node[:, state]): state for state in range(network.node.shape[1])}
    agents = range(game.n_agents)
    discount, end = 0.9, len(network.moves) - 1

    def follow(nodes: tuple[int, ...], weight: float) -> None:
        if all(node == end for node in nodes):
            return
        seen = [state_of[nodes]] * game.n_agents if game.full_information else list(nodes)
        moves = [[m for m, after in enumerate(network.moves[node]) if after >= 0]
                 for node in nodes]
        for joint in itertools.product(*moves):
            chance = np.prod([profile[i, seen[i], joint[i]] for i in agents])
            after = tuple(int(network.moves[nodes[i], joint[i]]) for i in agents)
            for i in agents:
                if nodes[i] != end:
                    edge = found.setdefault((nodes[i], after[i]), np.zeros(game.n_agents))
                    edge[i] += weight * chance
            follow(after, discount * weight * chance)

    follow((0,) * game.n_agents, 1.0)
    return found


@pytest.mark.parametrize("parameters", [
    {"graph": tuple(ROADS), "source": "s", "sink": "t", "observe": "own"},
    {"graph": tuple(ROADS), "source": "s", "sink": "t"},
    {"representation": "congestion"}])
def test_edges_carry_the_agents_that_walk_there(parameters: dict[str, Any]) -> None:
    game = pt.games.make(NAME, n_agents=2, discount=0.9, **parameters)
    profile = np.asarray(game.initial_profile("random", 3))
    network = network_of(game)
    assert network is not None
    expected = by_walking(game, network, profile)
    found = walks(game, network, profile)
    edges = [tuple(edge) for edge in network.edges().tolist()]
    assert set(edges) == set(expected)
    np.testing.assert_allclose(found, [expected[edge] for edge in edges], atol=1e-12)
    if "graph" in parameters:
        assert network.names == ("s", "a", "b", "t")
        assert network.places()[:, 0].tolist() == [0.0, 2.0, 4.0, 6.0]


def test_other_games_have_no_network() -> None:
    assert network_of(pt.games.make("stag-hunt")) is None


def test_payoffs_are_those_of_the_matrix() -> None:
    given = np.random.default_rng(0).normal(size=(2, 2, 3))
    stay = np.zeros((1, 2, 3), int)
    for discount in (0.0, 0.9):
        game = pt.MarkovGame.from_arrays(given[:, None], stay, discount=discount)
        np.testing.assert_allclose(payoffs(game), given, atol=1e-13)


def test_a_ribbon_has_its_width_to_the_right() -> None:
    x, y = ribbons(np.array([[0, 0]]), np.array([[2, 0]]), np.array([0.0]), np.array([0.5]))
    np.testing.assert_array_equal(x[:5], [0, 2, 2, 0, 0])
    np.testing.assert_allclose(y[:5], [0, 0, -0.5, -0.5, 0])
    assert np.isnan(x[5])


def at_start(game: pt.Game) -> pt.Result:
    """A result of no update."""
    return pt.Result(game, np.asarray(game.initial_profile("uniform", 0)),
                     pt.Status.MAX_ITERATIONS, 0, {}, {})


@pytest.fixture(scope="module")
def hunt() -> pt.Result:
    return pt.solve(pt.games.make("stag-hunt"), pt.rules.INPG(step_size=0.1), runs=2,
                    max_iterations=60, tolerance=1e-3, check_every=5, snapshots=1)


def test_steps_are_spread_over_what_was_kept(hunt: pt.Result) -> None:
    way = way_of(hunt)
    counts = np.ravel(hunt.iterations)
    assert len(way.iterations) == STEPS
    assert way.iterations[0] == 0
    assert way.iterations[-1] == counts.max()
    assert hunt.snapshots is not None
    for run in range(2):
        profiles = way.profiles(run)
        np.testing.assert_array_equal(profiles[-1], hunt.profiles[run])
        for step, at in enumerate(way.iterations):
            if at < counts[run]:
                row = np.flatnonzero(hunt.snapshots.iteration[run] == at)[0]
                np.testing.assert_array_equal(profiles[step], hunt.snapshots.profile[run, row])


def test_the_slider_of_a_run_ends_where_the_run_did(hunt: pt.Result) -> None:
    counts = np.ravel(hunt.iterations).tolist()
    assert counts[0] != counts[1]
    for run, count in enumerate(counts):
        way = way_of(hunt).of(run)
        assert way.iterations[-1] == count
        assert len(set(way.iterations.tolist())) == len(way.iterations)
        np.testing.assert_array_equal(way.profiles(0)[-1], hunt.profiles[run])
        matrix: Any = picture_blocks(hunt, run, None, "g")[0]
        assert f'"label":"{count}"' in matrix.drawn.figure
        assert matrix.drawn.figure.count('"method":"animate"') == len(way.iterations) + 2
    short = int(np.argmin(counts))
    first: Any = picture_blocks(hunt, short, None, "g")[0]
    assert f'"label":"{max(counts)}"' not in first.drawn.figure


def test_a_run_without_snapshots_is_drawn_at_its_end_and_says_how_to_keep_them() -> None:
    blocks = picture_blocks(at_start(pt.games.make("stag-hunt")), 0, None, "g")
    assert "snapshots=" in str(blocks[0])
    assert "sliders" not in str(blocks[1:])


def test_what_has_a_name_is_called_by_it() -> None:
    game = pt.MarkovGame.from_payoffs([[2, 0], [0, 1]], [[1, 0], [0, 2]], agents=["<Ann>", "Bob"],
                                      actions=["opera", "football"])
    result = at_start(game)
    figures = "".join(block.drawn.figure for block in picture_blocks(result, 0, None, "g")
                      if isinstance(block, Picture))
    for name in ("&lt;Ann&gt;", "Bob", "opera", "football"):
        assert name in figures
    for other in ("<Ann>", "agent 0", "action 0"):
        assert other not in figures


def test_a_map_is_drawn_where_nodes_lie_or_laid_out() -> None:
    result = at_start(pt.games.make("braess"))
    drawn = [block for block in picture_blocks(result, 0, None, "g") if block.kind == "picture"]
    assert len(drawn) == 2
    assert "vehicles" in str(drawn[0])


def road_map(links: list[tuple[int, int]]) -> tuple[pt.RoutingGame, Any, str]:
    """A game of 4 trips from 1 to 3, its map and what is said of it."""
    costs = link_costs.bpr(np.ones(len(links)), np.ones(len(links)))
    game = pt.RoutingGame.from_links(links, costs, [(1, 3, 4)])
    figure, note = road_figure(game, way_of(at_start(game)), PLACES)
    return game, figure, note


PLACES = {1: (0.0, 0.0), 2: (1.0, 0.0), 3: (2.0, 0.0)}


@pytest.mark.parametrize("back", [False, True])
def test_links_lie_between_their_ends_unless_there_is_one_back(back: bool) -> None:
    _, figure, note = road_map([(1, 2), (2, 3), *([(3, 2), (2, 1)] if back else [])])
    y = np.concatenate([trace.y for trace in figure.data if trace.fill == "toself"]).reshape(-1, 6)
    carried = np.nanmax(y, axis=1) - np.nanmin(y, axis=1) > 0.03        # more than the thinnest
    middle = (np.nanmax(y, axis=1) + np.nanmin(y, axis=1))[carried] / 2
    assert len(middle) == 2
    assert (np.abs(middle) > 0.01).all() if back else np.allclose(middle, 0.0, atol=1e-6)
    assert ("both directions" in note) is back


def test_policies_of_roads_are_called_by_junction_and_link() -> None:
    game = pt.games.make("braess")
    figure, note = policy_map(game, way_of(at_start(game)))
    data: Any = figure.data[0]
    assert list(data.y) == ["at 1", "at 3"]
    assert [list(row) for row in data.text] == [["to 3", "to 4"], ["to 2", "to 4"]]
    assert list(data.x) == ["link 1", "link 2"]
    assert "%{text}" in data.texttemplate
    # At 4 there is one link.
    assert note == ("Left out: 1 row (trips at a junction) with one link only, where there is no "
                    "choice.")


def test_rows_of_roads_have_names_of_their_own_each() -> None:
    links = [(1, 2), (1, 3), (2, 4), (3, 4), (2, 3), (3, 2)]
    costs = link_costs.bpr(np.ones(6), np.ones(6))
    demand = [(1, 4, 2), (2, 4, 1)]
    given: list[dict[str, Any]] = [{}, {"policies": "agent"}, {"policies": "destination"},
                                   {"horizon": 3}]
    for more in given:
        game = pt.RoutingGame.from_links(links, costs, demand, **more)
        names = [row_of(game, row, 0) for row, _ in choices(game)]
        assert len(set(names)) == len(names) > 1, more
        assert not any("row" in name for name in names)
        assert any("trips 1 to 4" in name for name in names) or more.get("policies") == \
            "destination"
        links_of = ends_of(game, [row for row, _ in choices(game)], 2)
        for name, ends in zip(names, links_of, strict=True):
            start = int(name.split()[1].rstrip(","))
            for end in ends:
                assert (start, int(end.split()[1])) in links


def test_rows_without_a_choice_are_counted() -> None:
    game = pt.games.make(NAME, n_agents=2)
    _, note = policy_map(game, way_of(at_start(game)))
    single = int((np.asarray(game.mask).sum(axis=-1) == 1).sum())
    assert single > 0
    assert note.endswith(f"Left out: {single} rows (an agent in a state) with one action only, "
                         f"where there is no choice.")
