"""A Markov chain and the two linear systems over it.

    V = R + T V,   d = mu + T' d,
    T(s, s') the discounted probability of s' after s, 0 where play has ended

How they are solved follows from the size: play that soon ends by sweeps, which are exact; few
states, or play that lasts long, by one LU factorisation for both; else by iteration, which only
applies T (see `linear_solve`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.linalg import lu_factor, lu_solve

from potentia.games import linear_solve
from potentia.runtime.sharding import whole

MOST_DIRECT = 1000          # states; beyond, a factorisation costs more than all else,
MOST_LONG = 5000            # but iteration would take as many steps as play that lasts
LONG = 1e4                  # steps and more, to the end or by the discount


def is_direct(n_states: int, discount: float) -> bool:
    """Whether the systems of play that may run in cycles are factored."""
    # At discount 1 nothing else bounds how far off an iterative solution is.
    return (n_states <= MOST_DIRECT or discount == 1
            or (n_states <= MOST_LONG and LONG * (1 - discount) <= 1))


class Chain(Protocol):
    """T, applied: to values [S, M], and transposed to visits [S]."""

    def ahead(self, values: Array) -> Array: ...
    def behind(self, visits: Array) -> Array: ...


class MatrixChain:
    """T as a matrix `step` [S, S]."""

    def __init__(self, step: Array):
        self.step = step

    def ahead(self, values: Array) -> Array:
        return self.step @ values

    def behind(self, visits: Array) -> Array:
        return visits @ self.step


class SparseChain:
    """T by its entries: `shares` [S, J, K] go from each state to `targets` [S, J, K]."""

    def __init__(self, targets: Array, shares: Array):
        self.targets, self.shares = targets, shares

    def ahead(self, values: Array) -> Array:
        if values.ndim == 1:
            return jnp.sum(self.shares * whole(values)[self.targets], axis=(1, 2))
        # One column after another: side by side they take seven times as long, not twice.
        return jax.lax.map(self.ahead, values.T).T

    def behind(self, visits: Array) -> Array:
        sent = self.shares * visits[:, None, None]
        return jnp.zeros_like(visits).at[self.targets].add(sent)


class Swept:
    """By as many sweeps as the longest play has steps."""

    def __init__(self, chain: Chain, steps: int):
        self.chain, self.steps = chain, steps

    def values(self, rewards: Array) -> Array:
        """V of `rewards` [S] or [S, M]."""
        return self._summed(self.chain.ahead, rewards)

    def visits(self, start: Array) -> Array:
        """d from `start` [S]."""
        return self._summed(self.chain.behind, start)

    def _summed(self, step: Callable[[Array], Array], first: Array) -> Array:
        return jax.lax.fori_loop(0, self.steps, lambda _, x: first + step(x), jnp.zeros_like(first))


class Factored:
    """By one LU factorisation of I - T."""

    def __init__(self, chain: MatrixChain):
        # Transposed: LAPACK reads by columns what is held by rows.
        self.chain, self.factors = chain, lu_factor((jnp.eye(chain.step.shape[0]) - chain.step).T)

    def values(self, rewards: Array) -> Array:
        """V of `rewards` [S] or [S, M]."""
        return lu_solve(self.factors, rewards, trans=1)

    def visits(self, start: Array) -> Array:
        """d from `start` [S]."""
        return lu_solve(self.factors, start)


class Iterated:
    """By iteration."""

    def __init__(self, chain: Chain):
        self.chain = chain

    def values(self, rewards: Array) -> Array:
        """V of `rewards` [S] or [S, M]."""
        return linear_solve.solve(self.chain.ahead, rewards)[0]

    def visits(self, start: Array) -> Array:
        """d from `start` [S]."""
        return linear_solve.solve(self.chain.behind, start)[0]


Solver = Swept | Factored | Iterated


def solver(chain: Chain, direct: bool, sweeps: int | None) -> Solver:
    """What solves both systems of the chain. direct: by factors. sweeps: steps of the longest play,
    if they are few."""
    if sweeps is not None:
        return Swept(chain, sweeps)
    return Factored(chain) if direct and isinstance(chain, MatrixChain) else Iterated(chain)
