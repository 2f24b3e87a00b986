"""The sampled oracle: what agents learn from play alone, with standard errors and a bias bound.

    q_i(h, a) = mean of G_i over the visits of agent i to h in which it played a,
    v_i(h) = mean over all,
    G_i = sum over k < T of discount^k r_i(t + k),
    d_i(h) = (1 - discount) E sum over t < T of discount^t 1[h_t = h]

Every visit, also a late one, is followed by the same number T of rewards, so that q and v share one
bound on the bias: discount^T max|r| / (1 - discount). The standard errors are those of ratio
estimators whose clusters are the episodes (visits within one episode depend on each other): with
z_e the sum over the visits of episode e of (G - q), M all visits and K the number of episodes that
visited, se^2 = K/(K-1) sum over e of z_e^2 / M^2 (Cochran, Sampling Techniques, Section 6). Ratios
of random sums have a bias of order 1/episodes, which vanishes where an entry is visited at most
once an episode.
"""

from __future__ import annotations

from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError, whole_number
from potentia.game import Episodes, Evaluation, HasJointStates
from potentia.games.limits import short
from potentia.oracles import flat_index
from potentia.runtime.pytree import static, tree

LIMIT_GB = 4.0           # what one batch of episodes may take


@tree
class Sampled:
    """Monte Carlo values, marginal action values and visitation from simulated episodes.

    episodes: number of episodes, at least 1. horizon: T, rewards that make up a return, at least 1.

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
    exact: ClassVar[bool] = False
    # Side by side: the simulator's small steps cost much the same for one run and for ten.
    batched: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.episodes, "episodes", least=1)
        whole_number(self.horizon, "horizon", least=1)

    def check(self, game: HasJointStates) -> None:
        """Raise InputError for a game without joint states, and if one batch of episodes does not
        fit."""
        if not isinstance(game, HasJointStates):
            raise InputError(f"the sampled oracle learns from play through joint states, but a "
                             f"{type(game).__name__} has no {', no '.join(_lacking(game))}: use "
                             f"the exact oracle, which any game answers")
        _, steps, _ = _lengths(game, self.horizon)
        size = 8 * self.episodes * steps * (3 * game.n_agents + 2)
        if size > LIMIT_GB * 1e9:
            raise InputError(f"episodes={short(self.episodes)} of {short(steps)} steps need "
                             f"{short(size // 10**9)} GB at once, but the limit is {LIMIT_GB:g} GB")

    def evaluate(self, game: HasJointStates, profile: Array, key: Array) -> Evaluation:
        """Estimates for `profile` [N, H, A], with standard errors (inf where fewer than two
        episodes came)."""
        visited, steps, ends = _lengths(game, self.horizon)
        play = game.simulate(profile, key, self.episodes, steps)
        returns = _returns(play.rewards, game.discount, visited, self.horizon)
        occupancy = _occupancy(game, play.states[:, :visited], ends)
        weight = jnp.ones_like(occupancy) if game.full_information else occupancy
        seen, entries = _coordinates(game, play, visited)
        shape = game.mask.shape
        count, total = (flat_index.totals(shape, amount, *entries)
                        for amount in (weight, weight * returns))
        v = _ratio(jnp.sum(total, axis=-1), jnp.sum(count, axis=-1), 0.0)
        q = _ratio(total, count, v[..., None])
        return Evaluation(
            q=q, v=v,
            visitation=flat_index.totals(shape[:2], occupancy,
                                         *seen) / (self.episodes * game.scale),
            q_stderr=_stderr(q, weight, returns, entries),
            v_stderr=_stderr(v, weight, returns, seen),
            bias=_bias(game, self.horizon, ends))


def _lacking(game: object) -> list[str]:
    """What `HasJointStates` asks for and the game has not."""
    return [name for name in vars(HasJointStates)
            if not name.startswith("_") and not hasattr(game, name)]


def _lengths(game: HasJointStates, horizon: int) -> tuple[int, int, bool]:
    """Steps in which visits count, steps played, and whether play has surely ended by then."""
    longest = game.sweeps  # states on the longest play, the end included
    if longest is not None and longest - 1 <= horizon:
        return longest, longest, True
    steps = 2 * horizon - 1
    return horizon, steps if longest is None else min(steps, longest), False


def _returns(rewards: Array, discount: Array, visited: int, horizon: int) -> Array:
    """Discounted sums of the `horizon` rewards from each visited step on: [E, T, N] ->
    [N, E, visited]."""
    lag = jnp.arange(rewards.shape[1]) - jnp.arange(visited)[:, None]
    window = jnp.where((lag >= 0) & (lag < horizon), discount ** jnp.maximum(lag, 0), 0.0)
    return jnp.einsum("tu,eun->net", window, rewards)


def _occupancy(game: HasJointStates, states: Array, ends: bool) -> Array:
    """What each visited step adds to scale * visitation, [E, visited].

    At discount 1 an absorbing state counts once, on arrival; below, play stays there for ever.
    """
    if game.undiscounted:
        absorbed = jnp.asarray(game.absorbing)[states]
        return jnp.ones(states.shape).at[:, 1:].set(jnp.where(absorbed[:, :-1], 0.0, 1.0))
    weight = game.discount ** jnp.arange(states.shape[1])
    if ends:
        weight = weight.at[-1].multiply(game.scale)
    return jnp.broadcast_to(weight, states.shape)


def _coordinates(game: HasJointStates, play: Episodes,
                 visited: int) -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """Coordinates (agent, h) and (agent, h, action) of every visit, each broadcasting to
    [N, E, visited]."""
    agent = jnp.arange(len(game.action_counts))[:, None, None]
    seen = jnp.asarray(game.information)[:, play.states[:, :visited]]
    return (agent, seen), (agent, seen, jnp.moveaxis(play.actions[:, :visited], -1, 0))


def _ratio(total: Array, count: Array, otherwise: Array | float) -> Array:
    return jnp.where(count > 0, total / jnp.where(count > 0, count, 1.0), otherwise)


def _stderr(mean: Array, weight: Array, returns: Array, visits: tuple[Array, ...]) -> Array:
    """Cluster-robust standard errors of `mean`, whose entries the visits fall on; inf below two
    episodes."""
    episode = jnp.arange(weight.shape[0])[:, None]
    shape = (weight.shape[0], *mean.shape)
    count = flat_index.totals(shape, weight, episode, *visits)
    deviation = flat_index.totals(shape, weight * (returns - flat_index.entry(mean, *visits)),
                                  episode, *visits)
    clusters = jnp.sum(count > 0, axis=0)
    variance = clusters / jnp.maximum(clusters - 1, 1) * jnp.sum(deviation**2, axis=0)
    return jnp.where(clusters >= 2, jnp.sqrt(variance)
                     / jnp.where(clusters >= 2, jnp.sum(count, axis=0), 1.0), jnp.inf)


def _bias(game: HasJointStates, horizon: int, ends: bool) -> Array:
    """Bound on |E[estimate] - truth| from the cut after `horizon` rewards, a number; inf if there
    is none."""
    if ends:
        return jnp.zeros(())
    if game.undiscounted:
        return jnp.asarray(jnp.inf)
    largest = game.reward_bound * game.scale
    whole = 0.0 if game.separable else 2.0
    return (game.discount ** np.float64(horizon) + whole) * largest
