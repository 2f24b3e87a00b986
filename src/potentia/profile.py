"""Profiles as arrays: starts, normalisation, projection, distance.

A profile holds all agents' policies, `[N, H, A]`: agent, information state, action. Rules work on
its logarithm, since probabilities underflow to an exact 0 that no multiplicative rule leaves. A
mask `[N, H, A]` marks the actions that exist; the others have probability 0 and log-probability
-inf.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError, shown, whole_number
from potentia.names import NONE, Names
from potentia.policies import as_array
from potentia.runtime.precision import sum_tolerance
from potentia.runtime.pytree import Leaf

SHORT = 32               # most actions whose sum is written out
SAME = 1e-9              # a row is a policy if it sums to 1 up to this


def log_normalise(log_weights: Array, mask: Array) -> Array:
    """Log-softmax over the existing actions, `[..., A] -> [..., A]`; -inf elsewhere."""
    return jax.nn.log_softmax(jnp.where(mask, log_weights, -jnp.inf), axis=-1)


def project(point: Array, mask: Array) -> Array:
    """Euclidean projection of each row `[..., A]` on the simplex over its existing actions."""
    from optax.projections import projection_simplex  # 0.1 s that few rules need
    # A missing action is pushed so low that the projection's threshold always lies above it.
    lowest = jnp.min(point, axis=-1, keepdims=True, initial=0.0) - 2.0
    rows = jnp.where(mask, point, lowest).reshape(-1, point.shape[-1])
    return jnp.where(mask, jax.vmap(projection_simplex)(rows).reshape(point.shape), 0.0)


def log_mixture(log_policy: Array, other: Array, share: Array | float) -> Array:
    """The log-policy [H, A] that plays `other`, a log-policy too, with probability `share`, in
    [0, 1]."""
    return jnp.logaddexp(jnp.log1p(-share) + log_policy, jnp.log(share) + other)


def toward(log_policy: Array, action: Array, share: Array | float) -> Array:
    """The log-policy [H, A] after a step by `share`, in (0, 1], of the way to always playing
    `action` [H]."""
    mixed = (1 - share) * jnp.exp(log_policy) + share * jax.nn.one_hot(action, log_policy.shape[1])
    return jnp.log(mixed)


def uniform(mask: Array) -> Array:
    """The profile that plays every existing action equally often."""
    return mask / jnp.sum(mask, axis=-1, keepdims=True)


def random(mask: Array, key: Array) -> Array:
    """A profile drawn uniformly from the interior of the simplices (flat Dirichlet rows)."""
    weights = jax.random.exponential(key, mask.shape) * mask
    return weights / jnp.sum(weights, axis=-1, keepdims=True)


def key_of(value: object) -> Array:
    """`value` as a JAX key: one already, or the whole number below 2**63 that seeds one."""
    if isinstance(value, Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        return value
    if isinstance(value, Array) and (value.dtype, value.shape) == (np.uint32, (2,)):
        return jax.random.wrap_key_data(value)
    if (seed := whole_number(value, "key")) >= 2**63:
        raise InputError(f"key is {shown(seed)}, but it must be below 2**63")
    return jax.random.key(seed)


def starting(start: object, mask: Leaf, key: Array | int,
             draw: Callable[[Array, Array], Array] = random, names: Names = NONE) -> Array:
    """The profile that `start` asks for: "uniform", "random" (`draw(mask, key)`, interior), or a
    user's own [N, H, A].

    key: a JAX key, or a whole number that seeds one; read where `start` is "random".
    Raises InputError for any other text or key, and naming the first bad row of a profile.
    """
    if not isinstance(start, str):
        return jnp.asarray(checked(start, np.asarray(mask), names))
    if start == "uniform":
        return uniform(mask)
    if start == "random":
        return draw(mask, key_of(key))
    raise InputError(
        f"initial is {start!r}, but it must be 'uniform', 'random' or a profile [N, H, A]")


def distance(profile: Array, other: Array) -> Array:
    """Mean over agents of the L1 distance of two profiles `[N, H, A]` (the paper's L1-accuracy)."""
    return jnp.sum(jnp.abs(profile - other)) / profile.shape[0]


def defect(profile: Array, mask: Array) -> Array:
    """How far each row of `profile` is from a policy, `[..., A] -> [...]`: |sum - 1| plus what lies
    on missing actions.

    A row without any action has to sum to 0. Not finite where the row is not. Arrays of NumPy or of
    JAX.
    """
    xp = profile.__array_namespace__()
    total = _row_sums(xp.where(mask, profile, 0.0))
    return xp.abs(total - xp.any(mask, axis=-1)) + _row_sums(xp.where(mask, 0.0, profile))


def made_exact(profile: Array, mask: Array) -> Array:
    """Rows `[..., A]` that are a policy up to the allowance `SAME` as exactly one; others as they
    are."""
    kept = jnp.where(mask, profile, 0.0)
    total = jnp.sum(kept, axis=-1, keepdims=True)
    close = (defect(profile, mask) <= SAME)[..., None] & (total > 0)
    return jnp.where(close, kept / jnp.where(total > 0, total, 1.0), profile)


def _row_sums(table: Array) -> Array:
    """`[..., A] -> [...]`, written out where rows are short: the compiler then makes one loop with
    what reads them."""
    if table.shape[-1] > SHORT:
        return table.sum(axis=-1)
    return functools.reduce(operator.add, (table[..., action] for action in range(table.shape[-1])))


def checked(profile: object, mask: np.ndarray, names: Names = NONE) -> np.ndarray:
    """`profile` as float64 `[N, H, A]`, or an `InputError` that names the first bad row.

    profile: an array, or as `policies.as_array` says. mask: [N, H, A] actions that exist. names: of
    the game.

    Rows of a narrower type (float32, say) may be off summing to 1 by what its precision explains;
    all are normalised.
    """
    array, precision = as_array(profile, mask, names)
    if array.shape != mask.shape:
        raise InputError(
            f"profile has shape {array.shape}, but the game needs {mask.shape} [N, H, A]")
    for culprit, bad in (("is not finite", ~np.isfinite(array)), ("is negative", array < 0),
                         ("is positive, but the action does not exist", (array > 0) & ~mask)):
        if bad.any():
            agent, state, action = (int(k) for k in np.argwhere(bad)[0])
            raise InputError(f"profile[{names.place(agent, state)}, "
                             f"action={names.action(agent, action)}] = "
                             f"{array[agent, state, action]:g} {culprit}")
    total = array.sum(axis=-1)
    played = np.count_nonzero(array, axis=-1)
    off = np.abs(total - 1) > sum_tolerance(precision, played)
    if off.any():
        agent, state = (int(k) for k in np.argwhere(off)[0])
        raise InputError(f"profile[{names.place(agent, state)}] sums to "
                         f"{total[agent, state]:.10g}, not 1")
    return array / total[..., None]
