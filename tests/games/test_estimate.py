"""What a game says that it takes."""

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
}


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
