"""Files of congestion, load-driven and symmetric games: read again, they are the same bits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest

import potentia as pt


def random_loads() -> pt.LoadGame:
    rng = np.random.default_rng(0)
    return pt.LoadGame.from_loads(rng.normal(size=(3, 2, 2, 3)), rng.dirichlet(np.ones(2), (2, 4)),
                                  discount=0.9, n_agents=3, common=rng.normal(size=(2, 4)),
                                  initial=[0.25, 0.75], name="by hand")


def many_states() -> pt.LoadGame:
    """Its distributions move in their last bit when they are normalised once more."""
    following = np.random.default_rng(0).random((7, 3, 7))
    following /= following.sum(axis=2, keepdims=True)
    return pt.LoadGame.from_loads(np.zeros((7, 2, 2)), following, discount=0.9, n_agents=2)


def two_starts() -> pt.CongestionGame:
    moves, rewards = [[1, 2], [3, -1], [3, -1], [3, -1]], np.zeros((4, 2, 2))
    rewards[:3] = np.random.default_rng(1).normal(size=(3, 2, 2))
    return pt.CongestionGame.from_network(moves, rewards, n_agents=2, discount=1.0,
                                          start=[[0, 1], [0, 0]])


GAMES: dict[str, Callable[[], pt.Game]] = {
    "reachable": lambda: pt.games.make("stochastic-congestion", n_agents=3,
                                       representation="congestion"),
    "all states, in a loop": lambda: pt.games.make(
        "stochastic-congestion", n_agents=2, layers=1, representation="congestion", states="all",
        ending="loop", start="uniform"),
    "in parts": lambda: pt.games.make("stochastic-congestion", n_agents=3, shards=2),
    "two starts": two_starts,
    "certain loads": lambda: pt.games.make("distancing", n_agents=3, representation="loads"),
    "random loads": random_loads,
    "loads that move when normalised": many_states,
    "symmetric": lambda: pt.games.make("anonymous-congestion", n_agents=5),
    "symmetric, in a loop": lambda: pt.games.make("anonymous-congestion", n_agents=4,
                                                  ending="loop"),
}


@pytest.mark.parametrize("name", GAMES)
def test_a_game_is_read_again_to_the_same_bits(name: str, tmp_path: Path) -> None:
    game = GAMES[name]()
    pt.io.save_game(game, tmp_path / "game.npz")
    read = pt.io.load_game(tmp_path / "game.npz")
    assert type(read) is type(game)
    assert read.name == game.name
    own, other = jax.tree.leaves(game), jax.tree.leaves(read)
    assert len(own) == len(other)
    for one, two in zip(own, other, strict=True):
        np.testing.assert_array_equal(one, two)
        assert np.asarray(one).dtype == np.asarray(two).dtype


def test_a_run_of_such_a_game_is_saved_with_it(tmp_path: Path) -> None:
    game = random_loads()
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=3)
    pt.save(result, tmp_path / "run")
    assert pt.certify(pt.load(tmp_path / "run").game, result).nash_gap >= 0


@pytest.mark.parametrize(("change", "message"), [
    ({"arguments": 3}, "arguments is 3, but an object was expected"),
    ({"arguments": {}}, "the arguments do not fit: .*missing"),
    ({"arguments": {"discount": 2.0, "n_agents": 3}},
     r"discount is 2, but it must lie in \[0, 1\)"),
])
def test_an_edited_file_is_refused_by_name(change: dict, message: str, tmp_path: Path) -> None:
    pt.io.save_game(random_loads(), tmp_path / "game.npz")
    with np.load(tmp_path / "game.npz") as file:
        arrays = dict(file)
    header = {**json.loads(str(arrays.pop("header"))), **change}
    np.savez(tmp_path / "game.npz", header=np.array(json.dumps(header)), **arrays)
    with pytest.raises(pt.InputError, match=r"game\.npz.*" + message):
        pt.io.load_game(tmp_path / "game.npz")
