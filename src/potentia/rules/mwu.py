"""Multiplicative weights: INPG on the policies themselves.

The advantage may be replaced by the action value, since Z absorbs any constant of the row; here it
is, so that this form checks the other.
"""

from __future__ import annotations

from jax import Array

from potentia.profile import log_normalise
from potentia.rules.base import Stepped, View
from potentia.runtime.pytree import Number, tree

SOURCE = "Fox, McAleer, Overman, Panageas, arXiv 2110.10614, Remark 2"


@tree
class MWU(Stepped):
    """INPG as multiplicative weights on the policy.

        pi_i(a|s) <- pi_i(a|s) exp(eta/(1-gamma) Q_i(s, a)) / Z_i(s)

    step_size: eta, positive.

    Source: Fox, McAleer, Overman, Panageas, arXiv 2110.10614, Remark 2 (MWU); the same steps as
    `INPG`.
    """

    step_size: Number

    def init(self, log_policy: Array, mask: Array, key: Array) -> None:
        """Nothing to remember of the policy [H, A]."""

    def update(self, log_policy: Array, memory: None, view: View, iteration: Array,
               key: Array) -> tuple[Array, None]:
        """One multiplicative step of the policy [H, A], in logarithms."""
        return log_normalise(log_policy + self.step_size * view.scale * view.q, view.mask), None
