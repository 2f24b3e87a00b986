"""What a game says that it takes."""

import time

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.bench.growth import sparse_game
from potentia.errors import InputError

GAMES = {
    "tabular": lambda: pt.games.make("stochastic-congestion", n_agents=4),
    "congestion": lambda: pt.games.make("stochastic-congestion", n_agents=8),
    "loads": lambda: pt.games.make("distancing", n_agents=6, representation="loads"),
    "anonymous": lambda: pt.games.make("anonymous-congestion", n_agents=20),
    "roads": lambda: pt.games.make("sioux-falls"),
}
COSTS = {
    "polynomial": lambda: pt.link_costs.bpr(1.0, [2.0, 3.0] * 40),
    "power law": lambda: pt.link_costs.bpr(1.0, [2.0, 3.0] * 40, power=4.5),
    "table": lambda: pt.link_costs.tabulated(np.tile(np.arange(1.0, 241.0), (80, 1))),
}
TIMES = 8       # by which the told time may be off, on a machine with other work


@pytest.mark.parametrize("name", GAMES)
def test_every_representation_has_a_cost(name):
    game = GAMES[name]()
    cost = pt.cost(game)
    assert cost.bytes >= sum(np.asarray(leaf).nbytes for leaf in jax.tree.leaves(game))
    assert cost.operations > 0
    assert 0 < cost.seconds < 1
    assert "memory of a solve" in str(cost)


def test_the_work_is_that_of_the_matrix_products():
    game = pt.games.make("stochastic-congestion", n_agents=10, representation="congestion")
    # each agent's values from each state to each next one, 2 layers
    products = 2 * 10 * (1024 * 1024 + 1024)
    assert products < pt.cost(game).operations < 1.5 * products


def test_the_cost_of_sparse_transitions_is_in_proportion_to_their_entries():
    few, many = (pt.cost(sparse_game(n_states)) for n_states in (2_000, 20_000))
    assert many.operations == pytest.approx(10 * few.operations)
    assert many.bytes == pytest.approx(10 * few.bytes, rel=1e-3)


def test_what_does_not_fit_is_refused_at_once_with_the_numbers():
    with pytest.raises(InputError,
                       match=r"n_agents=14 needs a table .* MB, .*; representation='congestion' "
                             r"needs no"):
        pt.games.make("stochastic-congestion", n_agents=14, representation="tabular")
    with pytest.raises(InputError,
                       match=r"23 agents have .* joint states, .* MB, but this machine has .* MB"):
        pt.games.make("stochastic-congestion", n_agents=23, layers=4)
    with pytest.raises(InputError, match="game is a str, which has no cost"):
        pt.cost("stochastic-congestion")


def in_blocks(costs: str, policies: str, n_types: int = 30) -> pt.RoutingGame:
    """A row of 40 pairs of parallel links, and trips from its first nodes to its end."""
    links = [(node, node + 1) for node in range(1, 41) for _ in range(2)]
    demand = [(1 + start, 41, 240 // n_types) for start in range(n_types)]
    return pt.RoutingGame.from_links(links, COSTS[costs](), demand, policies=policies)


@pytest.mark.parametrize("made", [GAMES["roads"], lambda: in_blocks("table", "type")])
def test_an_evaluation_on_roads_takes_about_as_long_as_told(made):
    """In seconds of the processor, as other work may be on the machine; an iteration's rule takes
    some more."""
    game = made()
    profile, times = game.initial_profile("uniform", None), []
    game.evaluate(profile)
    for _ in range(20):
        began = time.process_time()
        game.evaluate(profile)
        times.append(time.process_time() - began)
    told = pt.cost(game).seconds
    assert told / TIMES < min(times) < told * TIMES


def test_the_time_on_roads_grows_with_what_is_done():
    few, many = (in_blocks("power law", "destination", count) for count in (10, 30))
    assert len(few.rows.node) == len(many.rows.node)
    assert few.passes() == many.passes()
    assert many.passes() > 5 * in_blocks("polynomial", "destination").passes()
    # Of 240 agents a table is made, whose windows hold 140 numbers.
    assert in_blocks("power law", "type").passes() > 5 * in_blocks("polynomial", "type").passes()
