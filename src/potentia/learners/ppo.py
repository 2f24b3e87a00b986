"""Independent PPO: each agent by itself with a network of its own (Schulman et al. 2017; de Witt et
al. 2020, who share parameters, which this does not)."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import Array

from potentia.errors import (
    InputError,
    not_negative_number,
    positive_number,
    share_number,
    whole_number,
)
from potentia.learners import advantages as estimates
from potentia.learners import networks
from potentia.learners.base import OwnPlay
from potentia.learners.sizes import MOST_PASSES, as_plain, hidden_sizes
from potentia.runtime.pytree import static, tree

LONGEST = 0.5             # of a gradient, in norm


@tree
class IndependentPPO:
    """Proximal policy optimisation of every agent by itself.

    episodes: played for each update. learning_rate: Adam's, above 0. epochs: passes over what was
    played. minibatches: that a pass is cut into. clip: how far a ratio of probabilities may count,
    above 0. entropy: weight of the policy's entropy, not negative. trace: lambda of the advantages,
    in [0, 1]. hidden: sizes of the layers between; () makes both networks linear.
    """

    episodes: int = static(default=32)
    learning_rate: float = static(default=3e-3)
    epochs: int = static(default=4)
    minibatches: int = static(default=4)
    clip: float = static(default=0.2)
    entropy: float = static(default=0.003)
    trace: float = static(default=0.95)
    hidden: tuple[int, ...] = static(default=(32, 32))

    def __post_init__(self) -> None:
        whole_number(self.episodes, "episodes", least=1)
        for name in ("epochs", "minibatches"):
            whole_number(getattr(self, name), name, 1, MOST_PASSES)
        as_plain(self, positive_number, "learning_rate", "clip")
        as_plain(self, not_negative_number, "entropy")
        as_plain(self, share_number, "trace")
        object.__setattr__(self, "hidden", hidden_sizes(self.hidden))

    def init(self, n_features: int, n_actions: int, key: Array) -> Any:
        """Two networks, and where Adam stands."""
        nets = networks.actor_and_critic(n_features, n_actions, self.hidden, key)
        return {"networks": nets, "adam": self._optimiser().init(nets)}

    def logits(self, memory: Any, features: Array) -> Array:
        """[..., A] by the actor's network."""
        return networks.answered(memory["networks"]["actor"], features)

    def update(self, memory: Any, play: OwnPlay, discount: float, iteration: Array,
               key: Array) -> Any:
        """Some passes over what was played, in minibatches drawn anew in each."""
        values = networks.answered(memory["networks"]["critic"], play.observations)[..., 0]
        advantages, returns = estimates.generalised(play, values, discount, self.trace)
        advantages = estimates.normalised(advantages, play.alive)
        samples = [each.reshape(-1, *each.shape[2:]) for each in (
            play.observations[:-1], play.legal[:-1], play.actions, play.log_probabilities,
            advantages, returns, play.alive)]
        number = len(samples[0]) // self.minibatches
        if not number:
            raise InputError(f"minibatches is {self.minibatches}, but only {len(samples[0])} steps "
                             f"of an agent are played for each update")

        def one(memory: Any, some: Array) -> tuple[Any, None]:
            slope = jax.grad(self._loss)(memory["networks"], *(each[some] for each in samples))
            change, adam = self._optimiser().update(slope, memory["adam"])
            return {"networks": optax.apply_updates(memory["networks"], change),
                    "adam": adam}, None

        def epoch(memory: Any, key: Array) -> tuple[Any, None]:
            order = jax.random.permutation(key, len(samples[0]))
            order = order[:number * self.minibatches].reshape(self.minibatches, number)
            return jax.lax.scan(one, memory, order)

        return jax.lax.scan(epoch, memory, jax.random.split(key, self.epochs))[0]

    def _optimiser(self) -> optax.GradientTransformation:
        return optax.chain(optax.clip_by_global_norm(LONGEST), optax.adam(self.learning_rate))

    def _loss(self, nets: Any, features: Array, legal: Array, actions: Array, before: Array,
              advantages: Array, returns: Array, alive: Array) -> Array:
        log_policy = estimates.log_policy(networks.answered(nets["actor"], features), legal)
        ratio = jnp.exp(estimates.of_actions(log_policy, actions) - before)
        held = jnp.clip(ratio, 1.0 - self.clip, 1.0 + self.clip)
        gain = jnp.minimum(ratio * advantages, held * advantages)
        spread = -jnp.sum(jnp.where(legal, jnp.exp(log_policy) * log_policy, 0.0), axis=-1)
        off = (networks.answered(nets["critic"], features)[..., 0] - returns) ** 2
        number = jnp.maximum(jnp.sum(alive), 1.0)
        return jnp.sum(alive * (0.5 * off - gain - self.entropy * spread)) / number
