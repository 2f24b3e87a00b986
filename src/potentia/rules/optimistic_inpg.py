"""INPG that expects the next advantage to be like the last one."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View
from potentia.runtime.pytree import Number, tree

SOURCE = "Rakhlin, Sridharan, arXiv 1311.1869, on the logits of Fox et al., arXiv 2110.10614"


@tree
class LastAdvantage:
    """What an agent remembers, [H, A]: logits, and the last advantage."""

    logits: Array
    advantage: Array


@tree
class OptimisticINPG(Stepped):
    """INPG that counts the newest advantage twice and takes back the one before.

        theta_i(s, a) <- theta_i(s, a) + eta/(1-gamma) (2 A_i(s, a) - A_i'(s, a))

    A' is the advantage of the iteration before, 0 at first: the first step is twice INPG's.

    step_size: eta, positive.

    Source: optimistic mirror descent (Rakhlin and Sridharan, arXiv 1311.1869) with the last
    advantage as the guess, on the logits of arXiv 2110.10614, Lemma 2.1: all steps together are
    INPG's and the last one again. Derived here; no guarantee for Markov potential games is known
    to us. In two-agent zero-sum games with one state it converges where INPG
    spirals away (Daskalakis and Panageas, arXiv 1807.04252).
    """

    step_size: Number

    def init(self, log_policy: Array, mask: Array, key: Array) -> LastAdvantage:
        """The logits theta [H, A], and no advantage yet."""
        return LastAdvantage(logits=log_policy, advantage=jnp.zeros(mask.shape))

    def update(self, log_policy: Array, memory: LastAdvantage, view: View, iteration: Array,
               key: Array) -> tuple[Array, LastAdvantage]:
        """One step on the logits [H, A]; the policy is their softmax."""
        foreseen = 2 * view.advantage - memory.advantage
        logits = memory.logits + self.step_size * view.scale * foreseen
        return (log_normalise(logits, view.mask),
                LastAdvantage(logits=logits, advantage=view.advantage))
