"""What structured games share in which every agent sees the state."""

from __future__ import annotations

import numpy as np

from potentia.runtime.pytree import Leaf


class FullInformation:
    """Base of structured games in which every agent sees the state: what that means for `mask`
    [N, S, A]."""

    mask: Leaf
    discount: Leaf
    undiscounted: bool

    @property
    def full_information(self) -> bool:
        """True: every agent sees the state."""
        return True

    @property
    def separable(self) -> bool:
        """True: what an agent sees tells of the state all there is, whatever it does itself."""
        return True

    @property
    def n_states(self) -> int:
        return self.mask.shape[1]

    @property
    def action_counts(self) -> tuple[int, ...]:
        """(A, ..., A), one for each row of a profile."""
        return (self.mask.shape[2],) * self.mask.shape[0]

    @property
    def information(self) -> np.ndarray:
        """[N, S] information state of each agent: the state itself."""
        return np.broadcast_to(np.arange(self.n_states), self.mask.shape[:2])

    @property
    def scale(self) -> Leaf:
        """1/(1-discount), or 1 at discount 1."""
        return np.float64(1.0) if self.undiscounted else 1.0 / (1.0 - self.discount)


class EndlessPlay(FullInformation):
    """Base of those that discount and never end."""

    @property
    def n_agents(self) -> int:
        return self.mask.shape[0]

    @property
    def absorbing(self) -> Leaf:
        """[S]: play never ends."""
        return np.zeros(self.n_states, bool)

    @property
    def sweeps(self) -> None:
        """Play never ends."""
