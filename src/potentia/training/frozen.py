"""Policies that do not change: of everybody, as a table, as what was learnt, or as a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.errors import InputError, one_line, shown
from potentia.learners.advantages import MISSING
from potentia.learners.base import Learner
from potentia.runtime.pytree import Leaf, static, tree
from potentia.simulators.contract import Facts
from potentia.training.programs import logits_of
from potentia.training.subject import Itself, itself
from potentia.training.trained import LearntPolicy, Trained

Logits = Callable[[Array], Array]         # as `features` gives them -> [E, N, A]


@tree
class OfLearnt:
    """Of what was learnt. memory: [N, ...]."""

    learner: Learner
    memory: Any

    def __call__(self, features: Array) -> Array:
        """[E, N, A]."""
        return logits_of(self.learner, self.memory, features)


@tree
class OfTable:
    """Of a table. logits: [N, H, A]."""

    logits: Leaf

    def __call__(self, seen: Array) -> Array:
        """[E, N, A]."""
        table = jnp.asarray(self.logits)
        return table[jnp.arange(len(table)), seen]


@tree
class OfFunction:
    """Of a function of observations [N, ...] that gives probabilities [N, A]."""

    function: Itself = static()
    facts: Facts = static()

    def __call__(self, features: Array) -> Array:
        """[E, N, A]."""
        seen = features.reshape(*features.shape[:2], *self.facts.observation.shape)
        found = jax.vmap(self.function.inner)(seen.astype(self.facts.observation.dtype))
        return jnp.where(found > 0, jnp.log(jnp.where(found > 0, found, 1.0)), MISSING)


def frozen(profile: object, facts: Facts, exists: np.ndarray | None) -> Logits:
    """Logits of everybody's policies.

    profile: [N, H, A] where agents see one of H things each; what `pt.train` returned, or a policy
    of it; or a function of observations [N, ...] that gives probabilities [N, A], in JAX. exists:
    [N, H, A] actions, where that is known.

    Raises InputError for a profile that is none of these, or that does not fit.
    """
    found = profile.policy() if isinstance(profile, Trained) else profile
    if isinstance(found, LearntPolicy):
        if found.facts != facts:
            raise InputError(f"profile is of {found.facts.name}, not of this simulator")
        return OfLearnt(found.learner, found.memory)
    if callable(found):
        return _of_function(found, facts)
    if not facts.n_observations:
        raise InputError(f"profile is {shown(found)}, but agents of {facts.name} see numbers: give "
                         f"what pt.train returned, or a function of observations")
    return _of_table(found, facts, exists)


def _of_table(profile: object, facts: Facts, exists: np.ndarray | None) -> Logits:
    several = facts.n_observations
    mask = np.broadcast_to(facts.exists[:, None], (facts.n_agents, several, facts.n_actions))
    table = profiles.checked(profile, mask if exists is None else exists)
    with np.errstate(divide="ignore"):
        logits = np.where(table > 0, np.log(table), MISSING).astype(np.float32)
    return OfTable(logits)


def _of_function(function: Callable[..., Any], facts: Facts) -> Logits:
    logits = OfFunction(itself(function), facts)
    alone = (1, facts.n_agents, *facts.observation.shape)
    try:
        found = jax.eval_shape(logits, jax.ShapeDtypeStruct(alone, facts.observation.dtype))
    except Exception as error:
        # A user's own function may raise anything.
        raise InputError(f"profile cannot be computed by JAX: {type(error).__name__}: "
                         f"{one_line(error)}") from error
    if found.shape != (1, facts.n_agents, facts.n_actions):
        raise InputError(f"profile gives shape {list(found.shape[1:])}, but probabilities "
                         f"[{facts.n_agents}, {facts.n_actions}] were expected")
    return logits
