"""Where play goes on to, as each half of the agents faces it while the others keep to their
policies.

A dense table is averaged over the other half once, in one pass for each half, and all that follows
reads the two small results: the chain of the profile, of any agent's deviation, and the action
values. A sparse table is smaller than these would be, and is read as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from potentia.games.tabular import joint_actions
from potentia.games.tabular.chains import Chain, MatrixChain, SparseChain
from potentia.games.tabular.transitions import DenseTransitions, SparseTransitions, Transitions


class DenseMarginals:
    """Transitions of each half `[S, J_k, S]`, averaged over the other half."""

    def __init__(self, transitions: DenseTransitions, halves: joint_actions.Halves):
        self.halves, self.kernels = halves, halves.averaged(jnp.asarray(transitions.matrix))

    def expected(self, values: Array) -> list[Array]:
        """Each half's own columns of next-state values [S, N]: `[S, J_k, n_k]` each."""
        return [kernel @ values[:, part] for kernel, part in zip(self.kernels, self.halves.parts,
                                                                 strict=True)]

    def chain(self, half: int, weights: Array) -> Chain:
        """The chain of play when that half's joint actions have `weights` [S, J_k]."""
        # A product of matrices: a sum would be merged with the one behind `kernels`, and read the
        # whole table again.
        return MatrixChain(jnp.einsum("sj,sjt->st", weights, self.kernels[half]))


class SparseMarginals:
    """A sparse table of transitions, mixed into matrices [S, S] if those are small."""

    def __init__(self, transitions: SparseTransitions, halves: joint_actions.Halves,
                 as_matrix: bool):
        self.halves, self.transitions, self.as_matrix = halves, transitions, as_matrix

    def expected(self, values: Array) -> list[Array]:
        """Each half's own columns of next-state values [S, N]: `[S, J_k, n_k]` each."""
        return self.halves.of_own(self.halves.averaged(self.transitions.expect(values)))

    def chain(self, half: int, weights: Array) -> Chain:
        """The chain of play when that half's joint actions have `weights` [S, J_k]."""
        both: Sequence[Array] = [*self.halves.weights[:half], weights,
                                 *self.halves.weights[half + 1:]]
        shares = self.transitions.shares(joint_actions.product(both))
        if self.as_matrix:
            return MatrixChain(self.transitions.matrix_of(shares))
        return SparseChain(jnp.asarray(self.transitions.targets), shares)


MarginalTransitions = DenseMarginals | SparseMarginals


def marginal_transitions(transitions: Transitions, halves: joint_actions.Halves,
                         as_matrix: bool) -> MarginalTransitions:
    """Where play goes on to when both halves keep to their policies. as_matrix: chains of sparse
    tables become so."""
    if isinstance(transitions, DenseTransitions):
        return DenseMarginals(transitions, halves)
    return SparseMarginals(transitions, halves, as_matrix)
