"""The estimators of the published congestion experiment, quirks and all.

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 4, Figures 4-6, as coded in the published
experiment scripts of the paper.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import whole_number
from potentia.game import Evaluation
from potentia.games.tabular import MarkovGame
from potentia.oracles import joint_draws, published
from potentia.trees import static, tree

LAYERS = 2


@tree
class PublishedCongestion:
    samples: int = static(default=10)
    horizon: int = static(default=20)
    exact: ClassVar[bool] = False
    batched: ClassVar[bool] = False

    def __post_init__(self) -> None:
        whole_number(self.samples, "samples", least=1)
        whole_number(self.horizon, "horizon", least=1)

    def evaluate(self, game: MarkovGame, profile: Array, key: Array) -> Evaluation:
        value_key, action_key = jax.random.split(key)
        v = self._values(game, profile, value_key)
        q = published.action_values(game, profile, v, action_key, self.samples, lambda states, joint: joint)
        return Evaluation(q=q, v=v, visitation=published.visitation(game, self.horizon))

    def _values(self, game: MarkovGame, profile: Array, key: Array) -> Array:
        """V_hat, `[N, S]`."""
        chances = joint_draws.chances(profile)
        start = jnp.tile(jnp.arange(game.n_states, dtype=jnp.int32), LAYERS * self.samples)
        uniform = jax.random.uniform(key, (self.horizon, start.size))

        def step(states: Array, uniform: Array) -> tuple[Array, Array]:
            return joint_draws.decode(uniform, joint_draws.in_states(chances, states), game.action_counts), states

        last, states = jax.lax.scan(step, start, uniform)
        joint = jnp.concatenate([states[1:], last[None]])
        time = jnp.arange(self.horizon)[:, None]
        layer = jnp.repeat(jnp.arange(LAYERS), start.size // LAYERS)
        weight = jnp.where(time < self.horizon - layer, game.discount ** time, 0.0)
        shape = game.rewards.shape[:2]
        counts = jnp.zeros(game.rewards[..., 0].size).at[published.flat(shape, states, joint)].add(
            weight, mode="promise_in_bounds")
        return jnp.einsum("sj,sjn->ns", counts.reshape(shape), game.rewards) / self.samples
