"""What one agent sees, and what every rule's step size must be."""

from __future__ import annotations

from jax import Array

from potentia.errors import positive_number
from potentia.runtime.pytree import is_concrete, tree


@tree
class View:
    """One agent's own data at one iteration.

    q: [H, A] marginal action values. v: [H] values. visitation: [H] discounted visitation d.
    mask: [H, A] actions that exist. scale: 1/(1-discount), or 1 at discount 1.
    """

    q: Array
    v: Array
    visitation: Array
    mask: Array
    scale: Array

    @property
    def advantage(self) -> Array:
        """[H, A] marginal advantage, q - v; 0 where there is no action."""
        return (self.q - self.v[:, None]) * self.mask


class Stepped:
    """Base of rules with a constant `step_size` (eta), in (0, inf): coerced to float64, checked once."""

    step_size: Array

    def __post_init__(self) -> None:
        if is_concrete(self.step_size):
            object.__setattr__(self, "step_size", positive_number(self.step_size, "step_size"))
