"""What the two published experiment scripts share: the structure they assume, Q, and the weight
b(s).

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 4; the estimators are those of the
published experiment scripts of the paper, not those of its text.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.transitions import SparseTransitions
from potentia.oracles import flat_index, joint_draws
from potentia.runtime.pytree import is_concrete

NextState = Callable[[Array, Array], Array]       # states, joint actions -> next states


def check(game: MarkovGame, oracle: str) -> None:
    """Raise InputError unless the published scripts could have run on `game`.

    They need a tabular game in which every agent sees the state and the next state is certain, and
    a uniform initial distribution (checked where its values are known, that is outside a compiled
    loop).
    """
    if not isinstance(game, MarkovGame):
        raise InputError(f"{oracle} needs a tabular game, but the game is a {type(game).__name__}")
    if not isinstance(game.transitions,
                      SparseTransitions) or game.transitions.probabilities is not None:
        raise InputError(
            f"{oracle} needs next states that are certain, but those of {game.name!r} are drawn")
    if not game.full_information:
        raise InputError(
            f"{oracle} needs agents that see the state, but those of {game.name!r} see less")
    if is_concrete(game.initial) and not _is_uniform(game.initial):
        state = int(np.argmax(np.abs(game.initial - 1.0 / game.n_states)))
        raise InputError(f"{oracle} needs a uniform initial distribution, but "
                         f"initial[state={state}] is {game.initial[state]:g}, not "
                         f"{1.0 / game.n_states:g}")


def targets(game: MarkovGame) -> Array:
    """The certain next states, `[S, J]`, of a game that passed `check`."""
    transitions = game.transitions
    assert isinstance(transitions, SparseTransitions)
    return transitions.targets[:, :, 0]


def visitation(game: MarkovGame, horizon: int) -> Array:
    """(1-discount) b(s), `[N, S]`, with b the weight of the published IPG; NaN unless mu is
    uniform.

    b(s) = sum over s' of d_s(s') mu(s'), where d_s is the T-step discounted visitation *from s*.
    For uniform mu it is (1 + discount + ... + discount^(T-1)) / S whatever is played, so nothing is
    drawn.
    """
    weight = jnp.sum(game.discount ** jnp.arange(horizon)) / (game.scale * game.n_states)
    weight = jnp.where(_is_uniform(jnp.asarray(game.initial)), weight, jnp.nan)
    return jnp.full((game.n_agents, game.n_states), weight)


def action_values(game: MarkovGame, profile: Array, v: Array, key: Array, samples: int,
                  following: NextState) -> Array:
    """Q(s, a_i), `[N, S, A]`: mean of `samples` one-step draws of r_i + discount v_i(s'); v where
    no action is.

    v: [N, S]. The others' actions are drawn anew for each agent, state, own action and sample.
    """
    probabilities = joint_draws.probabilities(profile)
    uniform = jax.random.uniform(key, (game.n_agents, profile.shape[-1], samples, game.n_states))

    # One agent after another, so that the draws are kept; fused, they would be drawn again for each
    # use.
    def draw(agent_and_uniform: tuple[Array, Array]) -> Array:
        agent, uniform = agent_and_uniform
        return joint_draws.decode(uniform, joint_draws.with_own_action(probabilities, agent),
                                  game.action_counts)

    joint = lax.map(draw, (jnp.arange(game.n_agents), uniform))
    agents, states = jnp.arange(game.n_agents)[:, None, None, None], jnp.arange(game.n_states)
    returns = (flat_index.entry(game.rewards, states, joint, agents)
               + game.discount * flat_index.entry(v, agents, following(states, joint)))
    return jnp.where(game.mask, jnp.mean(returns, axis=2).swapaxes(1, 2), v[..., None])


def _is_uniform(initial: Array) -> Array:
    """Whether a distribution [S] is uniform, to 1e-9 of its entries."""
    return abs(initial * initial.size - 1.0).max() <= 1e-9
