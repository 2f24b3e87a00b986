"""Count vectors: the list, its order, and dynamic programming over it, against plain
enumeration."""

from __future__ import annotations

import itertools

import jax
import numpy as np
import pytest

from potentia.games.counts import (
    count_vectors,
    counts_of,
    distribution,
    leave_one_out,
    number_of_vectors,
    rank,
)

SIZES = [(0, 3), (1, 1), (4, 1), (5, 2), (4, 3), (3, 5)]


@pytest.mark.parametrize(("n_agents", "n_facilities"), SIZES)
def test_the_list_is_complete_and_ascending(n_agents: int, n_facilities: int) -> None:
    every = itertools.product(range(n_agents + 1), repeat=n_facilities)
    expected = [vector for vector in every if sum(vector) == n_agents]
    found = count_vectors(n_agents, n_facilities)
    assert found.tolist() == [list(vector) for vector in expected]
    assert number_of_vectors(n_agents, n_facilities) == len(expected)
    assert rank(found, n_agents).tolist() == list(range(len(expected)))


def test_rank_on_the_device_is_rank_on_the_host(x64: None) -> None:
    found = count_vectors(7, 4)
    assert jax.jit(rank, static_argnums=1)(found, 7).tolist() == list(range(120))


@pytest.mark.parametrize(("n_agents", "n_facilities"), [(4, 3), (5, 2), (3, 1), (1, 4)])
def test_steps_move_one_agent(n_agents: int, n_facilities: int) -> None:
    counts = counts_of(n_agents, n_facilities)
    vectors = counts.vectors.tolist()
    for k, place in itertools.product(range(n_facilities), range(len(vectors))):
        after = list(vectors[place])
        after[-1] -= 1
        after[k] += 1
        expected = vectors.index(after) if min(after) >= 0 else len(vectors)
        assert counts.placed[k, place] == expected
        if expected < len(vectors):
            assert counts.taken[k, expected] == place


@pytest.mark.parametrize(("n_agents", "n_facilities"), [(4, 3), (1, 3)])
def test_means_are_those_over_joint_choices(x64: None, n_agents: int, n_facilities: int) -> None:
    rng = np.random.default_rng(n_agents)
    counts = counts_of(n_agents, n_facilities)
    policies = rng.dirichlet(np.ones(n_facilities), size=(n_agents, 2))
    functions = rng.normal(size=(len(counts.vectors), 2, 3))
    probability, means = np.zeros((len(counts.vectors), 2)), np.zeros((n_agents, 2, n_facilities,
                                                                       3))
    agents = np.arange(n_agents)
    for choices in itertools.product(range(n_facilities), repeat=n_agents):
        place = rank(np.bincount(choices, minlength=n_facilities), n_agents)
        for case in range(2):
            weights = policies[agents, case, choices]
            probability[place, case] += weights.prod()
            for agent in agents:
                means[agent, case, choices[agent]] += np.delete(
                    weights, agent).prod() * functions[place, case]
    np.testing.assert_allclose(jax.jit(distribution)(counts, policies), probability, rtol=0,
                               atol=1e-15)
    np.testing.assert_allclose(jax.jit(leave_one_out)(counts, policies, functions), means, rtol=0,
                               atol=1e-14)


def test_nobody_is_divided_out(x64: None) -> None:
    """Where all others are sure, or all but sure, leaving one out by dividing would lose every
    digit."""
    sure = np.array([[[1.0, 0.0]], [[1.0 - 1e-16, 1e-16]], [[0.5, 0.5]]])
    counts = counts_of(3, 2)
    is_full = (counts.vectors[:, 0] == 3).astype(float)[:, None, None]
    means = jax.jit(leave_one_out)(counts, sure, is_full)[:, 0, 0, 0]
    np.testing.assert_allclose(means, [0.5, 0.5, 1.0], rtol=1e-15)
