"""Exact evaluation of a profile of a tabular game: its chain, values, action values and visitation.

    V_i = R_i + discount P V_i,   R_i(s) = E r_i(s, a),   P(s, s') = E P(s' | s, a),
    a ~ profile(s)   (eq. 1)
    Q_i(s, a_i) = E [r_i(s, a) + discount V_i(s') | a_i],
    d = (1 - discount) mu (I - discount P)^-1   (eq. 3)

(equation numbers: Fox, McAleer, Overman and Panageas, arXiv 2110.10614). One joint-weighted chain P
serves all agents; how it is solved follows from the game's size (`chains`).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import Evaluation
from potentia.games.tabular import chains, joint_actions
from potentia.games.tabular.data import TabularData
from potentia.games.tabular.marginal_transitions import marginal_transitions


class ProfileChain:
    """Play of a game by policies [S, A_i]: its chain and its values, and those of each agent's
    deviations."""

    def __init__(self, game: TabularData, policies: list[Array]):
        self.game, self.halves = game, joint_actions.Halves(policies)
        self.rewards = self.halves.averaged(jnp.asarray(game.rewards))
        self.transitions = marginal_transitions(game.transitions, self.halves, game.direct)
        self.live = game.discount * jnp.where(game.absorbing, 0.0, 1.0)[:, None]
        self.expected = jnp.sum(self.halves.weights[0][..., None] * self.rewards[0], axis=1)
        self.system = self._system(0, self.halves.weights[0])
        self.values = self.system.values(self.expected)

    @property
    def unsolved(self) -> Array:
        """[N] residual of the values."""
        left = self.expected + self.system.chain.ahead(self.values) - self.values
        return jnp.max(jnp.abs(left), axis=0)

    def action_values(self, values: Array) -> Array:
        """Marginal action values from next-state values [S, N]: `[N, S, A]`, 0 where there is no
        action."""
        later = jnp.where(self.game.absorbing[:, None], 0.0, values)
        expected = self.transitions.expected(self.game.discount * later)
        tables = [now + ahead for now, ahead
                  in zip(self.halves.of_own(self.rewards), expected, strict=True)]
        widest = max(self.game.action_counts)
        return jnp.stack([jnp.pad(q, ((0, 0), (0, widest - q.shape[1])))
                          for q in self.halves.marginal(tables)])

    def values_against(self, own: list[Array]) -> Array:
        """[S, N] values, each agent's when it plays `own[i]` [S, A_i] and the others keep to their
        policies."""
        return jnp.stack([self._value_against(agent, policy) for agent, policy in enumerate(own)],
                         axis=1)

    def system_against(self, agent: int, own: Array) -> chains.Solver:
        """The chain of play in which `agent` deviates to `own` [S, A_i]."""
        return self._system(*self._deviation(agent, own))

    def _value_against(self, agent: int, own: Array) -> Array:
        half, weights = self._deviation(agent, own)
        return self._system(half, weights).values(jnp.sum(weights * self.rewards[half][..., agent],
                                                          axis=1))

    def _deviation(self, agent: int, own: Array) -> tuple[int, Array]:
        """The agent's half and its joint weights [S, J_k] when the agent plays `own`."""
        half = next(k for k, part in enumerate(self.halves.parts)
                    if part.start <= agent < part.stop)
        policies = [*self.halves.policies[:agent], own, *self.halves.policies[agent + 1:]]
        return half, joint_actions.product(policies[self.halves.parts[half]])

    def _system(self, half: int, weights: Array) -> chains.Solver:
        chain = self.transitions.chain(half, self.live * weights)
        return chains.solver(chain, self.game.direct, self.game.sweeps)


def evaluated(game: TabularData, profile: Array) -> Evaluation:
    """Values, marginal action values and visitation of a profile `[N, H, A]`."""
    chain = ProfileChain(game, game.policies(profile))
    return by_information(game, chain.action_values(chain.values), chain.values.T,
                           visitation(game, chain.system))


def visitation(game: TabularData, system: chains.Solver) -> Array:
    """[S] discounted visitation from the initial distribution."""
    visits = system.visits(jnp.asarray(game.initial))
    if game.undiscounted:
        return visits
    # Play stays in an absorbing state for ever after its arrival there.
    return jnp.where(game.absorbing, visits, (1.0 - game.discount) * visits)


def by_information(game: TabularData, q: Array, v: Array, visits: Array) -> Evaluation:
    """Values by state [N, S, ...] to values by information state [N, H, ...]."""
    if game.full_information:
        q = jnp.where(game.mask, q, v[..., None])
        return Evaluation(q=q, v=v, visitation=jnp.broadcast_to(visits, v.shape))
    count = game.mask.shape[1]

    def one(q: Array, v: Array, information: Array, mask: Array) -> tuple[Array, Array, Array]:
        total, mean = group_means(jnp.column_stack([q, v]), visits, information, count)
        return jnp.where(mask & (total > 0)[:, None], mean[:, :-1],
                         mean[:, -1:]), mean[:, -1], total

    q, v, visits = jax.vmap(one)(q, v, game.information, game.mask)
    return Evaluation(q=q, v=v, visitation=visits)


def group_means(columns: Array, weights: Array, groups: Array, count: int) -> tuple[Array, Array]:
    """Total weight [count] and weighted means [count, M] of the rows of `columns` [S, M] by
    group."""
    total = jax.ops.segment_sum(weights, groups, count)
    sums = jax.ops.segment_sum(columns * weights[:, None], groups, count)
    return total, sums / jnp.where(total > 0, total, 1.0)[:, None]
