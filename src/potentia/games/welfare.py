"""The welfare of games whose agents each have a value from the start."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.runtime.float64 import float64_method


class SumOfValues:
    """Base of games with `start_values`, one for each agent: what that means for `welfare`."""

    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution."""
        raise TypeError(f"a {type(self).__name__} has no start_values")

    @float64_method
    @jax.jit
    def welfare(self, profile: Array) -> Array:
        """Sum over agents of V_i(mu); profile: [N, H, A]."""
        return jnp.sum(self.start_values(profile))
