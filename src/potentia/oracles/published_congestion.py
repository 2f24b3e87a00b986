"""The estimators of the published congestion experiment, quirks and all.

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 4, Figures 4 to 6, as coded in the
published experiment scripts of the paper. What the paper defines instead is the truth of the
`Exact` oracle.
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError, whole_number
from potentia.game import Evaluation
from potentia.games.tabular.game import MarkovGame
from potentia.oracles import flat_index, joint_draws, published
from potentia.runtime.pytree import is_concrete, static, tree

LAYERS = 2


@tree
class PublishedCongestion:
    """Values as the published congestion script estimates them (game
    "stochastic-congestion-published").

    samples: repetitions of every estimate, at least 1 (10 in the script). horizon: T, steps of a
    rollout, at least 1 (20 in the script).

    The quirks of the published experiment scripts of the paper, kept on purpose:

    - *Visited-state credit*: a rollout adds discount^t r_i(t) to the value of the state visited at
      step t, not to that of the state it started from.
    - *Two layers*: every start state is rolled out for `LAYERS` = 2 layers, for T - layer steps,
      although the game as coded has no layers.
    - *Division by samples only*: the total is divided by `samples`, not by the number of visits.
      V_hat is thus 2 S times a visitation-weighted reward: up to about 540 at 4 agents, where true
      values are at most 100.
    - *Few draws of Q*: Q(s, a_i) is the mean of `samples` one-step draws of r_i + discount
      V_hat_i(s'), so the exaggerated V_hat enters the action values. (In INPG q - v only shifts the
      logits of a row by the same V_hat, which softmax ignores.)
    - *Transposed weight*: the weight b(s) of IPG is the visitation started *from s*, averaged over
      mu, instead of the visitation of s. For uniform mu it is a constant, so no rollout is needed
      and IPG becomes projected Q-ascent with step size step_size b = step_size (1 - discount^T) /
      ((1 - discount) S). `visitation` is (1 - discount) b, which gives IPG exactly this step; it
      does not sum to 1.

    No standard errors and no bias bound are given: the estimates are not estimates of the true
    values. In a compiled loop a game that does not fit gives NaN, where `check` gives an
    InputError.
    """

    samples: int = static(default=10)
    horizon: int = static(default=20)
    exact: ClassVar[bool] = False
    # One run after another: side by side took twice as long (8 agents, 10 runs).
    batched: ClassVar[bool] = False

    def __post_init__(self) -> None:
        whole_number(self.samples, "samples", least=1)
        whole_number(self.horizon, "horizon", least=1)

    def check(self, game: MarkovGame) -> None:
        """Raise InputError if the script could not have run on `game` (its values are checked where
        known)."""
        published.check(game, type(self).__name__)
        states, joints = game.rewards.shape[:2]
        if states != joints:
            raise InputError(f"PublishedCongestion needs the joint action as next state, but "
                             f"{game.name!r} has {states} states and {joints} joint actions")
        targets = published.targets(game)
        if is_concrete(targets) and not _follows_actions(targets):
            state, joint = (int(k) for k in np.argwhere(targets != np.arange(joints))[0])
            raise InputError(f"PublishedCongestion needs the joint action as next state, but state "
                             f"{state} and joint action {joint} lead to state "
                             f"{targets[state, joint]}")

    def evaluate(self, game: MarkovGame, profile: Array, key: Array) -> Evaluation:
        """The published estimates for `profile` [N, S, A]. Raises InputError like `check`."""
        self.check(game)
        value_key, action_key = jax.random.split(key)
        fits = _follows_actions(jnp.asarray(published.targets(game)))
        v = jnp.where(fits, self._values(game, profile, value_key), jnp.nan)
        q = published.action_values(game, profile, v, action_key,
                                    self.samples, lambda states, joint: joint)
        return Evaluation(q=q, v=v, visitation=published.visitation(game, self.horizon))

    def _values(self, game: MarkovGame, profile: Array, key: Array) -> Array:
        """V_hat, `[N, S]`: the reward table, weighted by how often and when each of its entries was
        visited."""
        states, joint = self._rollouts(game, profile, key)
        time = jnp.arange(self.horizon)[:, None]
        layer = jnp.repeat(jnp.arange(LAYERS), states.shape[1] // LAYERS)
        weight = jnp.where(time < self.horizon - layer, game.discount ** time, 0.0)
        visits = flat_index.totals(game.rewards.shape[:2], weight, states, joint)
        return jnp.einsum("sj,sjn->ns", visits, game.rewards) / self.samples

    def _rollouts(self, game: MarkovGame, profile: Array, key: Array) -> tuple[Array, Array]:
        """States and joint actions, `[T, LAYERS * samples * S]`; the layer is the slowest of the
        last axis."""
        probabilities = joint_draws.probabilities(profile)
        start = jnp.tile(jnp.arange(game.n_states, dtype=jnp.int32), LAYERS * self.samples)
        uniform = jax.random.uniform(key, (self.horizon, start.size))

        def step(states: Array, uniform: Array) -> tuple[Array, Array]:
            return joint_draws.decode(uniform, joint_draws.in_states(probabilities, states),
                                      game.action_counts), states

        last, states = jax.lax.scan(step, start, uniform)
        return states, jnp.concatenate([states[1:], last[None]])


def _follows_actions(targets: Array) -> Array:
    """Whether the next state is the joint action, for targets [S, J]."""
    return (targets == np.arange(targets.shape[1])).all()
