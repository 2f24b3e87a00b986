"""Weighted potential games, held against Monderer and Shapley's definition by enumeration."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.potential import Weighted, classify


def one_state(rewards: np.ndarray, discount: float = 0.0) -> pt.MarkovGame:
    """A normal-form game [N, A1..AN]."""
    return pt.MarkovGame.from_arrays(rewards[:, None], np.zeros((1, *rewards.shape[1:]), int),
                                     discount=discount)


def weights_of(game: pt.MarkovGame, accuracy: float | None = None) -> Weighted:
    """What is said of weights, of a game that has no potential without."""
    kind = classify(game, accuracy=accuracy)
    assert kind.verdict == "REFUTED"
    assert kind.weighted is not None
    return kind.weighted


def pure(game: pt.MarkovGame, actions: tuple[int, ...]) -> np.ndarray:
    profile = np.zeros(np.shape(game.mask))
    for agent, action in enumerate(actions):
        profile[agent, 0, action] = 1.0
    return profile


def hold_to_the_definition(rewards: np.ndarray, weighted: Weighted, game: pt.MarkovGame) -> None:
    """V_i(b) - V_i(a) = w_i (Phi(b) - Phi(a)) for every deviation of every pure profile."""
    counts = rewards.shape[1:]
    phi = np.array([weighted.potential(pure(game, actions))
                    for actions in itertools.product(*map(range, counts))]).reshape(counts)
    scale = 1.0 / (1.0 - float(game.discount))
    assert weighted.weights is not None
    for agent, weight in enumerate(weighted.weights):
        changes = np.diff(rewards[agent] * scale - weight * phi, axis=agent)
        assert np.abs(changes).max() < 1e-10 * weight


def weighted_three(discount: float = 0.0) -> np.ndarray:
    """Three agents with one common payoff, weights 3, 1/2 and 7, and own terms of the others."""
    rng = np.random.default_rng(3)
    common = rng.normal(size=(2, 3, 2))
    free = [rng.normal(size=shape) for shape in ((1, 3, 2), (2, 1, 2), (2, 3, 1))]
    return np.stack([weight * common + own for weight, own in zip((3, 0.5, 7), free, strict=True)])


@pytest.mark.parametrize(("rewards", "weights"), [
    (np.stack([np.arange(9.0).reshape(3, 3) ** 2, 100 * np.arange(9.0).reshape(3, 3) ** 2]),
     (1, 100)),
    # 0.1 times a number is rounded, so that no cycle fits exactly.
    (np.stack([0.3, 0.1])[:, None, None] * np.random.default_rng(1).normal(size=(3, 4)), (3, 1)),
    (weighted_three(), (6, 1, 14)),
])
def test_weights_and_potential_are_those_of_the_definition(rewards, weights):
    game = one_state(rewards)
    found = weights_of(game)
    assert found.verdict == "PROVEN"
    np.testing.assert_allclose(np.array(found.weights), weights, rtol=1e-12)
    hold_to_the_definition(rewards, found, game)
    assert "weighted potential game:                PROVEN: weights " in str(classify(game))


def test_a_discounted_game_has_the_weights_too():
    game = one_state(weighted_three(), discount=0.75)
    found = weights_of(game)
    np.testing.assert_allclose(np.array(found.weights), (6, 1, 14), rtol=1e-12)
    hold_to_the_definition(weighted_three(), found, game)


def test_agents_that_do_not_matter_to_each_other_weigh_1():
    rewards = np.zeros((3, 2, 2, 2))
    rewards[0] = rewards[1] = np.arange(4.0).reshape(2, 2, 1) ** 2
    rewards[0] *= 5
    rewards[2] = np.array([0.0, 3.0])
    found = weights_of(one_state(rewards))
    np.testing.assert_array_equal(found.weights, (5, 1, 1))
    hold_to_the_definition(rewards, found, one_state(rewards))


SQUARE = np.array([[4.0, 0.0], [1.0, 2.0]])


@pytest.mark.parametrize(("rewards", "why"), [
    (np.stack([SQUARE, -SQUARE]), "only weights of unlike signs make up for"),
    (np.stack([SQUARE, 0 * SQUARE]), "agent 1 gains nothing, whatever its weight"),
    (np.stack([np.eye(3), np.diag([1.0, 2.0, 3.0])]), "needs weights with a ratio of"),
])
def test_what_no_weights_fit_is_refuted_and_says_why(rewards, why):
    found = weights_of(one_state(rewards))
    assert found.verdict == "REFUTED"
    assert why in found.proof
    with pytest.raises(InputError, match="no weighted potential is known: REFUTED, no positive"):
        found.potential(np.full((2, 1, rewards.shape[1]), 1 / rewards.shape[1]))


def test_ratios_of_pairs_that_contradict_each_other_refute():
    """Ratios 2, 2 and 3 instead of 4: each pair is a weighted potential game by itself."""
    rewards = np.zeros((3, 2, 2, 2))
    actions = np.indices((2, 2, 2))
    for (i, j), ratio in {(0, 1): 2.0, (1, 2): 2.0, (0, 2): 3.0}.items():
        together = (actions[i] == actions[j]).astype(float)
        rewards[i] += together
        rewards[j] += ratio * together
    found = weights_of(one_state(rewards))
    assert found.verdict == "REFUTED"
    assert "weights could only be 1, 2, 3, but rewards over weights: REFUTED" in found.proof


def test_a_potential_game_is_asked_for_no_weights():
    assert classify(one_state(np.stack([SQUARE, SQUARE]))).weighted is None


def test_numbers_of_limited_accuracy_are_not_told_apart_beyond_it():
    """Ratios 2.00 and 2.02 refute as they stand, but not where the numbers are known to 10 %."""
    rewards = np.stack([np.diag([1.0, 1.0, 0.0]), np.diag([2.0, 2.02, 0.0])])
    assert weights_of(one_state(rewards)).verdict == "REFUTED"
    assert weights_of(one_state(rewards), accuracy=0.02).verdict == "UNKNOWN"
