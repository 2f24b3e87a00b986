"""What the two published experiment scripts share: the structure they assume, Q, and the weight b(s).

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 4; the estimators are those of the published
experiment scripts of the paper, not those of its text.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError
from potentia.games.tabular import MarkovGame
from potentia.games.transitions import SparseTransitions
from potentia.oracles import joint_draws
from potentia.trees import is_concrete


def check(oracle: Any, game: Any) -> None:
    """Raise InputError unless the published scripts could have run on `game`.

    They need a tabular game in which every agent sees the state and the next state is certain, and a
    uniform initial distribution (checked where its values are known, that is outside a compiled loop).
    """
    name = type(oracle).__name__
    if not isinstance(game, MarkovGame):
        raise InputError(f"{name} needs a tabular game, but the game is a {type(game).__name__}")
    if not isinstance(game.transitions, SparseTransitions) or game.transitions.probabilities is not None:
        raise InputError(f"{name} needs next states that are certain, but those of {game.name!r} are drawn")
    if not game.full_information:
        raise InputError(f"{name} needs agents that see the state, but those of {game.name!r} see less")
    if is_concrete(game.initial) and not _is_uniform(np.asarray(game.initial)):
        state = int(np.argmax(np.abs(game.initial - 1.0 / game.n_states)))
        raise InputError(f"{name} needs a uniform initial distribution, but initial[state={state}] is "
                         f"{game.initial[state]:g}, not {1.0 / game.n_states:g}")


def visitation(game: MarkovGame, horizon: int) -> Array:
    """(1-discount) b(s), `[N, S]`, with b the weight of the published IPG; NaN unless mu is uniform.

    b(s) = sum over s' of d_s(s') mu(s'), where d_s is the T-step discounted visitation *from s*. For
    uniform mu it is (1 + discount + ... + discount^(T-1)) / S whatever is played, so nothing is drawn.
    """
    weight = jnp.sum(game.discount ** jnp.arange(horizon)) / (game.scale * game.n_states)
    uniform = _is_uniform(jnp.asarray(game.initial))
    return jnp.full((game.n_agents, game.n_states), jnp.where(uniform, weight, jnp.nan))


def action_values(game: MarkovGame, tables: joint_draws.Thresholds, v: Array, key: Array, samples: int) -> Array:
    """Q(s, a_i), `[N, S, A]`: mean of `samples` one-step draws of r_i + discount v_i(s').

    tables: the profile's thresholds. v: [N, S]. The others' actions are drawn anew for each agent, state,
    own action and sample.
    """
    agents, states = jnp.arange(game.n_agents)[:, None, None, None], jnp.arange(game.n_states)
    uniform = jax.random.uniform(key, (game.n_agents, max(game.action_counts), samples, game.n_states))
    joint = joint_draws.decode(uniform, joint_draws.with_own_action(tables, game.action_counts))
    following = next_state(game, states, joint)
    rewards = _inside(game.rewards, states, joint, agents)
    return jnp.mean(rewards + game.discount * _inside(v, agents, following), axis=2).swapaxes(1, 2)


def next_state(game: MarkovGame, states: Array, joint: Array) -> Array:
    """The certain next states (int32) of valid states and joint actions."""
    return _inside(game.transitions.targets, states, joint, 0)


def _inside(table: Array, *place: Array | int) -> Array:
    """`table[place]`, where every place is known to exist."""
    return jnp.asarray(table).at[place].get(mode="promise_in_bounds")


def _is_uniform(initial: Array) -> Array:
    return abs(initial * initial.size - 1.0).max() <= 1e-9
