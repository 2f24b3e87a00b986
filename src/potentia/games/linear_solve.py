"""Values of play that need not end, without a matrix: x = b + T x for a contraction T that is only
applied.

BiCGSTAB (van der Vorst 1992), started again on what is left until that is rounding: it holds eight
vectors where GMRES holds one for each step, and took a fifth to a ninth of its time at 100,000
states. Where it makes no progress, as on long cycles, sweeps of x = b + T x (value iteration) do:
they gain a factor of the discount each. The residual is returned: the true solution lies within
residual / (1 - discount) of x, in the largest entry.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.sparse.linalg import bicgstab

ROUNDS = 40               # of refinement
# of BiCGSTAB in a round: on a cycle of 30,000 states at discount 0.999, 200 gain nothing
STEPS = 2000
BLOCKS, BLOCK = 300, 100  # of sweeps
CLOSE = 8 * np.finfo(np.float64).eps


def solve(apply: Callable[[Array], Array], right: Array) -> tuple[Array, Array]:
    """x = right + apply(x), an array of the shape of `right`, and the residual of that shape."""
    def left(x: Array) -> Array:
        return right + apply(x) - x

    def goes_on(gain: float, rounds: int, close: float) -> Callable[[tuple], Array]:
        """While what is left is not close to nothing, and the last round gained at least that
        factor."""
        def test(carry: tuple) -> Array:
            x, rest, before, count = carry
            size = jnp.max(jnp.abs(rest))
            return (count < rounds) & (size > close * jnp.max(jnp.abs(x))) & (size < gain * before)
        return test

    def kept_if_better(carry: tuple, found: Array) -> tuple:
        x, rest, _, count = carry
        left_now, size = left(found), jnp.max(jnp.abs(rest))
        better = jnp.max(jnp.abs(left_now)) < size  # never so for what is not a number
        return jnp.where(better, found, x), jnp.where(better, left_now, rest), size, count + 1

    def refine(carry: tuple) -> tuple:
        return kept_if_better(carry, carry[0] + bicgstab(
            lambda y: y - apply(y), carry[1], tol=1e-10, atol=0.0, maxiter=STEPS)[0])

    def sweep(carry: tuple) -> tuple:
        return kept_if_better(carry, jax.lax.fori_loop(0, BLOCK, lambda _, x: right + apply(x),
                                                       carry[0]))

    unknown = jnp.asarray(jnp.inf)
    x, rest, _, _ = jax.lax.while_loop(
        goes_on(0.5, ROUNDS, CLOSE), refine, (right, left(right), unknown, jnp.asarray(0)))
    x, rest, _, _ = jax.lax.while_loop(
        goes_on(0.999, BLOCKS, 16 * CLOSE), sweep, (x, rest, unknown, jnp.asarray(0)))
    return x, rest
