"""Soft values of a profile of a tabular game: every later step is paid the entropy of the agent's
own policy, besides its reward.

    V_i(s) = sum over a_i of pi_i(a_i|s) (Q_i(s, a_i) - tau log pi_i(a_i|s)),
    Q_i(s, a_i) = E [r_i(s, a) + discount V_i(s') | a_i]

V is the value of the game whose rewards are tau H(pi_i(.|s)) more, which no action changes; Q has
the bonus of the states to come, and none at s itself. Where play has ended nobody is paid.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import entr

from potentia.game import Evaluation
from potentia.games.tabular.data import TabularData
from potentia.games.tabular.evaluation import ProfileChain, by_information, visitation


def soft_evaluated(game: TabularData, profile: Array, temperature: Array | float) -> Evaluation:
    """Soft values, soft marginal action values and visitation of a profile `[N, H, A]`.

    temperature: tau, in units of the reward.
    """
    policies = game.policies(profile)
    chain = ProfileChain(game, policies)
    entropy = jnp.stack([jnp.sum(entr(policy), axis=1) for policy in policies], axis=1)
    bonus = temperature * jnp.where(game.absorbing[:, None], 0.0, entropy)
    values = chain.system.values(chain.expected + bonus)
    return by_information(game, chain.action_values(values), values.T,
                          visitation(game, chain.system))
