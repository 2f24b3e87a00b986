"""Values of play that need not end, without a matrix: x = b + T x for a contraction T that is only applied.

GMRES (Saad and Schultz 1986), started again on what is left until that is rounding. The residual is returned: the
true solution lies within residual / (1 - discount) of x, in the largest entry.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.sparse.linalg import gmres

ROUNDS = 40               # of refinement
STEPS = 30                # Krylov directions in a round
CLOSE = 8 * np.finfo(np.float64).eps


def solve(apply: Callable[[Array], Array], right: Array) -> tuple[Array, Array]:
    """x = right + apply(x) and the residual of the same shape."""
    def left(x: Array) -> Array:
        return right + apply(x) - x

    def goes_on(carry: tuple) -> Array:
        x, rest, before, count = carry
        size = jnp.max(jnp.abs(rest))
        # Refinement gains digits in every round until only rounding is left.
        return (count < ROUNDS) & (size > CLOSE * jnp.max(jnp.abs(x))) & (size < 0.5 * before)

    def refine(carry: tuple) -> tuple:
        x, rest, _, count = carry
        step, _ = gmres(lambda y: y - apply(y), rest, tol=1e-10, atol=0.0, restart=STEPS, maxiter=5)
        found = x + step
        return found, left(found), jnp.max(jnp.abs(rest)), count + 1

    start = (right, left(right), jnp.asarray(jnp.inf), jnp.asarray(0))
    x, rest, _, _ = jax.lax.while_loop(goes_on, refine, start)
    return x, rest
