"""Independent natural policy gradient in the softmax parametrisation."""

from __future__ import annotations

from jax import Array

from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View
from potentia.runtime.pytree import Number, tree

SOURCE = "Fox, McAleer, Overman, Panageas, arXiv 2110.10614, Lemma 2.1"


@tree
class INPG(Stepped):
    """Independent natural policy gradient on softmax logits.

        theta_i(s, a) <- theta_i(s, a) + eta/(1-gamma) A_i(s, a)

    step_size: eta, positive.

    Source: Fox, McAleer, Overman, Panageas, arXiv 2110.10614, Lemma 2.1. Guarantee: on a Markov
    potential game with isolated fixed points it converges to a Nash policy from any interior start
    when eta < (1-gamma)^3 / (27 n^2 Amax^2 M) (Theorem 3.1, rewards in [0, 1]).
    """

    step_size: Number

    def init(self, log_policy: Array, mask: Array, key: Array) -> Array:
        """The logits theta [H, A]: any that give the starting policy."""
        return log_policy

    def update(self, log_policy: Array, memory: Array, view: View, iteration: Array,
               key: Array) -> tuple[Array, Array]:
        """One step on the logits [H, A]; the policy is their softmax."""
        logits = memory + self.step_size * view.scale * view.advantage
        return log_normalise(logits, view.mask), logits
