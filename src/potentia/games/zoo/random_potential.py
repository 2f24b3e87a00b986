"""Random Markov potential games: common rewards, shaped for each agent, and perturbed if asked for.

Agent i is paid

    phi(s, a) + gamma E f_i(s') - f_i(s) + delta_i(s, a),

with phi and f_i drawn from [0, 1). Shaping f_i takes f_i(s) off the value of agent i in state s,
whatever is played, so that the value of phi stays a potential (Ng, Harada and Russell, 1999). What
is within +-alpha (1 - gamma) / 2 in each step moves the change of a value by at most alpha.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, finite_number, not_negative_number, whole_number
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Potentia's own; shaping by Ng, Harada, Russell: Policy Invariance under Reward "
          "Transformations (ICML 1999)")


def build(n_agents: int = 2, n_states: int = 3, n_actions: int = 2, seed: int = 0,
          shaping: float = 1.0, alpha: float = 0.0, discount: float = 0.9) -> MarkovGame:
    """A random Markov potential game, shaped for each agent, or one that is within alpha of it.

    n_agents, n_states, n_actions: each >= 1; every agent has as many actions. seed: of what is
        drawn. discount: in [0, 1).
    shaping: factor of the shaping; at 0 it is a game of common interest.
    alpha: >= 0. No more than this is what a deviation gains off the change of the potential, from
        any state; 0 for a potential game.

    Rewards and shaping are uniform on [0, 1), next states flat Dirichlet, the start uniform. At
    alpha = 0 it carries its potential. The same seed draws the same game at any shaping and alpha.

    Raises InputError for parameters out of range and tables above 2 GB.
    """
    n_agents, n_states = (whole_number(n_agents, "n_agents", 1),
                          whole_number(n_states, "n_states", 1))
    n_actions = whole_number(n_actions, "n_actions", 1)
    check_table(n_agents, n_states * (1 + n_states // (n_agents + 2)), n_actions)
    gamma = finite_number(discount, "discount")
    if not 0 <= gamma < 1:
        raise InputError(f"discount is {gamma:g}, but it must lie in [0, 1)")
    off = not_negative_number(alpha, "alpha")
    rng = np.random.default_rng(whole_number(seed, "seed"))
    shape = (n_states, *(n_actions,) * n_agents)
    stage = rng.random(shape)
    following = rng.dirichlet(np.ones(n_states), size=shape)
    shapes = finite_number(shaping, "shaping") * rng.random((n_agents, n_states))
    now = shapes.reshape(n_agents, n_states, *(1,) * n_agents)
    rewards = (stage + gamma * np.einsum("...t,it->i...", following, shapes) - now
               + off * (1 - gamma) * (rng.random((n_agents, *shape)) - 0.5))
    return MarkovGame.from_arrays(rewards, following, discount=gamma,
                                  stage_potential=None if off else stage, name="random-potential")
