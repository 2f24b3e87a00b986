"""Features of observations and actions, by which policies or values are told in few numbers."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError
from potentia.rules.base import Stepped
from potentia.runtime.pytree import is_concrete


class Featured(Stepped):
    """Base of rules with `features`, [H, A, F] or [N, H, A, F], or None: checked once, each agent's
    own (`PerAgent`), and nothing to remember."""

    features: Any

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "features", checked(self.features))

    def for_agents(self, n_agents: int) -> Any:
        """The rule with a leading axis N; see `PerAgent`."""
        rule: Any = type(self)
        return rule(step_size=jnp.broadcast_to(jnp.asarray(self.step_size), n_agents),
                    features=for_agents(self.features, n_agents))

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]. Raises InputError for features of another
        shape."""
        refuse_others(self.features, mask)


def checked(features: object, name: str = "features") -> Any:
    """[H, A, F], the same for all agents, or [N, H, A, F], finite, as float64; None stays None, one
    feature for each entry. Raises InputError."""
    if features is None or not is_concrete(features):
        return features
    try:
        given = np.asarray(features)
        # NumPy would read text as numbers, and leave out the imaginary part of complex ones.
        found = given.astype(np.float64) if given.dtype.kind in "biufO" else np.zeros(0)
    except (TypeError, ValueError):
        found = np.zeros(0)
    if found.ndim not in (3, 4) or not found.size:
        raise InputError(f"{name} must be numbers [H, A, F], the same for all agents, or [N, H, A, "
                         f"F], but {getattr(features, 'shape', type(features).__name__)} was given")
    if not np.isfinite(found).all():
        raise InputError(f"{name}{np.argwhere(~np.isfinite(found))[0].tolist()} is not finite")
    return found


def for_agents(features: Any, n_agents: int) -> Any:
    """[N, H, A, F]; None stays None. Raises InputError for those of another number of agents."""
    if features is None:
        return None
    if jnp.ndim(features) == 3:
        return jnp.broadcast_to(jnp.asarray(features), (n_agents, *jnp.shape(features)))
    if jnp.shape(features)[0] != n_agents:
        raise InputError(f"features are of {jnp.shape(features)[0]} agents, but the game has "
                         f"{n_agents}")
    return jnp.asarray(features)


def refuse_others(features: Any, mask: Array) -> None:
    """Raise InputError for features [H, A, F] that are not of this agent's H and A."""
    if features is not None and jnp.shape(features)[:2] != mask.shape:
        raise InputError(f"features are of {list(jnp.shape(features)[:2])} information states and "
                         f"actions, but the game has {list(mask.shape)}")


def regressed(features: Array, wanted: Array, weights: Array) -> Array:
    """[F] the numbers w of least norm that minimise sum of weights (wanted - features w)^2, all
    [H, A]; columns are scaled to one length first, so that rare ones count as exactly as others."""
    root = jnp.sqrt(weights)[..., None]
    table = (root * features).reshape(-1, features.shape[-1])
    length = jnp.sqrt(jnp.sum(table**2, axis=0))
    scale = jnp.where(length > 0, length, 1.0)
    found = jnp.linalg.lstsq(table / scale, (root[..., 0] * wanted).ravel())[0]
    return found / scale
