"""What a simulator is: N agents who act at once, step by step, in JAX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from jax import Array


@runtime_checkable
class Simulator(Protocol):
    """A game that can only be played. Agents know nothing of it but what they observe, do and earn.

    action_counts: (A_1, ..., A_N), actions of each agent, from 0 on. horizon: steps after which an
    episode is cut off, which is no end of the game: what would have come counts as its value.
    discount: in [0, 1], of rewards from step to step.

    A state is any pytree of arrays, always of the same shapes. Functions are traced by JAX and
    mapped over episodes and runs, so that they hold no Python decisions on values.
    """

    @property
    def action_counts(self) -> Sequence[int]: ...
    @property
    def horizon(self) -> int: ...
    @property
    def discount(self) -> float: ...

    def reset(self, key: Array) -> Any:
        """The state in which an episode begins; all that is random comes from `key`."""
        ...

    def step(self, state: Any, actions: Array, key: Array) -> tuple[Any, Array, Array]:
        """The next state, rewards [N] and whether the game has ended, after `actions` [N]."""
        ...

    def observe(self, state: Any) -> Array:
        """[N, ...] what each agent sees: numbers, or whole numbers [N] below `n_observations`."""
        ...


@runtime_checkable
class HasObservations(Protocol):
    """A simulator whose agents see one of H things each, as whole numbers [N] from 0 on.

    n_observations: H; 0 says that they see numbers, as where it is missing.
    """

    @property
    def n_observations(self) -> int: ...


@runtime_checkable
class HasObservationShape(Protocol):
    """A simulator that says of which shape one agent's observation is, and is held to it."""

    @property
    def observation_shape(self) -> tuple[int, ...]: ...


@runtime_checkable
class HasLegalActions(Protocol):
    """A simulator in which some actions do not exist everywhere."""

    def legal(self, state: Any) -> Array:
        """[N, A] whether an action exists for each agent, at least one while play goes on."""
        ...


@runtime_checkable
class IsGame(Protocol):
    """A simulator of a game that has tables: what is learnt in it can be certified."""

    @property
    def game(self) -> Any: ...


def name_of(simulator: object) -> str:
    """What reports call it: its name where that can be printed on a line, else its class's."""
    found = getattr(simulator, "name", None)
    if isinstance(found, str) and found and found.isprintable():
        return found
    return type(simulator).__name__
