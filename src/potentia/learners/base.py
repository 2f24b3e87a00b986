"""What a learner is: how one agent learns from what it saw, did and earned itself."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from jax import Array, ShapeDtypeStruct

from potentia.runtime.pytree import tree


@tree
class OwnPlay:
    """One agent's own part of E episodes of T steps.

    observations: [T + 1, E, F], or whole numbers [T + 1, E] below F where the agent sees one of F
    things; the last those after the last step. legal: [T + 1, E, A] actions that exist. actions,
    log_probabilities (of these, as they were drawn) and rewards: [T, E]. alive: [T, E] 1 where the
    step was played. ended: [T, E] 1 where the game was over after it.
    """

    observations: Array
    legal: Array
    actions: Array
    log_probabilities: Array
    rewards: Array
    alive: Array
    ended: Array


@runtime_checkable
class Learner(Protocol):
    """How one agent learns by itself: mapped over the agents, each with parameters of its own, so
    that none are shared and none sees another's data.

    episodes: E, played for each update.

    One of your own is an instance of any class with these members, a plain one too: it need be no
    pytree, and is part of the program as it stands. What changes from update to update belongs into
    the memory, any pytree of arrays (no random keys) whose shapes and types stay. Functions are
    traced by JAX, so that they hold no Python decisions on values.
    """

    @property
    def episodes(self) -> int: ...

    def init(self, n_features: int, n_actions: int, key: Array) -> Any:
        """The agent's memory before its first update: any pytree of arrays."""
        ...

    def logits(self, memory: Any, features: Array) -> Array:
        """[..., A] of the policy at `features` [..., F], or whole numbers [...] below F."""
        ...

    def update(self, memory: Any, play: OwnPlay, discount: float, iteration: Array,
               key: Array) -> Any:
        """The memory after learning from `play`; iteration: updates made before."""
        ...


@runtime_checkable
class SeesObservations(Protocol):
    """A learner that must know what an observation looks like, not only how many numbers tell it.
    """

    def init_seeing(self, observation: ShapeDtypeStruct, n_actions: int, key: Array) -> Any:
        """As `Learner.init`. observation: shape and type of what one agent sees."""
        ...
