"""Expectations over independent choices against plain sums over all joint choices."""

from __future__ import annotations

import numpy as np
import pytest

from potentia.games.congestion.products import (
    mean_values,
    own_values,
    product,
    split,
    weighted_total,
)

COUNTS = [(2,), (3, 1), (2, 3), (3, 2, 2), (2, 1, 3, 2), (4, 2, 2, 1, 2)]
STATES = 5


def drawn(counts: tuple[int, ...]) -> tuple[list[np.ndarray], np.ndarray]:
    """Probabilities [m_j, s] of each agent's choice, and of joint choices [m_1, ..., m_k, s]."""
    rng = np.random.default_rng(sum(counts))
    probabilities = [rng.dirichlet(np.ones(count), STATES).T for count in counts]
    joint = np.ones((*counts, STATES))
    for agent, probability in enumerate(probabilities):
        joint = (joint * probability.reshape(*(count if k == agent else 1
                                               for k, count in enumerate(counts)), STATES))
    return probabilities, joint


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("by_state", [False, True])
@pytest.mark.parametrize("counts", COUNTS)
def test_means_are_sums_over_all_joint_choices(counts, by_state):
    probabilities, joint = drawn(counts)
    shape = (*counts, STATES) if by_state else (*counts, 1)
    values = np.random.default_rng(1).normal(size=(len(counts), *shape))
    flat = values.reshape(len(counts), -1, STATES) if by_state else values.reshape(len(counts), -1)
    np.testing.assert_allclose(product(probabilities), joint.reshape(-1, STATES), rtol=1e-14)
    means = (values * joint).sum(axis=tuple(range(1, len(counts) + 1)))
    np.testing.assert_allclose(mean_values(flat, probabilities), means, rtol=0, atol=1e-14)
    for agent, found in enumerate(own_values(flat, probabilities)):
        others = tuple(k for k in range(len(counts)) if k != agent)
        own = probabilities[agent].reshape(*(counts[agent] if k == agent else 1
                                             for k in range(len(counts))), STATES)
        expected = np.broadcast_to((values[agent] * joint / own).sum(axis=others),
                                   (counts[agent], STATES))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("counts", COUNTS)
def test_what_is_spread_is_the_transpose_of_the_mean(counts):
    probabilities, joint = drawn(counts)
    weight = np.random.default_rng(2).random(STATES)
    np.testing.assert_allclose(weighted_total(weight, probabilities),
                               joint.reshape(-1, STATES) @ weight, rtol=1e-14)


@pytest.mark.usefixtures("x64")
def test_nobody_chooses():
    values = np.arange(6.0).reshape(3, 1, 2)
    np.testing.assert_array_equal(mean_values(values, []), values[:, 0])
    np.testing.assert_array_equal(mean_values(values[:, :, 0], []), values[:, 0, :1])
    np.testing.assert_array_equal(weighted_total(np.array([0.25, 0.5]), []), [0.75])


@pytest.mark.parametrize(("counts", "half"),
                         [((2, 2, 2, 2), 2), ((8, 2, 2, 2), 1), ((2, 2, 2, 8), 3), ((3,), 0)])
def test_halves_have_about_equally_many_joint_choices(counts, half):
    assert split(counts) == half
