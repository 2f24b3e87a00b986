"""The sampled oracle: what agents learn from play alone, with standard errors and a bias bound.

    q_i(h, a) = mean of G_i over the visits of agent i to h in which it played a,
    v_i(h) = mean over all,
    G_i = sum over k < T of discount^k r_i(t + k),
    d_i(h) = (1 - discount) E sum over t < T of discount^t 1[h_t = h]

Every visit, also a late one, is followed by the same number T of rewards, so that q and v share one
bound on the bias: discount^T max|r| / (1 - discount). The standard errors are those of ratio
estimators whose clusters are the episodes (`visits`). Ratios of random sums have a bias of order
1/episodes, which vanishes where an entry is visited at most once an episode.
"""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from potentia.game import Evaluation, HasJointStates
from potentia.oracles import flat_index, playing, visits
from potentia.runtime.pytree import static, tree


@tree
class Sampled(playing.Episodic):
    """Monte Carlo values, marginal action values and visitation from simulated episodes.

    episodes: number of episodes, at least 1. horizon: T, rewards that make up a return, at least 1.
    explore: in [0, 1), the probability with which agents play any existing action instead, all
    alike. What is told then, visitation too, is of the profile as it was played, with that floor.

    An episode has 2 T - 1 steps and visits are collected in the first T; a game whose play surely
    ends within T steps is played to its end, and then nothing is biased.

    Standard errors need many visits: of a few, the returns may happen to be equal, and the error is
    then 0.

    v is the plain mean of the returns, not sum_a pi(a) q(a). The latter would make advantages
    average to 0 under the policy, but it has to leave out the actions that were not played, which
    biases it, and its error is unknown as soon as one action was played once; the plain mean is
    unbiased and needs two visits. Advantages thus average to 0 over the visits, and an action that
    was not played has advantage 0 (q = v).

    Where agents see less than the state, visits are weighted by discount^t, so that q and v are the
    means over the states behind an information state under d, as the exact ones are. If what an
    agent sees tells of the state also what the agent itself did (the game is not separable), the
    cut at T shifts these weights as well, and the bias bound grows to that of any value.
    """

    episodes: int = static(default=20)
    horizon: int = static(default=20)
    explore: float = 0.0
    called: ClassVar[str] = "sampled"

    def evaluate(self, game: HasJointStates, profile: Array, key: Array) -> Evaluation:
        """Estimates for `profile` [N, H, A], with standard errors (inf where fewer than two
        episodes came)."""
        visited, steps, ends = visits.lengths(game, self.horizon)
        play = game.simulate(playing.played(profile, game.mask, self.explore), key, self.episodes,
                             steps)
        returns = visits.returns_of(play.rewards, game.discount, visited, self.horizon)
        occupancy = visits.occupancy(game, play.states[:, :visited], ends)
        weight = jnp.ones_like(occupancy) if game.full_information else occupancy
        seen, entries = visits.coordinates(game, play, visited)
        shape = game.mask.shape
        count, total = (flat_index.totals(shape, amount, *entries)
                        for amount in (weight, weight * returns))
        v = visits.ratio(jnp.sum(total, axis=-1), jnp.sum(count, axis=-1), 0.0)
        q = visits.ratio(total, count, v[..., None])
        return Evaluation(
            q=q, v=v,
            visitation=flat_index.totals(shape[:2], occupancy,
                                         *seen) / (self.episodes * game.scale),
            q_stderr=visits.errors_over_visits(q, weight, returns, entries),
            v_stderr=visits.errors_over_visits(v, weight, returns, seen),
            bias=visits.bias_of_cut(game, self.horizon, ends),
            agent_steps=jnp.asarray(float(game.n_agents * self.episodes * steps)))
