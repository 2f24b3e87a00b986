"""Independent natural policy gradient with networks: the founding paper's rule where no table
exists (Fox et al. 2021, Section 5, future work; Kakade 2002)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jax.flatten_util import ravel_pytree

from potentia.errors import positive_number, share_number, whole_number
from potentia.learners import advantages as estimates
from potentia.learners import networks
from potentia.learners.base import OwnPlay
from potentia.learners.sizes import MOST_PASSES, as_plain, hidden_sizes
from potentia.runtime.pytree import static, tree

LEAST = 1e-30             # below which a float32 squared says nothing
FITS = 20                 # steps of Adam by which values are fitted at each update


@tree
class IndependentNPG:
    """Natural policy gradient of every agent by itself: its own Fisher matrix, never written down,
    by conjugate gradients.

    episodes: played for each update. step_size: eta, above 0. damping: added to the Fisher matrix,
    above 0. steps: of conjugate gradients. longest: the largest step, as the square root of its
    Kullback-Leibler divergence, above 0. learning_rate: by which values are fitted. trace: lambda
    of the advantages, in [0, 1]. hidden: sizes of the layers between; () makes policies log-linear.
    """

    episodes: int = static(default=32)
    step_size: float = static(default=1.0)
    damping: float = static(default=1e-3)
    steps: int = static(default=10)
    longest: float = static(default=0.3)
    learning_rate: float = static(default=1e-2)
    trace: float = static(default=0.95)
    hidden: tuple[int, ...] = static(default=(32, 32))

    def __post_init__(self) -> None:
        whole_number(self.episodes, "episodes", least=1)
        whole_number(self.steps, "steps", 1, MOST_PASSES)
        as_plain(self, positive_number, "step_size", "damping", "longest", "learning_rate")
        as_plain(self, share_number, "trace")
        object.__setattr__(self, "hidden", hidden_sizes(self.hidden))

    def init(self, n_features: int, n_actions: int, key: Array) -> Any:
        """Two networks, and where the fit of values stands."""
        nets = networks.actor_and_critic(n_features, n_actions, self.hidden, key)
        return {**nets, "adam": optax.adam(self.learning_rate).init(nets["critic"])}

    def logits(self, memory: Any, features: Array) -> Array:
        """[..., A] by the actor's network."""
        return networks.answered(memory["actor"], features)

    def update(self, memory: Any, play: OwnPlay, discount: float, iteration: Array,
               key: Array) -> Any:
        """One natural step of the policy, then the values are fitted to what came."""
        values = networks.answered(memory["critic"], play.observations)[..., 0]
        advantages, returns = estimates.generalised(play, values, discount, self.trace)
        number = jnp.maximum(jnp.sum(play.alive), 1.0)
        mean = jnp.sum(advantages * play.alive) / number
        advantages = play.alive * (advantages - mean)
        critic, adam = self._fitted(memory["critic"], memory["adam"], play, returns)
        return {"actor": self._stepped(memory["actor"], play, advantages, number),
                "critic": critic, "adam": adam}

    def _stepped(self, actor: Any, play: OwnPlay, advantages: Array, number: Array) -> Any:
        flat, unflatten = ravel_pytree(actor)

        def log_policy(point: Array) -> Array:
            return estimates.log_policy(
                networks.answered(unflatten(point), play.observations[:-1]), play.legal[:-1])

        def gained(point: Array) -> Array:
            taken = estimates.of_actions(log_policy(point), play.actions)
            return jnp.sum(advantages * taken) / number

        policy = jnp.exp(log_policy(flat)) * play.alive[..., None] / number

        _, turned = jax.linearize(log_policy, flat)
        _, back = jax.vjp(log_policy, flat)

        def fisher(direction: Array) -> Array:
            return back(policy * turned(direction))[0] + self.damping * direction

        slope = jax.grad(gained)(flat)
        direction = _conjugate(fisher, slope, self.steps)
        length = jnp.sqrt(jnp.maximum(0.5 * direction @ fisher(direction), LEAST))
        return unflatten(flat + jnp.minimum(self.step_size, self.longest / length) * direction)

    def _fitted(self, critic: Any, adam: Any, play: OwnPlay, returns: Array) -> tuple[Any, Any]:
        def off(critic: Any) -> Array:
            found = networks.answered(critic, play.observations[:-1])[..., 0]
            return jnp.sum(play.alive * (found - returns) ** 2) / jnp.maximum(
                jnp.sum(play.alive), 1.0)

        def one(now: tuple[Any, Any], _: None) -> tuple[tuple[Any, Any], None]:
            critic, adam = now
            change, adam = optax.adam(self.learning_rate).update(jax.grad(off)(critic), adam)
            return (optax.apply_updates(critic, change), adam), None

        return jax.lax.scan(one, (critic, adam), None, FITS)[0]


def _conjugate(product: Callable[[Array], Array], wanted: Array, steps: int) -> Array:
    """What `product` takes to `wanted`, after so many conjugate gradients; it stays where residuals
    have vanished in float32 (Hestenes and Stiefel 1952)."""
    def ratio(one: Array, other: Array) -> Array:
        some = other > LEAST
        return jnp.where(some, one / jnp.where(some, other, 1.0), 0.0)

    def step(now: tuple[Array, Array, Array], _: None) -> tuple[tuple[Array, Array, Array], None]:
        found, left, direction = now
        size, turned = left @ left, product(direction)
        length = ratio(size, direction @ turned)
        after = left - length * turned
        return (found + length * direction, after,
                after + ratio(after @ after, size) * direction), None

    return jax.lax.scan(step, (jnp.zeros_like(wanted), wanted, wanted), None, steps)[0][0]
