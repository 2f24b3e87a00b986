"""A coordinator lets one agent move at one information state: where the improvement is largest."""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError, not_negative_number
from potentia.rules.base import check_range
from potentia.runtime.pytree import Number, traced, tree
from potentia.schedules.base import Facts

SOURCE = "Guo, Li, Maheshwari, Sastry, Wu 2023, arXiv 2305.12553"


@tree
class CoordinatedLargestImprovement:
    """A coordinator lets one agent move at one information state: where the one-step improvement
    is largest; of several the first.

        max_pi' sum_a pi'(a) A_i(s, a) + tau H(pi')  -  tau H(pi_i(.|s))

    The other information states of that agent wait. Agents cannot tell by themselves where that
    is, so it is no independent learning, and is refused with oracles that estimate.

    temperature: tau, not negative, in units of the reward, the same as the rule's; 0 leaves the
        largest advantage.

    Source: Guo, Li, Maheshwari, Sastry and Wu, arXiv 2305.12553, algorithm 2 (sequential maximum
    improvement), with `SmoothedBestResponse` at the same temperature.
    """

    temperature: Number = traced(default=0.0)
    coordinator: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_range(self, "temperature", not_negative_number)

    def init(self, n_movers: int, key: Array) -> None:
        """Nothing to remember."""

    def move(self, memory: None, iteration: Array, facts: Facts, key: Array) -> tuple[Array, None]:
        """The agent and the information state, [M, H]."""
        if facts.profile.shape[0] != facts.n_movers:
            raise InputError("CoordinatedLargestImprovement moves one agent at one information "
                             "state, but here several rows of a profile move as one")
        found = jax.vmap(jax.vmap(self._improvement))(facts.advantages, facts.profile, facts.mask)
        return (jnp.arange(found.size) == jnp.argmax(found)).reshape(found.shape), None

    def _improvement(self, advantage: Array, policy: Array, mask: Array) -> Array:
        """At one information state, by its actions [A]."""
        largest = jnp.max(advantage, where=mask, initial=-jnp.inf)
        largest = jnp.where(jnp.any(mask), largest, 0.0)
        # Away from 0, where the exponents would be infinite; multiplied by 0 in the end.
        scale = jnp.where(self.temperature > 0, self.temperature, 1.0)
        weight = jnp.exp(jnp.where(mask, (advantage - largest) / scale, -jnp.inf))
        entropy = -jnp.sum(jax.scipy.special.xlogy(policy, policy))
        soft = jnp.log(jnp.maximum(jnp.sum(weight), 1.0)) - entropy
        return largest + self.temperature * soft
