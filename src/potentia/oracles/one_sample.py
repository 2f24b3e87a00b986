"""One-sample estimates: the return of what was played, over the probability of playing it.

    q_i(h, a) = mean over the visits to h of 1[a played] G_i / pi_i(a|h),
    v_i(h) = sum over a of pi_i(a|h) q_i(h, a),
    G_i = sum over k < T of discount^k r_i(t + k)

An agent that plays one action learns of all, as an adversarial bandit does: the estimate of an
action that was not played is 0, and on average, over what may be played, each is right.
"""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from potentia.game import Evaluation, HasJointStates
from potentia.oracles import flat_index, playing, visits
from potentia.runtime.pytree import static, tree

SOURCE = "Auer, Cesa-Bianchi, Freund, Schapire, SIAM J. Comput. 32 (2002), of returns"


@tree
class OneSample(playing.Episodic):
    """Importance-weighted values and action values from a single episode, or a few.

    episodes: number of episodes, at least 1. horizon: T, rewards that make up a return, at least 1.
    explore: in [0, 1), the probability with which agents play any existing action instead, all
    alike. The weights are by what was played, so that q is of each action and v of the agent's own
    policy at the state itself; later, and by the others, play has that floor in both.

    Where agents see the state, only the first visit of an episode to a state counts, so that the
    estimate is unbiased there but for the cut at T (the bound is that of `Sampled`). Where they see
    less, visits are weighted by discount^t, which biases it by an order of 1/episodes besides.

    The variance grows as 1/pi(a|h): a floor bounds it. Standard errors are over episodes: inf where
    fewer than two visited, and of an action that fewer than two of them played. An action that is
    never played, and one that is missing, has q = v; a state that was not visited has q = v = 0.

    Source: the estimates of Exp3 (Auer, Cesa-Bianchi, Freund and Schapire, SIAM J. Comput. 32,
    2002), the return in the place of the reward.
    """

    episodes: int = static(default=1)
    horizon: int = static(default=20)
    explore: float = 0.0
    called: ClassVar[str] = "one-sample"

    def evaluate(self, game: HasJointStates, profile: Array, key: Array) -> Evaluation:
        """Estimates for `profile` [N, H, A], with standard errors where two episodes came."""
        looked, steps, ends = visits.lengths(game, self.horizon)
        behaviour = playing.played(profile, game.mask, self.explore)
        play = game.simulate(behaviour, key, self.episodes, steps)
        states = play.states[:, :looked]
        returns = visits.returns_of(play.rewards, game.discount, looked, self.horizon)
        occupancy = visits.occupancy(game, states, ends)
        weight = _first_visits(states, game.n_states) if game.full_information else occupancy
        seen, entries = visits.coordinates(game, play, looked)
        shape, episode = (self.episodes, *game.mask.shape), jnp.arange(self.episodes)[:, None]
        count = flat_index.totals(shape[:3], weight, episode, *seen)              # [E, N, H]
        plays, total = (flat_index.totals(shape, amount, episode, *entries) for amount in
                        (weight, weight * returns / flat_index.entry(behaviour, *entries)))
        worth = jnp.sum(profile * total, axis=-1)                                 # [E, N, H]
        visited = jnp.sum(count, axis=0)
        q, v = (visits.ratio(jnp.sum(amount, axis=0), at, 0.0)
                for amount, at in ((total, visited[..., None]), (worth, visited)))
        q_stderr = visits.errors_over_episodes(total - q * count[..., None], count[..., None])
        return Evaluation(
            q=jnp.where(behaviour > 0, q, v[..., None]), v=v,
            visitation=flat_index.totals(shape[1:3], occupancy,
                                         *seen) / (self.episodes * game.scale),
            q_stderr=jnp.where(jnp.sum(plays > 0, axis=0) >= 2, q_stderr, jnp.inf),
            v_stderr=visits.errors_over_episodes(worth - v * count, count),
            bias=visits.bias_of_cut(game, self.horizon, ends),
            agent_steps=jnp.asarray(float(game.n_agents * self.episodes * steps)))


def _first_visits(states: Array, n_states: int) -> Array:
    """[E, T] 1 where an episode comes to a state [E, T] for the first time, else 0."""
    episode, step = jnp.arange(states.shape[0])[:, None], jnp.arange(states.shape[1])
    first = jnp.full((states.shape[0], n_states), states.shape[1]).at[episode, states].min(step)
    return jnp.where(first[episode, states] == step, 1.0, 0.0)
