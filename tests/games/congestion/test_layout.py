"""Which configurations there are, and how the states of a congestion game are laid out."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from networks import network, padded, pays, reached
from potentia.games.congestion import configurations, layout

KINDS = ("forward", "layers", "two ends", "return", "recurrent", "caught")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_reachable_configurations_are_those_of_a_plain_search(kind, seed):
    moves = network(kind, seed)
    starts = np.array([[0, 0, 0], [1, 0, 2]])
    digit_weights = configurations.digit_weights(len(moves), 3)
    codes = configurations.reachable(moves, digit_weights, starts @ digit_weights)
    assert (np.diff(codes) > 0).all()
    nodes = configurations.nodes_of(codes, len(moves), digit_weights)
    assert {tuple(row) for row in nodes.tolist()} == reached(moves, [(0, 0, 0), (1, 0, 2)])
    assert configurations.most(moves, starts) >= len(codes)


@pytest.mark.parametrize(("n_agents", "count"), [(2, 10), (20, 2 + 2**21), (60, 2 + 2**61)])
def test_layers_are_counted_without_a_list(n_agents, count):
    layers = padded([[1, 2], [3, 4], [3, 4], [5], [5], [5]])
    assert configurations.most(layers, np.zeros((1, n_agents), int)) == count


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shards", [1, 3])
@pytest.mark.parametrize(("large", "most_shapes"), [(32, 12), (1, 10**6), (1, 0)])
def test_every_configuration_has_one_state_and_leads_to_later_ones(kind, shards, large, most_shapes,
                                                                   monkeypatch):
    monkeypatch.setattr(layout, "LARGE", large)
    monkeypatch.setattr(layout, "MOST_SHAPES", most_shapes)
    moves = network(kind, 1)
    game = pt.CongestionGame.from_network(moves, pays(moves, 3, 0), n_agents=3, discount=0.5,
                                          states="all",
                                          shards=shards)
    digit_weights = configurations.digit_weights(len(moves), 3)
    real = game.configurations[:, 0] >= 0
    assert game.n_states % shards == 0
    np.testing.assert_array_equal(game.configurations[game.position] @ digit_weights, game.codes)
    np.testing.assert_array_equal(np.sort(game.position), np.flatnonzero(real))
    assert not game.initial[~real].any()
    length, first = game.n_states // shards, 0
    for group in game.groups:
        assert group.first == first
        first += group.size
        block = np.broadcast_to(group.block, group.chunks).reshape(shards, -1)
        inside = np.arange(shards)[:, None] * length + np.arange(group.first, first)
        for state, targets in zip(inside[real[inside]], group.targets[block[real[inside]]],
                                  strict=True):
            ends = {int(code) for code in game.configurations[targets] @ digit_weights}
            assert ends == following(moves, game.configurations[state], digit_weights)
            if game.depth is not None:
                assert (targets % length >= first).all() or game.back is not None
    ended = np.arange(game.n_states) % length >= first
    np.testing.assert_array_equal(game.absorbing, ended)


def following(moves: np.ndarray, nodes: np.ndarray, digit_weights: np.ndarray) -> set[int]:
    """Codes one step after a configuration."""
    codes = {0}
    for node, value in zip(nodes, digit_weights, strict=True):
        codes = {code + int(move) * int(value) for code in codes for move in moves[node]
                 if move >= 0}
    return codes


def test_blocks_of_any_size_are_cut_evenly_for_the_shards():
    """A network whose layer of 7 nodes gives blocks of 49 states, which 2 shards cannot share
    evenly."""
    wide = 7
    moves = np.full((wide + 2, wide), -1)
    moves[0], moves[1:-1, :2], moves[-1, 0] = np.arange(1, wide + 1), wide + 1, wide + 1
    game = pt.CongestionGame.from_network(moves, pays(moves, 2, 0), n_agents=2, discount=1.0,
                                          shards=2)
    assert (game.configurations[:, 0] >= 0).sum() == 2 + wide**2
    assert any(group.block.shape[2] == 1 and group.where.shape[3] > 1 for group in game.groups)


def test_a_block_of_prime_size_is_not_cut_into_single_states(monkeypatch):
    monkeypatch.setattr(layout, "SOURCES", 4)
    monkeypatch.setattr(layout, "LARGE", 2)
    wide = 7
    moves = np.full((wide + 4, wide), -1)
    moves[0], moves[1:wide + 1, :2], moves[wide + 1:-1, 0] = np.arange(1, wide + 1), [
        wide + 1, wide + 2], wide + 3
    moves[-1, 0] = wide + 3
    game = pt.CongestionGame.from_network(moves, pays(moves, 1, 0), n_agents=1, discount=0.5)
    assert (1, 2, 4) in [group.chunks for group in game.groups]
    assert game.n_states == len(game.codes) + 1
    profile = game.mask / game.mask.sum(axis=-1, keepdims=True)
    real = game.configurations[:, 0] >= 0  # the padding of a prime block stands for nothing
    values, expected = game.evaluate(profile).v, game.tabular().evaluate(profile).v
    np.testing.assert_allclose(values[:, real], expected[:, real], rtol=1e-13)
