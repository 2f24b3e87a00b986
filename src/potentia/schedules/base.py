"""What a schedule is, and what it is told."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jax import Array

from potentia.runtime.pytree import tree


@tree
class Facts:
    """What a schedule is told before an iteration, of N rows of a profile and M movers.

    A mover is who moves as one: an agent; on roads a type of agents, or, with policies by
    destination, all who go to one destination.

    advantages: [N, H, A] each row's own marginal advantages, as its oracle tells them; 0 where
        there is no action, and where rounding may explain it. profile: [N, H, A]. mask: [N, H, A].
    movers: [N] whose row it is. counts: [M] updates that each mover has made so far.
    gains: [M] the game's exact best-response gains; None unless the schedule asks for them.
    """

    advantages: Array
    profile: Array
    mask: Array
    movers: Array
    counts: Array
    gains: Array | None = None

    @property
    def n_movers(self) -> int:
        """M."""
        return self.counts.shape[0]

    @property
    def largest(self) -> Array:
        """[M] each mover's largest own advantage; never negative."""
        of_rows = jnp.max(self.advantages, axis=(1, 2), initial=0.0)
        return jax.ops.segment_max(of_rows, self.movers, self.n_movers)


@runtime_checkable
class Schedule(Protocol):
    """Who moves when: a frozen dataclass. Who waits keeps policy and memory bit for bit.

    Memory is any pytree of arrays, the same in every iteration.
    """

    def init(self, n_movers: int, key: Array) -> Any:
        """The memory before the first iteration."""
        ...

    def move(self, memory: Any, iteration: Array, facts: Facts, key: Array) -> tuple[Array, Any]:
        """Who moves now, bool [M], or [M, H] by information state, and the memory.

        iteration: of the run, from 0 on.
        """
        ...


@runtime_checkable
class _NeedsGains(Protocol):
    @property
    def needs_gains(self) -> bool: ...


@runtime_checkable
class _Compares(Protocol):
    @property
    def coordinator(self) -> bool: ...


def needs_gains(schedule: Schedule) -> bool:
    """Whether it asks for the exact best-response gains of all movers."""
    return isinstance(schedule, _NeedsGains) and schedule.needs_gains


def is_coordinator(schedule: Schedule) -> bool:
    """Whether it compares what movers could gain, which no mover by itself can, and which makes no
    sense with values that are estimated."""
    return needs_gains(schedule) or (isinstance(schedule, _Compares) and schedule.coordinator)
