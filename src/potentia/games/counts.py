"""Count vectors: how many of N agents stand at each of A facilities, and how they come about one
agent after another.

There are C = C(N+A-1, A-1) count vectors, in ascending order. An agent that is not counted yet
stands at the last facility, so that the same list serves any number of counted agents, and counting
one more moves one agent away from there. With f_i the distribution of the counts of agents 1..i-1
and

    g_i(c) = E g(c + counts of agents i..N),   g_i(c) = sum_k p_i(k) g_{i+1}(c + e_k),   g_{N+1} = g

the mean of g when agent i surely stands at k is sum_c f_i(c) g_{i+1}(c + e_k). All agents together
take about 2 N A C multiplications for each g, and nobody's factor is ever divided out.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.runtime.pytree import Leaf, tree


@tree
class Counts:
    """The count vectors of N agents over A facilities, and the steps between them. Build it with
    `counts_of`.

    vectors: [C, A], ascending.
    placed: [A, C] index of the vector with one agent moved from the last facility to k; C where
    there is none.
    taken: [A, C] index of the vector with one agent moved from k to the last facility; C where
    there is none.
    """

    vectors: Leaf
    placed: Leaf
    taken: Leaf


def number_of_vectors(n_agents: int, n_facilities: int) -> int:
    """C(N+A-1, A-1)."""
    return math.comb(n_agents + n_facilities - 1, n_facilities - 1)


def count_vectors(n_agents: int, n_facilities: int) -> np.ndarray:
    """[C, A] all vectors of N agents over A facilities, in ascending order."""
    left, columns = np.array([n_agents]), []
    for _ in range(n_facilities - 1):
        times = left + 1
        column = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        columns = [*(np.repeat(earlier, times) for earlier in columns), column]
        left = np.repeat(left, times) - column
    return np.stack([*columns, left], axis=1)


def rank(vectors: Any, n_agents: int) -> Any:
    """The index [...] of each vector [..., A] of N agents in the ascending list; of NumPy or of
    JAX, int64."""
    n_facilities = vectors.shape[-1]
    index = 0 * vectors[..., 0]
    left = n_agents + index
    for k in range(n_facilities - 1):
        after = left - vectors[..., k]
        # Those before it that agree up to k: all with `left` agents on the rest, less those with as
        # few there.
        index = index + _size(left, n_facilities - k) - _size(after, n_facilities - k)
        left = after
    return index


def _size(n_agents: Any, n_facilities: int) -> Any:
    """C(N+A-1, A-1) of an array of N; every division is without rest."""
    size = 1 + 0 * n_agents
    for k in range(1, n_facilities):
        size = size * (n_agents + k) // k
    return size


def counts_of(n_agents: int, n_facilities: int) -> Counts:
    """The count vectors of N agents over A facilities."""
    vectors = count_vectors(n_agents, n_facilities)
    step = np.eye(n_facilities, dtype=int) - np.eye(n_facilities, dtype=int)[-1]
    placed, taken = (np.stack([_moved(vectors, sign * row) for row in step]) for sign in (1, -1))
    return Counts(vectors=vectors, placed=placed, taken=taken)


def _moved(vectors: np.ndarray, step: np.ndarray) -> np.ndarray:
    """[C] index of each vector after a step; C where there is no such vector."""
    after = vectors + step
    missing = (after < 0).any(axis=1)
    after[missing] = vectors[missing]
    return np.where(missing, len(vectors), rank(after, int(vectors[0].sum()))).astype(np.int32)


def distribution(counts: Counts, policies: Array) -> Array:
    """Probability of each count vector when the agents choose by `policies` [N, M, A] in each of M
    cases: `[C, M]`."""
    return _forward(counts, policies)[0]


def leave_one_out(counts: Counts, policies: Array, functions: Array) -> Array:
    """Means of functions of the count vector when one agent's facility is sure and the others' are
    not.

    policies: [N, M, A] in each of M cases. functions: [C, M, F]. Returns `[N, M, A, F]`.
    """
    def take_back(after: Array, agent: tuple[Array, Array]) -> tuple[Array, Array]:
        before, policy = agent
        moved = _at(after, counts.placed)  # [A, C, M, F]
        return jnp.einsum("ma,acmf->cmf", policy, moved), jnp.einsum("cm,acmf->maf", before, moved)

    before = _forward(counts, policies)[1]
    return jax.lax.scan(take_back, functions, (before, policies), reverse=True)[1]


def _forward(counts: Counts, policies: Array) -> tuple[Array, Array]:
    """Probability of each vector, of all agents [C, M] and of those before each agent [N, C, M]."""
    def add_agent(probability: Array, policy: Array) -> tuple[Array, Array]:
        return jnp.einsum("ma,acm->cm", policy, _at(probability, counts.taken)), probability

    nobody = jnp.zeros((counts.vectors.shape[0], policies.shape[1])).at[0].set(1.0)
    return jax.lax.scan(add_agent, nobody, policies)


def _at(table: Array, index: Leaf) -> Array:
    """Rows of a table, 0 where there is none."""
    return table.at[jnp.asarray(index)].get(mode="fill", fill_value=0.0)
