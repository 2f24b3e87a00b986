"""INPG with entropy regularisation.

In logits the natural gradient of V_i(mu) + tau E sum over t of gamma^t H(pi_i(.|s_t)) is, up to
what does not depend on the action, (Q - tau log pi)/(1-gamma), with Q the soft action values: the
entropy at the state itself is the second term, and that of later states is in Q.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.console.bounds import below
from potentia.errors import InputError
from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, is_concrete, tree

SOURCE = ("Cen, Cheng, Chen, Wei, Chi, arXiv 2007.06558; in potential games Cen, Chen, Chi, arXiv "
          "2204.05466")
SLACK = 1e-12            # by which rounding may take the longest step over its limit


@tree
class EntropyINPG(Stepped):
    """INPG with entropy regularisation, which comes to rest at a quantal response equilibrium.

        pi_i(a|s) <- pi_i(a|s)^(1 - eta tau/(1-gamma)) exp(eta Q_i(s,a)/(1-gamma)) / Z

    step_size: eta, in (0, (1-gamma)/tau]; at its largest the step is softmax(Q/tau), a response to
        what is, and pi has no part in it. At discount 1 the largest is 1/tau.
    temperature: tau, positive, in units of the reward; near 0 it is `INPG`. A number, no function.

    Q are soft values: they count the entropy of the agent's own policy in later states, at the same
    temperature, and no -tau log pi of the state itself. So it goes with the oracle `Soft` of that
    temperature only.

    Source: Cen, Cheng, Chen, Wei and Chi, arXiv 2007.06558, by each agent alone; in static
    potential games Cen, Chen and Chi, arXiv 2204.05466. Sun, Liu, Kumar and Shahrampour, arXiv
    2405.02769, prove linear convergence for temperatures that are large enough only. What it rests
    at has a Nash gap that grows with tau.
    """

    step_size: Number
    temperature: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        if callable(self.temperature):
            raise InputError("temperature is a function, but the oracle's values are of one number")
        check_range(self, "temperature")

    @property
    def needs_temperature(self) -> float:
        """tau."""
        return self.temperature

    def check_scale(self, scale: float) -> None:
        """Raise InputError for a step over (1-gamma)/tau."""
        most = 1 / (scale * self.temperature)
        if is_concrete(self.step_size) and self.step_size > most * (1 + SLACK):
            raise InputError(f"step_size is {self.step_size:g}, but at temperature "
                             f"{self.temperature:g} it must be at most {below(most)} here, "
                             f"(1 - discount)/temperature")

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One step of the policy [H, A]."""
        step = self.step_size * view.scale
        left = jnp.maximum(1 - step * self.temperature, 0.0)
        # 0 times -inf is no number, and at the largest step even a lost action comes back.
        kept = jnp.where(left > 0, left * log_policy, 0.0)
        return log_normalise(kept + step * view.advantage, view.mask), None
