"""What an oracle is."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from jax import Array

from potentia.game import Evaluation


@runtime_checkable
class Oracle(Protocol):
    """Tells the agents the values of a profile. A frozen dataclass; rules cannot tell one oracle
    from another."""

    def evaluate(self, game: Any, profile: Array, key: Array) -> Evaluation:
        """What the agents are told of `profile` [N, H, A]; all that is random comes from `key`.

        game: Any, so that an oracle may ask for the one class of games that it serves.
        """
        ...


@runtime_checkable
class Selective(Protocol):
    """An oracle that serves some games only."""

    def check(self, game: Any) -> None:
        """Raise InputError for a game that it cannot serve; called once, before anything is
        computed."""
        ...


@runtime_checkable
class Preparing(Protocol):
    """An oracle that gets something ready for the game that it is to serve."""

    def prepared(self, game: Any) -> Oracle:
        """The oracle for that game, after `check`; called once, outside any program."""
        ...


@runtime_checkable
class Stateful(Oracle, Protocol):
    """An oracle that keeps something of one iteration for the next, such as play that goes on.
    `evaluate` is then what it tells of play that begins anew.

    Each run has a memory of its own: a pytree of arrays, the same in every iteration.
    """

    def begin(self, game: Any, key: Array) -> Any:
        """The memory before the first iteration."""
        ...

    def evaluate_from(self, game: Any, profile: Array, key: Array,
                      memory: Any) -> tuple[Evaluation, Any]:
        """What the agents are told of `profile` [N, H, A], and the memory after it."""
        ...


@runtime_checkable
class GivesSoftValues(Protocol):
    """An oracle whose values are soft: every later state is worth `gives_temperature` times the
    entropy of the agent's own policy there besides."""

    @property
    def gives_temperature(self) -> float: ...


@runtime_checkable
class _TellsExact(Protocol):
    @property
    def exact(self) -> bool: ...


@runtime_checkable
class _TellsBatched(Protocol):
    @property
    def batched(self) -> bool: ...


@runtime_checkable
class _TellsCountsSteps(Protocol):
    @property
    def counts_steps(self) -> bool: ...


def is_exact(oracle: Oracle) -> bool:
    """Whether the oracle says that its values are the game's own exact ones: only then may a run
    stop on the gap."""
    return isinstance(oracle, _TellsExact) and oracle.exact


def is_batched(oracle: Oracle) -> bool:
    """Whether the oracle wants many runs side by side (vmap), not one after another."""
    return isinstance(oracle, _TellsBatched) and oracle.batched


def counts_steps(oracle: Oracle) -> bool:
    """Whether the oracle plays and counts it: its evaluations have `agent_steps`."""
    return isinstance(oracle, _TellsCountsSteps) and oracle.counts_steps


def stateful(oracle: Oracle) -> Stateful | None:
    """The oracle if it keeps something from one iteration to the next, else None."""
    return oracle if isinstance(oracle, Stateful) else None
