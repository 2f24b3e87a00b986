"""What is trained in: a simulator as JAX takes it, with what is known of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import HasTable
from potentia.games.tabular.game import MarkovGame
from potentia.learners.base import Learner, OwnPlay, SeesObservations
from potentia.learners.contract import is_known
from potentia.runtime.code import whole_digest_of
from potentia.runtime.pytree import static, tree
from potentia.simulators.base import HasLegalActions
from potentia.simulators.contract import Facts, checked, refuse_class
from potentia.simulators.tables import of_game


@dataclasses.dataclass(frozen=True, eq=False)
class Itself:
    """A user's object as itself, so that it may be part of a program, which answers again for the
    same object only, and as long as its code and what it holds stay as they are.

    digest: of these.
    """

    inner: Any
    digest: str

    def __eq__(self, other: object) -> bool:
        return (isinstance(other, Itself) and self.inner is other.inner
                and self.digest == other.digest)

    def __hash__(self) -> int:
        return hash((id(self.inner), self.digest))


def itself(thing: Any) -> Itself:
    """A user's object as it is now."""
    return Itself(thing, whole_digest_of(thing))


@tree
class Held:
    """A simulator in a program: one of Potentia's as data, a user's own as it stands."""

    data: Any
    own: Itself | None = static()

    @property
    def simulator(self) -> Any:
        return self.data if self.own is None else self.own.inner


@tree
class HeldLearner:
    """A user's learner in a program, as it stands: `Learner` by what it holds."""

    own: Itself = static()

    @property
    def episodes(self) -> int:
        return self.own.inner.episodes

    def init(self, n_features: int, n_actions: int, key: Array) -> Any:
        return self.own.inner.init(n_features, n_actions, key)

    def logits(self, memory: Any, features: Array) -> Array:
        return self.own.inner.logits(memory, features)

    def update(self, memory: Any, play: OwnPlay, discount: float, iteration: Array,
               key: Array) -> Any:
        return self.own.inner.update(memory, play, discount, iteration, key)


def held_learner(learner: Learner) -> Learner:
    """The learner as an argument of a program: one of Potentia's as data, a user's own as it
    stands, whatever class it has."""
    return learner if is_known(learner) else HeldLearner(itself(learner))


def taken(simulator: object) -> tuple[Any, Facts]:
    """A JAX simulator, or a game with a table as one, and what is known of it.

    Raises InputError as `simulators.contract.checked` does.
    """
    refuse_class(simulator)
    found = of_game(simulator) if isinstance(simulator, MarkovGame | HasTable) else simulator
    return found, checked(found)


def held(simulator: Any) -> Held:
    """The simulator as an argument of a program."""
    leaves = jax.tree.leaves(simulator)
    known = not (len(leaves) == 1 and leaves[0] is simulator)
    return Held(simulator, None) if known else Held((), itself(simulator))


def n_features(facts: Facts) -> int:
    """F, numbers by which an observation is told to a learner; H where it is one of H things."""
    if facts.n_observations:
        return facts.n_observations
    size = 1
    for length in facts.observation.shape:
        size *= length
    return size


def begun(learner: Learner, facts: Facts, key: Array) -> Any:
    """The memory of an agent that has learnt nothing."""
    whose = learner.own.inner if isinstance(learner, HeldLearner) else learner
    if isinstance(whose, SeesObservations):
        return whose.init_seeing(facts.observation, facts.n_actions, key)
    return learner.init(n_features(facts), facts.n_actions, key)


def features(facts: Facts, seen: Array) -> Array:
    """Of observations [..., N, ...], numbers [..., N, F], and of which of H things agents see whole
    numbers [..., N], as they are."""
    if facts.n_observations:
        return seen.astype(jnp.int32)
    ahead = seen.ndim - len(facts.observation.shape)
    return seen.astype(jnp.float32).reshape(*seen.shape[:ahead], -1)


def legal(facts: Facts, simulator: Any, states: Any, count: int) -> Array:
    """[E, N, A] actions that exist in each of `count` states, which need hold no array."""
    exists = jnp.asarray(facts.exists)
    if isinstance(simulator, HasLegalActions):
        return jax.vmap(simulator.legal, axis_size=count)(states).astype(bool) & exists
    return jnp.broadcast_to(exists, (count, *exists.shape))
