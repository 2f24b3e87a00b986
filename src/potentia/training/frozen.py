"""Policies that do not change: of everybody, as a table, as what was learnt, or as a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.errors import RAISED, InputError, one_line, shown
from potentia.learners.advantages import MISSING
from potentia.learners.base import Learner
from potentia.runtime.pytree import Leaf, static, tree
from potentia.simulators.contract import Facts
from potentia.training.programs import logits_of
from potentia.training.subject import Itself, held_learner, itself
from potentia.training.trained import LearntPolicy, Trained

Logits = Callable[[Array], Array]         # as `features` gives them -> [E, N, A]
SUM = 1e-4                # how far probabilities of 32 bits may be from summing to 1


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
        facts = self.facts
        seen = features.reshape(*features.shape[:2], *facts.observation.shape)
        given = jax.vmap(self.function.inner)(seen.astype(facts.observation.dtype))
        chances = jnp.where(jnp.asarray(facts.exists), given, 0.0)
        fine = jnp.all(chances >= 0, axis=-1) & (jnp.abs(jnp.sum(chances, axis=-1) - 1.0) <= SUM)
        own = jnp.where(chances > 0, jnp.log(jnp.where(chances > 0, chances, 1.0)), MISSING)
        return jnp.where(fine[..., None], own, jnp.nan)


def frozen(profile: object, facts: Facts, exists: np.ndarray | None) -> Logits:
    """Logits of everybody's policies.

    profile: [N, H, A] where agents see one of H things each; what `pt.train` returned, or a policy
    of it; or a function of observations [N, ...] that gives probabilities [N, A], in JAX. exists:
    [N, H, A] actions, where that is known. Where a function gives no probabilities, logits are no
    numbers, which play tells by step and agent (`faults.POLICY`).

    Raises InputError for a profile that is none of these, or that does not fit.
    """
    found = profile.policy() if isinstance(profile, Trained) else profile
    if isinstance(found, LearntPolicy):
        if found.facts != facts:
            raise InputError(f"profile is of {found.facts.name}, not of this simulator")
        return OfLearnt(held_learner(found.learner), found.memory)
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
    _refuse_others(function, facts)
    return OfFunction(itself(function), facts)


def _refuse_others(function: Callable[..., Any], facts: Facts) -> None:
    """Raise InputError for a function whose answer cannot be probabilities [N, A]."""
    alone = jax.ShapeDtypeStruct((facts.n_agents, *facts.observation.shape),
                                 facts.observation.dtype)
    try:
        found = jax.eval_shape(function, alone)
    except RAISED as error:
        raise InputError(f"profile cannot be computed by JAX: {type(error).__name__}: "
                         f"{one_line(error)}") from error
    wanted = facts.n_agents, facts.n_actions
    if not isinstance(found, jax.ShapeDtypeStruct):
        raise InputError(f"profile gives a {type(found).__name__}, but an array of probabilities "
                         f"{list(wanted)} was expected")
    if found.shape != wanted:
        raise InputError(f"profile gives shape {list(found.shape)}, but probabilities "
                         f"{list(wanted)} were expected")
    if not jnp.issubdtype(found.dtype, jnp.floating):
        raise InputError(f"profile gives {found.dtype}, but probabilities {list(wanted)} were "
                         f"expected")
