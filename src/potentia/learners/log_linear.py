"""Independent natural policy gradient for log-linear policies, whose features are a function of
what an agent sees and does (Kakade 2002; Agarwal et al. 2021, Section 6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError, one_line, positive_number, share_number, shown, whole_number
from potentia.learners import advantages as estimates
from potentia.learners.base import OwnPlay
from potentia.runtime.pytree import static, tree

LEAST = 1e-30             # below which a float32 squared says nothing


@tree
class LogLinearNPG:
    """Natural policy gradient of every agent by itself, of policies whose logits are linear in
    features phi of its observation o and its action a, by regression on what was played.

        (w, c) = argmin E ( A(o, a) - w . (phi(o, a) - E_{a'~pi} phi(o, a')) - c . b(o) )^2
        theta <- theta + eta w

    b(o), the mean of phi over the actions that exist, and a constant, tells values, linearly, so
    that c takes no part of what an action is better by. Nothing explores beside the policy: an
    action that chance made look bad early may never be tried again, so that several runs, and a
    certificate where there is a table, are worth their time.

    features: (observation, action) -> [F] numbers, in JAX; observation: what one agent sees, as
    `observe` gives it; action: a whole number. Each agent has weights of its own for them.
    episodes: played for each update. step_size: eta, above 0. damping: of the regression, above 0,
    to columns of length 1. longest: the largest step, as the square root of its Kullback-Leibler
    divergence, above 0. trace: lambda of the advantages, in [0, 1]; at 1 they are those of whole
    returns.
    """

    features: Callable[[Array, Array], Array] = static()
    episodes: int = static(default=32)
    step_size: float = static(default=1.0)
    damping: float = static(default=1e-3)
    longest: float = static(default=0.1)
    trace: float = static(default=0.95)

    def __post_init__(self) -> None:
        if not callable(self.features):
            raise InputError(f"features is {shown(self.features)}, but a function of an "
                             f"observation and an action was expected")
        whole_number(self.episodes, "episodes", least=1)
        for name in ("step_size", "damping", "longest"):
            positive_number(getattr(self, name), name)
        share_number(self.trace, "trace")

    def init(self, n_features: int, n_actions: int, key: Array) -> Any:
        """As `init_seeing`, where an agent sees `n_features` numbers."""
        return self.init_seeing(jax.ShapeDtypeStruct((n_features,), jnp.float32), n_actions, key)

    def init_seeing(self, observation: jax.ShapeDtypeStruct, n_actions: int, key: Array) -> Any:
        """All weights 0, of the policy and of values, and what observations and actions look like.

        Raises InputError naming `features` where these cannot be computed, or are no [F] numbers.
        """
        number = self._number(observation)
        return {"policy": jnp.zeros(number, jnp.float32),
                "values": jnp.zeros(number + 1, jnp.float32),
                "seen": jnp.zeros(observation.shape, observation.dtype),
                "actions": jnp.arange(n_actions, dtype=jnp.int32)}

    def logits(self, memory: Any, features: Array) -> Array:
        """[..., A], linear in phi."""
        return self._phi(memory, features) @ memory["policy"]

    def update(self, memory: Any, play: OwnPlay, discount: float, iteration: Array,
               key: Array) -> Any:
        """One natural step of the policy; the same regression mends the values."""
        phi = jnp.where(play.legal[..., None], self._phi(memory, play.observations), 0.0)
        told = _of_values(phi, play.legal)
        advantages, _ = estimates.generalised(play, told @ memory["values"], discount, self.trace)
        policy = jnp.exp(estimates.log_policy(phi @ memory["policy"], play.legal))[:-1]
        taken = jnp.take_along_axis(phi[:-1], play.actions[..., None, None], axis=2)[:, :, 0]
        centred = taken - jnp.einsum("tea,teaf->tef", policy, phi[:-1])
        weights = play.alive * discount ** jnp.arange(len(play.alive))[:, None]
        found = _regressed(jnp.concatenate([centred, told[:-1]], axis=-1), advantages, weights,
                           self.damping)
        direction, mended = jnp.split(found, [centred.shape[-1]])
        total = jnp.maximum(jnp.sum(weights), LEAST)
        divergence = 0.5 * jnp.sum(weights * (centred @ direction) ** 2) / total
        length = jnp.sqrt(jnp.maximum(divergence, LEAST))
        step = jnp.minimum(self.step_size, self.longest / length) * direction
        return {**memory, "policy": memory["policy"] + step, "values": memory["values"] + mended}

    def _phi(self, memory: Any, told: Array) -> Array:
        """[..., A, F] features of all actions where observations are as learners are told them."""
        seen = memory["seen"]
        ahead = told.shape if jnp.issubdtype(told.dtype, jnp.integer) else told.shape[:-1]
        flat = told.reshape(-1, *seen.shape).astype(seen.dtype)
        of_actions = jax.vmap(self.features, in_axes=(None, 0))
        found = jax.vmap(of_actions, in_axes=(0, None))(flat, memory["actions"])
        return found.astype(jnp.float32).reshape(*ahead, *found.shape[1:])

    def _number(self, observation: jax.ShapeDtypeStruct) -> int:
        """F."""
        try:
            found = jax.eval_shape(self.features, observation, jax.ShapeDtypeStruct((), jnp.int32))
        except Exception as error:
            # A user's own function may raise anything.
            raise InputError(f"features cannot be computed by JAX of an observation "
                             f"{list(observation.shape)} and an action: {type(error).__name__}: "
                             f"{one_line(error)}") from error
        shape = getattr(found, "shape", None)
        if shape is None or len(shape) != 1 or not shape[0]:
            given = type(found).__name__ if shape is None else f"shape {list(shape)}"
            raise InputError(f"features gives {given}, but numbers [F] were expected")
        if not any(jnp.issubdtype(found.dtype, kind)
                   for kind in (jnp.bool_, jnp.integer, jnp.floating)):
            raise InputError(f"features gives {found.dtype}, but real numbers [F] were expected")
        return int(shape[0])


def _of_values(phi: Array, legal: Array) -> Array:
    """[..., F + 1] by which values are told: the mean of phi [..., A, F] over the actions that
    exist, and 1."""
    number = jnp.maximum(jnp.sum(legal, axis=-1, keepdims=True), 1)
    mean = jnp.sum(phi, axis=-2) / number
    return jnp.concatenate([mean, jnp.ones((*mean.shape[:-1], 1), mean.dtype)], axis=-1)


def _regressed(columns: Array, wanted: Array, weights: Array, damping: float) -> Array:
    """[K] that make columns [T, E, K] come near `wanted` [T, E] in squares; columns are scaled to
    one length first, so that rare ones are damped no more than others."""
    root = jnp.sqrt(weights).ravel()[:, None]
    table = root * columns.reshape(-1, columns.shape[-1])
    length = jnp.sqrt(jnp.sum(table**2, axis=0))
    scale = jnp.where(length > LEAST, length, 1.0)
    table = table / scale
    # Not by Cholesky: columns that tell the same have none in float32.
    size, ways = jnp.linalg.eigh(table.T @ table)
    along = ways.T @ (table.T @ (root[:, 0] * wanted.ravel()))
    return ways @ (along / (jnp.maximum(size, 0.0) + damping)) / scale
