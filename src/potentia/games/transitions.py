"""Transition tables of a tabular game, sparse or dense, behind two questions.

`expect(values)` is E[values(s') | s, joint action]; `mix(weights)` is the state-to-state matrix when
joint actions are drawn with the given weights. `csr()` hands the same numbers to SciPy.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import scipy.sparse as sp
from jax import Array

from potentia.trees import Leaf, tree


@tree
class SparseTransitions:
    """At most K successors for each state and joint action.

    targets: [S, J, K] int32 next states. probabilities: [S, J, K], or None if K = 1 and each is certain.
    Unused places repeat some target with probability 0.
    """

    targets: Leaf
    probabilities: Leaf | None

    def expect(self, values: Array) -> Array:
        """values [S, M] -> [S, J, M]."""
        if self.probabilities is None:
            return values[self.targets[:, :, 0]]
        return jnp.einsum("sjk,sjkm->sjm", self.probabilities, values[self.targets])

    def mix(self, weights: Array) -> Array:
        """weights [S, J] -> transition matrix [S, S]."""
        n_states = self.targets.shape[0]
        shares = weights[:, :, None]
        if self.probabilities is not None:
            shares = shares * self.probabilities
        rows = jnp.arange(n_states, dtype=self.targets.dtype)[:, None, None]
        return jnp.zeros((n_states, n_states), weights.dtype).at[rows, self.targets].add(shares)

    def step(self, states: Array, joint: Array, uniform: Array) -> Array:
        """Next states drawn for states and joint actions of one shape; `uniform` in [0, 1)."""
        targets = jnp.asarray(self.targets)[states, joint]
        if self.probabilities is None:
            return targets[..., 0]
        place = _inverse_cdf(jnp.asarray(self.probabilities)[states, joint], uniform)
        return jnp.take_along_axis(targets, place[..., None], axis=-1)[..., 0]

    def csr(self) -> sp.csr_array:
        """The table as a SciPy matrix `[S*J, S]`."""
        targets = np.asarray(self.targets)
        n_states, n_joint, width = targets.shape
        data = np.ones(targets.size) if self.probabilities is None else np.asarray(self.probabilities).ravel()
        rows = np.repeat(np.arange(n_states * n_joint), width)
        table = sp.csr_array((data, (rows, targets.ravel())), shape=(n_states * n_joint, n_states))
        table.eliminate_zeros()
        return table


@tree
class DenseTransitions:
    """Probabilities of every next state: matrix [S, J, S]."""

    matrix: Leaf

    def expect(self, values: Array) -> Array:
        """values [S, M] -> [S, J, M]."""
        return self.matrix @ values

    def mix(self, weights: Array) -> Array:
        """weights [S, J] -> transition matrix [S, S]."""
        return jnp.einsum("sj,sjt->st", weights, self.matrix)

    def step(self, states: Array, joint: Array, uniform: Array) -> Array:
        """Next states drawn for states and joint actions of one shape; `uniform` in [0, 1)."""
        return _inverse_cdf(jnp.asarray(self.matrix)[states, joint], uniform)

    def csr(self) -> sp.csr_array:
        """The table as a SciPy matrix `[S*J, S]`."""
        return sp.csr_array(np.asarray(self.matrix).reshape(-1, self.matrix.shape[-1]))


Transitions = SparseTransitions | DenseTransitions


def from_csr(table: sp.csr_array, n_states: int) -> Transitions:
    """The representation that holds `table` `[S*J, S]` in less memory."""
    n_rows = table.shape[0]
    n_joint = n_rows // n_states
    width = max(1, int(np.diff(table.indptr).max(initial=0)))
    if width > n_states // 2:
        return DenseTransitions(table.toarray().reshape(n_states, n_joint, n_states))
    place = np.arange(table.nnz) - np.repeat(table.indptr[:-1], np.diff(table.indptr))
    row = np.repeat(np.arange(n_rows), np.diff(table.indptr))
    targets = np.zeros((n_rows, width), np.int32)
    probabilities = np.zeros((n_rows, width))
    targets[row, place] = table.indices
    probabilities[row, place] = table.data
    shape = (n_states, n_joint, width)
    certain = width == 1 and bool((probabilities == 1).all())
    return SparseTransitions(targets.reshape(shape), None if certain else probabilities.reshape(shape))


def _inverse_cdf(probabilities: Array, uniform: Array) -> Array:
    """The index drawn by `uniform` from each row `[..., K]`; never one of probability 0."""
    cdf = jnp.cumsum(probabilities, axis=-1)
    # Scaled by the row's own total, so that rounding in the sum cannot push a draw past the end.
    drawn = jnp.sum(cdf <= uniform[..., None] * cdf[..., -1:], axis=-1)
    return jnp.minimum(drawn, probabilities.shape[-1] - 1).astype(jnp.int32)
