"""Rollouts that stop at random: unbiased action values from undiscounted sums of rewards.

    h with P(h = t) = (1 - discount) discount^t,    L with P(L > k) = discount^k,
    G_i = sum over k < L of r_i(h + k),    E G_i = Q_i(s_h, a_h)

An agent draws its own h and L in each episode: the step whose state and action it looks at, which
is distributed as its discounted visitation, and how many rewards it adds up from there.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError
from potentia.game import Evaluation, HasJointStates
from potentia.oracles import flat_index, playing, visits
from potentia.runtime.pytree import static, tree

SOURCE = "Ding, Wei, Zhang, Jovanovic, arXiv 2202.04129, Algorithm 2"


@tree
class Rollouts(playing.Episodic):
    """Action values, values and visitation from rollouts of geometric lengths.

    episodes: number of episodes, at least 1; each agent looks at one visit of each. cap: the most
    steps before that visit, and the most rewards added up after it, at least 1.
    explore: in [0, 1), the probability with which agents play any existing action instead, all
    alike. What is told then, visitation too, is of the profile as it was played, with that floor.

    Nothing is biased but by the cap: values by discount^cap max|r| / (1 - discount), and visitation
    lacks discount^cap in all. A game whose play surely ends within `cap` steps is played to its
    end, and then nothing is. Where what an agent sees tells of the state also what the agent
    itself did, the cap shifts weights too, and the bound grows to that of any value.

    The standard errors are those of means over episodes; inf where fewer than two visited. q = v
    where an action was not played. `agent_steps` are those that the drawn lengths ask for: play
    goes on until the last agent has added up its rewards, about 2/(1 - discount) steps.

    Needs a discount below 1. Source: Ding, Wei, Zhang and Jovanovic, arXiv 2202.04129, Algorithm 2,
    by tables, without their regression on features.
    """

    episodes: int = static(default=20)
    cap: int = static(default=200)
    explore: float = 0.0
    called: ClassVar[str] = "rollouts"
    length: ClassVar[str] = "cap"

    def check(self, game: HasJointStates) -> None:
        """Raise InputError at discount 1 too."""
        super().check(game)
        if game.undiscounted:
            raise InputError("the rollouts oracle stops with probability 1 - discount at each "
                             "step, which at discount 1 is never: use the sampled oracle")

    def evaluate(self, game: HasJointStates, profile: Array, key: Array) -> Evaluation:
        """Estimates for `profile` [N, H, A], with standard errors."""
        looked, steps, ends = visits.lengths(game, self.cap)
        play_key, first_key, length_key = jax.random.split(key, 3)
        play = game.simulate(playing.played(profile, game.mask, self.explore), play_key,
                             self.episodes, steps)
        shape = (len(game.action_counts), self.episodes)
        first = _geometric(first_key, game.discount, shape)
        length = 1 + _geometric(length_key, game.discount, shape)
        # Play that has ended stays where it is.
        kept = jnp.ones(shape) if ends else jnp.where(first < looked, 1.0, 0.0)
        at = jnp.minimum(first, looked - 1)
        returns = _sums(play.rewards, at, jnp.minimum(length, self.cap))[..., None]
        agent, *there = visits.coordinates(game, play, looked)[1]
        entries = agent, *(jnp.take_along_axis(each, at[..., None], axis=-1) for each in there)
        count, total = (flat_index.totals(game.mask.shape, amount, *entries)
                        for amount in (kept[..., None], kept[..., None] * returns))
        v = visits.ratio(jnp.sum(total, axis=-1), jnp.sum(count, axis=-1), 0.0)
        q = visits.ratio(total, count, v[..., None])
        asked = jnp.minimum(jnp.max(first + length, axis=0), steps)
        return Evaluation(
            q=q, v=v, visitation=jnp.sum(count, axis=-1) / self.episodes,
            q_stderr=visits.errors_over_visits(q, kept[..., None], returns, entries),
            v_stderr=visits.errors_over_visits(v, kept[..., None], returns, entries[:2]),
            bias=visits.bias_of_cut(game, self.cap, ends),
            agent_steps=game.n_agents * jnp.sum(asked).astype(v.dtype))


def _geometric(key: Array, discount: Array, shape: tuple[int, ...]) -> Array:
    """Whole numbers k from 0 on, each drawn with probability (1 - discount) discount^k."""
    uniform = 1.0 - jax.random.uniform(key, shape)
    # No play is as long as the largest, and a discount of 0 never goes on.
    drawn = jnp.floor(jnp.log(uniform) / jnp.log(jnp.asarray(discount, uniform.dtype)))
    return jnp.minimum(drawn, 2.0**30).astype(jnp.int32)


def _sums(rewards: Array, first: Array, length: Array) -> Array:
    """[N, E] sums of so many rewards [E, T, N] from the step `first` on."""
    since = jnp.arange(rewards.shape[1]) - first[..., None]
    counts = (since >= 0) & (since < length[..., None])
    return jnp.sum(jnp.where(counts, jnp.moveaxis(rewards, -1, 0), 0.0), axis=-1)
