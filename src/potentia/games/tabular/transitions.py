"""Transition tables of a tabular game, sparse or dense.

`marginal_transitions` averages them, `step` draws from them and `csr` hands them to SciPy.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import scipy.sparse as sp
from jax import Array

from potentia.games.sampling import cumulative, drawn
from potentia.runtime.pytree import Leaf, tree
from potentia.runtime.sharding import whole


@tree
class SparseTransitions:
    """At most K successors for each state and joint action.

    targets: [S, J, K] int32 next states. probabilities: [S, J, K], or None if K = 1 and each is
    certain. Unused slots repeat some target with probability 0.
    """

    targets: Leaf
    probabilities: Leaf | None

    def expect(self, values: Array) -> Array:
        """values [S, M] -> [S, J, M]."""
        if self.probabilities is None:
            return whole(values)[self.targets[:, :, 0]]
        return jnp.einsum("sjk,sjkm->sjm", self.probabilities, whole(values)[self.targets])

    def shares(self, weights: Array) -> Array:
        """weights [S, J] -> what of each goes to each target [S, J, K]."""
        return (weights[:, :, None] if self.probabilities is None
                else weights[:, :, None] * self.probabilities)

    def matrix_of(self, shares: Array) -> Array:
        """shares [S, J, K] of each state that go to each target -> matrix [S, S]."""
        n_states = self.targets.shape[0]
        rows = jnp.arange(n_states, dtype=self.targets.dtype)[:, None, None]
        return jnp.zeros((n_states, n_states), shares.dtype).at[rows, self.targets].add(shares)

    def step(self, states: Array, joint: Array, uniform: Array) -> Array:
        """Next states drawn for states and joint actions of one shape; `uniform` in [0, 1)."""
        targets = jnp.asarray(self.targets)[states, joint]
        if self.probabilities is None:
            return targets[..., 0]
        which = drawn(cumulative(jnp.asarray(self.probabilities)[states, joint]), uniform)
        return jnp.take_along_axis(targets, which[..., None], axis=-1)[..., 0]

    def csr(self) -> sp.csr_array:
        """The table as a SciPy matrix `[S*J, S]`."""
        targets = np.asarray(self.targets)
        n_states, n_joint, width = targets.shape
        data = (np.ones(targets.size) if self.probabilities is None
                else np.asarray(self.probabilities).ravel())
        rows = np.repeat(np.arange(n_states * n_joint), width)
        table = sp.csr_array((data, (rows, targets.ravel())), shape=(n_states * n_joint, n_states))
        table.eliminate_zeros()
        return table


@tree
class DenseTransitions:
    """Probabilities of every next state: matrix [S, J, S]."""

    matrix: Leaf

    def step(self, states: Array, joint: Array, uniform: Array) -> Array:
        """Next states drawn for states and joint actions of one shape; `uniform` in [0, 1)."""
        return drawn(cumulative(jnp.asarray(self.matrix)[states, joint]), uniform).astype(jnp.int32)

    def csr(self) -> sp.csr_array:
        """The table as a SciPy matrix `[S*J, S]`."""
        return sp.csr_array(np.asarray(self.matrix).reshape(-1, self.matrix.shape[-1]))


Transitions = SparseTransitions | DenseTransitions


def from_csr(table: sp.csr_array, n_states: int) -> Transitions:
    """The representation that holds `table` `[S*J, S]` in less memory."""
    n_rows = table.shape[0]
    n_joint = n_rows // n_states
    width = max(1, int(np.diff(table.indptr).max(initial=0)))
    if not is_sparse(width, n_states):
        return DenseTransitions(table.toarray().reshape(n_states, n_joint, n_states))
    slot = np.arange(table.nnz) - np.repeat(table.indptr[:-1], np.diff(table.indptr))
    row = np.repeat(np.arange(n_rows), np.diff(table.indptr))
    targets = np.zeros((n_rows, width), np.int32)
    probabilities = np.zeros((n_rows, width))
    targets[row, slot] = table.indices
    probabilities[row, slot] = table.data
    shape = (n_states, n_joint, width)
    certain = width == 1 and bool((probabilities == 1).all())
    return SparseTransitions(targets.reshape(shape),
                             None if certain else probabilities.reshape(shape))


def is_sparse(width: int, n_states: int) -> bool:
    """Whether a table with at most `width` successors of each state and joint action is held as a
    sparse one."""
    return width <= n_states // 2
