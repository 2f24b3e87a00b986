"""The estimators of the published distancing experiment, quirks and all.

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 4, Figures 2 and 3, as coded in the
published experiment scripts of the paper. What the paper defines instead is the truth of the
`Exact` oracle.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import whole_number
from potentia.game import Evaluation
from potentia.games.tabular.game import MarkovGame
from potentia.oracles import flat_index, joint_draws, published
from potentia.runtime.pytree import static, tree


@tree
class PublishedDistancing:
    """Values as the published distancing script estimates them (game "distancing").

    samples: repetitions of every estimate, at least 1 (10 in the script, 20 in the paper). horizon:
    T, steps of a rollout, at least 1 (20 in the script).

    The quirks of the published experiment scripts of the paper, kept on purpose:

    - *Short horizon*: V_hat(s) is the mean of `samples` discounted returns of T steps from s; at
      discount 0.99 and T = 20 it holds 18 % of the value, and no correction is made.
    - *Few draws of Q*: Q(s, a_i) is the mean of `samples` one-step draws of r_i + discount
      V_hat_i(s'), drawn anew for each agent, state and own action; the own action sees T + 1 steps,
      V_hat only T.
    - *Transposed weight*: the weight b(s) of IPG is the visitation started *from s*, averaged over
      mu, instead of the visitation of s. For uniform mu it is a constant, so no rollout is needed
      and IPG becomes projected Q-ascent with step size step_size b = step_size (1 - discount^T) /
      ((1 - discount) S). `visitation` is (1 - discount) b, which gives IPG exactly this step; it
      does not sum to 1.

    No standard errors and no bias bound are given, as the script has none; see `Sampled` for them.
    In a compiled loop a game that does not start uniformly gives NaN, where `check` gives an
    InputError.
    """

    samples: int = static(default=10)
    horizon: int = static(default=20)
    exact: ClassVar[bool] = False
    # One run after another: side by side was no faster in the loop, and sums in another order.
    batched: ClassVar[bool] = False

    def __post_init__(self) -> None:
        whole_number(self.samples, "samples", least=1)
        whole_number(self.horizon, "horizon", least=1)

    def check(self, game: MarkovGame) -> None:
        """Raise InputError if the script could not have run on `game` (its values are checked where
        known)."""
        published.check(game, type(self).__name__)

    def evaluate(self, game: MarkovGame, profile: Array, key: Array) -> Evaluation:
        """The published estimates for `profile` [N, S, A]. Raises InputError like `check`."""
        self.check(game)
        value_key, action_key = jax.random.split(key)

        def following(states: Array, joint: Array) -> Array:
            return flat_index.entry(published.targets(game), states, joint)

        v = self._values(game, profile, value_key, following)
        q = published.action_values(game, profile, v, action_key, self.samples, following)
        return Evaluation(q=q, v=v, visitation=published.visitation(game, self.horizon))

    def _values(self, game: MarkovGame, profile: Array, key: Array,
                following: published.NextState) -> Array:
        """V_hat, `[N, S]`: mean discounted return of the rollouts from each state."""
        probabilities = joint_draws.probabilities(profile)
        start = jnp.tile(jnp.arange(game.n_states, dtype=jnp.int32), self.samples)
        uniform = jax.random.uniform(key, (self.horizon, start.size))

        def step(states: Array, uniform: Array) -> tuple[Array, Array]:
            joint = joint_draws.decode(uniform, joint_draws.in_states(probabilities, states),
                                       game.action_counts)
            return following(states, joint), flat_index.flat(game.rewards.shape[:2], states, joint)

        _, visited = jax.lax.scan(step, start, uniform)
        rewards = jnp.asarray(game.rewards).reshape(-1, game.n_agents).at[visited].get(
            mode="promise_in_bounds")
        returns = jnp.tensordot(game.discount ** jnp.arange(self.horizon), rewards, axes=1)
        return jnp.mean(returns.reshape(self.samples, game.n_states, -1), axis=0).T
