"""What a simulator that runs outside JAX is: many copies of it, stepped together on the host."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np


class Stepped(NamedTuple):
    """What E copies answer to a step.

    observations: [E, N, ...]. rewards: [E, N]. ended: [E] whether the game is over. cut: [E]
    whether the episode was cut off though the game goes on. legal: [E, N, A], None where all exist.
    """

    observations: np.ndarray
    rewards: np.ndarray
    ended: np.ndarray
    cut: np.ndarray
    legal: np.ndarray | None = None


@runtime_checkable
class HostSimulator(Protocol):
    """E copies of a simulator on the host. `action_counts`, `horizon` and `discount` are those of
    `Simulator`; observation_shape: of one agent. n_observations: H where agents see one of H things
    each, else 0. masked: whether actions may be missing somewhere.

    What it answers may be lists, but must have the shapes and kinds that `Stepped` tells: what does
    not fit ends training by the step, the copy and the agent.
    """

    name: str

    @property
    def action_counts(self) -> Sequence[int]: ...
    @property
    def horizon(self) -> int: ...
    @property
    def discount(self) -> float: ...
    @property
    def observation_shape(self) -> tuple[int, ...]: ...
    @property
    def n_observations(self) -> int: ...
    @property
    def masked(self) -> bool: ...

    def begin(self, seeds: np.ndarray) -> Stepped:
        """Begin an episode in as many copies as there are `seeds` [E]; rewards are 0."""
        ...

    def advance(self, actions: np.ndarray) -> Stepped:
        """One step of every copy, by `actions` [E, N]; a copy whose episode is over stays.

        Raises InputError naming the step and the agent of what does not fit.
        """
        ...
