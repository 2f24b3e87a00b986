"""Graphs of games: of roads, there and back; of moves; of the states that play may come to."""

from __future__ import annotations

import itertools
from typing import Any

import jax.numpy as jnp
import networkx as nx
import numpy as np
import pytest

import potentia as pt
from slow_markov import SlowGame, random_arrays

LINKS = [(1, 2), (1, 2), (2, 3), (1, 3)]


def roads(power: object) -> pt.RoutingGame:
    """Two links side by side, one without delays; trips of two pairs."""
    costs = pt.link_costs.bpr([1.0, 2.0, 3.0, 0.5], [10.0, 20.0, 5.0, 7.0], [0.15, 0.0, 0.3, 1.0],
                              power)
    return pt.RoutingGame.from_links(
        LINKS, costs, [(1, 3, 4), (2, 3, 2)], weight=0.5, name="roads",
        node_names=("home", "bridge", "work"), link_ids=["a", "b", "c", "d"],
        capacity=[10.0, 20.0, 5.0, 7.0], length=[1.0, np.nan, 2.0, 3.0],
        tolls=[0.0, 0.25, 0.0, 1.0])


@pytest.mark.parametrize("power", [4.0, [1.0, 3.0, 2.5, 4.0]])
def test_roads_go_both_ways(x64, power):
    game = roads(power)
    graph = game.to_networkx()
    again = pt.io.from_networkx(graph, graph.graph["trips"], n_agents=graph.graph["n_agents"],
                                toll_weight=1.0)
    assert (again.n_agents, float(again.weight), again.name) == (6, 0.5, "roads")
    order = [graph_key for _, _, graph_key in graph.edges(keys=True)]
    places = [game.link_ids.index(key) for key in order]
    loads = jnp.tile(jnp.linspace(0, 12, 4), (4, 1))
    for link, place in enumerate(places):
        assert again.node_names[again.links[link][0] - 1] == game.node_names[
            game.links[place][0] - 1]
        np.testing.assert_allclose(again.costs.at(loads)[link], game.costs.at(loads)[place],
                                   rtol=1e-12)
        np.testing.assert_equal(again.lengths[link], game.lengths[place])
        assert again.tolls[link] == game.tolls[place]


def test_a_profile_puts_flows_on_the_links():
    game = roads(4.0)
    profile = np.asarray(game.initial_profile("uniform", 0))
    graph, frame = game.to_networkx(profile), game.to_dataframe(profile)
    for row in frame.to_dict("records"):
        edge = graph.get_edge_data(row["from"], row["to"], row["id"])
        assert [edge[name] for name in ("flow", "time", "cost")] == [
            row[name] for name in ("flow", "time", "cost")]


def test_costs_that_are_no_bpr_are_not_told_as_such():
    graph = pt.games.make("braess").to_networkx()
    told = {(start, end): (facts["free_flow_time"], facts["b"], facts["power"])
            for start, end, facts in graph.edges(data=True)}
    without_load = [facts for facts in told.values() if facts[0] == 0 and np.isnan(facts[1])]
    assert without_load
    with pytest.raises(pt.InputError):
        pt.io.from_networkx(graph, graph.graph["trips"], n_agents=graph.graph["n_agents"])


def test_moves_of_a_congestion_game_are_edges_with_rewards_by_load():
    moves, rewards = [[1, 1, 2], [2, -1, -1], [2, -1, -1]], np.zeros((3, 3, 2))
    rewards[0] = [[-1, -2], [-1.5, -3], [-4, -4.5]]
    game = pt.CongestionGame.from_network(moves, rewards, n_agents=2, discount=1.0)
    graph: Any = game.to_networkx()
    assert {(*edge[:3], edge[3]["rewards"]) for edge in graph.edges(keys=True, data=True)} == {
        (0, 1, 0, (-1.0, -2.0)), (0, 1, 1, (-1.5, -3.0)), (0, 2, 2, (-4.0, -4.5)),
        (1, 2, 0, (0.0, 0.0)), (2, 2, 0, (0.0, 0.0))}


def test_states_that_play_may_come_to():
    arrays: dict[str, Any] = random_arrays(2, (2, 3), 9, 0.9, successors=2, masked=True)
    arrays["initial"] = np.eye(9)[4]
    game, slow = pt.MarkovGame.from_arrays(**arrays), SlowGame.of(arrays)
    graph = game.to_networkx()
    whole = nx.DiGraph()
    for state in range(9):
        for joint in itertools.product(range(2), range(3)):
            if all(game.mask[agent, state, action] for agent, action in enumerate(joint)):
                for following in np.flatnonzero(np.asarray(slow.transitions[state, *joint], float)):
                    count = whole.get_edge_data(state, following, {"joint_actions": 0})
                    whole.add_edge(state, int(following), joint_actions=count["joint_actions"] + 1)
    reached = whole.subgraph(nx.descendants(whole, 4) | {4})
    assert set(graph.nodes) == set(reached.nodes)
    assert sorted(graph.edges(data="joint_actions")) == sorted(reached.edges(data="joint_actions"))
    assert graph.nodes[4] == {"initial": 1.0, "absorbing": False}


def test_states_are_called_by_their_names():
    graph = pt.games.make("pollution-tax").to_networkx()
    assert set(graph.nodes) == {"free of pollution", "polluted"}
    assert graph.edges["polluted", "free of pollution"]["joint_actions"] == 1


def test_any_game_with_a_table_has_a_graph_of_states():
    graph = pt.bridges.networkx.to_networkx(pt.games.make("distancing", n_agents=2))
    assert set(graph.nodes) == {0, 1}
    assert graph.edges[0, 0]["joint_actions"] > 0


@pytest.mark.parametrize(("call", "why"), [
    (lambda: pt.bridges.networkx.to_networkx(pt.games.make("stag-hunt"), [[[1, 0]]]),
     "game is a MarkovGame, but only links of a RoutingGame have flows; leave profile out"),
    (lambda: pt.bridges.networkx.to_networkx("game"), "game is a str, but to_networkx needs a"),
])
def test_what_does_not_fit_is_said(call, why):
    with pytest.raises(pt.InputError) as told:
        call()
    assert why in str(told.value)


def test_tools_are_called_by_their_names():
    name = "networks"
    with pytest.raises(AttributeError, match=f"'{name}'; did you mean 'networkx'"):
        getattr(pt.bridges, name)
    assert dir(pt.bridges) == ["gambit", "nashpy", "networkx", "quantecon"]
