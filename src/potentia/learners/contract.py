"""What a learner must hold to, looked at before anything is played: shapes, by tracing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from potentia.errors import InputError, shown, whole_number
from potentia.learners.base import Learner, OwnPlay
from potentia.runtime.shapes import key_shape, traced

MEMBERS = ("episodes", "init", "logits", "update")
FEW = 2                   # agents' observations at which policies are looked at


def is_known(learner: object) -> bool:
    """Whether it is one of Potentia's, and no user's own."""
    return type(learner).__module__.startswith("potentia.learners.")


def checked_instance(learner: object) -> Learner:
    """A learner with all members. Raises InputError for what is none."""
    if isinstance(learner, type):
        raise InputError(f"learner is the class {learner.__name__}, but an instance was expected, "
                         f"such as {learner.__name__}()")
    lacking = [name for name in MEMBERS if not hasattr(learner, name)]
    if lacking or not isinstance(learner, Learner):
        raise InputError(f"learner is {shown(learner)}, but one of pt.learners was expected, or "
                         f"one of your own, which has {', '.join(MEMBERS)}")
    whole_number(learner.episodes, f"{type(learner).__name__}.episodes", 1)
    return learner


def memory_of(learner: Learner, begun: Callable[[Any], Any]) -> Any:
    """Shapes of what one agent remembers, which it begins from a key by `begun`. Raises InputError
    where it holds what is no number."""
    name = type(learner).__name__
    memory = traced(begun, f"{name}.init", key_shape())
    for leaf in jax.tree.leaves(memory):
        if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            raise InputError(f"{name}.init gives a random key, which no file can hold: keep "
                             f"jax.random.key_data of it")
    return memory


def refuse_misfit(learner: Learner, memory: Any, n_features: int, n_actions: int, horizon: int,
                  numbered: bool) -> None:
    """Raise InputError for an own learner whose functions do not answer as `Learner` says.

    memory: as `memory_of` gives it. numbered: whether agents see one of n_features things each.
    """
    name, episodes = type(learner).__name__, learner.episodes

    def shape(*ahead: int, kind: Any = jnp.float32) -> Any:
        return jax.ShapeDtypeStruct(ahead, kind)

    def seen(*ahead: int) -> Any:
        return shape(*ahead, kind=jnp.int32) if numbered else shape(*ahead, n_features)

    logits = traced(learner.logits, f"{name}.logits", memory, seen(FEW))
    fits = getattr(logits, "shape", None) == (FEW, n_actions)
    if not fits or not jnp.issubdtype(logits.dtype, jnp.floating):
        raise InputError(f"{name}.logits gives {shown(logits)}, but real numbers [{FEW}, "
                         f"{n_actions}] were expected of {FEW} observations")
    play = OwnPlay(seen(horizon + 1, episodes),
                   shape(horizon + 1, episodes, n_actions, kind=jnp.bool_),
                   shape(horizon, episodes, kind=jnp.int32), *[shape(horizon, episodes)] * 4)
    after = traced(learner.update, f"{name}.update", memory, play, 1.0, shape(kind=jnp.int32),
                   key_shape())
    if _described(after) != _described(memory):
        raise InputError(f"{name}.update gives {shown(after)}, but {name}.init {shown(memory)}: "
                         f"shapes and types must stay")


def _described(memory: Any) -> Any:
    leaves, shape = jax.tree.flatten(memory)
    return shape, [(leaf.shape, leaf.dtype) for leaf in leaves]
