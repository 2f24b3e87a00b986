"""Exact best responses in a tabular game, for all agents at once.

    V_i* = max over agent i's policies of V_i, the others keeping to theirs

Play that must end is swept backwards; any other is solved by Howard's policy iteration, which stops
where rounding hides the next improvement. What is left, the residual of the linear systems and
rounding are stated as the error.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.game import BestResponse
from potentia.games.policy_iteration import improved
from potentia.games.tabular.data import TabularData
from potentia.games.tabular.evaluation import ProfileChain, group_means, visitation
from potentia.runtime.pytree import Leaf

ROUNDING = 16 * np.finfo(np.float64).eps       # of one step of values, relative


def responded(game: TabularData, profile: Array) -> BestResponse:
    """Best responses to a profile `[N, H, A]`: by state, or local ones where the game is
    `separable`.

    For local policies in a game that is not separable, the full-information response bounds the
    gain from above.
    """
    chain = ProfileChain(game, game.policies(profile))
    current = chain.values
    if game.full_information and game.sweeps is not None:
        value = jax.lax.fori_loop(
            0, game.sweeps, lambda _, v: _greedy_value(game, chain.action_values(v)), current)
        residual = jnp.zeros(game.n_agents)
    else:
        value, residual = _policy_iteration(game, chain, current)
    gain = value - current
    # No best response is worth less than the profile itself: what falls short of it is error. A
    # local one may be worth less in some of the states that the agent cannot tell apart.
    kept = game.initial[None] @ gain if _is_local(game) else gain
    short = jnp.max(jnp.maximum(-kept, 0.0), axis=0)
    steps = _steps(game, chain) if game.sweeps is None else game.sweeps
    rounding = ROUNDING * jnp.max(jnp.abs(value) + jnp.abs(current), axis=0)
    return BestResponse(value=value.T, current=current.T, gain=game.initial @ gain,
                        worst_gain=jnp.max(gain, axis=0),
                        error=2 * short + steps * (chain.unsolved + residual + rounding))


def _is_local(game: TabularData) -> bool:
    """Whether best responses are local; see `responded`."""
    return game.separable and not game.full_information


def _steps(game: TabularData, chain: ProfileChain) -> Leaf:
    """How often an error of one step may count: at discount 1, for as many steps as play is
    expected to last."""
    return (jnp.max(jnp.abs(chain.system.values(jnp.ones(game.n_states)))) if game.undiscounted
            else game.scale)


def _greedy_value(game: TabularData, q: Array) -> Array:
    """Best own value in each state, `[N, S, A] -> [S, N]`."""
    return jnp.max(jnp.where(game.mask_by_state, q, -jnp.inf), axis=-1).T


def _policy_iteration(game: TabularData, chain: ProfileChain,
                      current: Array) -> tuple[Array, Array]:
    """Values [S, N] of each agent's best response, by Howard's policy iteration for all at once,
    and how far off one step is at most [N]: improvement left (it stops where rounding hides the
    next), and what did not solve."""
    pool = _belief_pool(game, chain)
    existing = game.mask_by_state

    def improve(q: Array, own: Array) -> tuple[Array, Array]:
        """The greedy action wherever it is better than the own one, and by how much [N, S]."""
        q = jnp.where(existing, pool(q), -jnp.inf)
        held = _taken(q, own)
        better = jnp.max(q, axis=-1) - held
        moves = better > ROUNDING * jnp.abs(held)
        return jnp.where(moves, jnp.argmax(q, axis=-1), own), jnp.where(moves, better, 0.0)

    def step(own: Array) -> tuple[Array, Array, Array, Array]:
        value = chain.values_against([jax.nn.one_hot(own[i], actions, dtype=current.dtype)
                                      for i, actions in enumerate(game.action_counts)])
        q = chain.action_values(value)
        following, better = improve(q, own)
        off = jnp.max(better + jnp.abs(_taken(q, own) - value.T), axis=-1)
        return value, following, off, jnp.any(better > 0)

    first = jnp.argmax(jnp.where(existing, pool(chain.action_values(current)), -jnp.inf), axis=-1)
    return improved(step, first, current, jnp.zeros(game.n_agents))


def _belief_pool(game: TabularData, chain: ProfileChain) -> Callable[[Array], Array]:
    """How an agent may look at its action values [N, S, A] when it picks its best response.

    With full information (also the upper bound for local policies that are not separable) as they
    are; else averaged over what the own information state says of the state.
    """
    if not _is_local(game):
        return lambda q: q
    # The belief does not depend on the own policy, so the uniform one is used: it reaches most.
    existing = [game.mask[i, game.information[i], :count]
                for i, count in enumerate(game.action_counts)]
    own = [mask / jnp.sum(mask, axis=1, keepdims=True) for mask in existing]
    visits = jnp.stack([visitation(game, chain.system_against(i, policy))
                        for i, policy in enumerate(own)])
    count = game.mask.shape[1]

    def pool(q: Array) -> Array:
        return jax.vmap(lambda q, d, h: group_means(q, d, h, count)[1][h])(q, visits,
                                                                           game.information)

    return pool


def _taken(q: Array, actions: Array) -> Array:
    """[N, S] action values of the actions [N, S]."""
    return jnp.take_along_axis(q, actions[..., None], axis=-1)[..., 0]
