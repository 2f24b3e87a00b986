"""Episodes of a simulator, all at once: one loop over steps, mapped over episodes.

Nothing is reset on the way, which under `vmap` would be computed at every step: an episode that is
over waits for the others, and what it does then counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from potentia.learners import advantages as estimates
from potentia.learners.base import OwnPlay
from potentia.runtime.pytree import tree
from potentia.simulators.contract import Facts
from potentia.training.subject import features, legal

UNROLLED = 16             # most actions that are written out one by one
Logits = Callable[[Array], Array]         # as `features` gives them -> [E, N, A]


@tree
class Play:
    """E episodes of T steps, of all N agents; leaves as `OwnPlay` says with an axis N after E.

    alive, ended: [T, E].
    """

    observations: Array
    legal: Array
    actions: Array
    log_probabilities: Array
    rewards: Array
    alive: Array
    ended: Array

    def own(self) -> OwnPlay:
        """[N, ...] each agent's part."""
        first = [jnp.moveaxis(leaf, 2, 0) for leaf in (
            self.observations, self.legal, self.actions, self.log_probabilities, self.rewards)]
        n_agents = self.rewards.shape[2]
        shared = [jnp.broadcast_to(leaf, (n_agents, *leaf.shape))
                  for leaf in (self.alive, self.ended)]
        return OwnPlay(*first, *shared)

    def returns(self, discount: float) -> Array:
        """[E, N] discounted sums of rewards."""
        weight = discount ** jnp.arange(self.rewards.shape[0])
        return jnp.einsum("t,ten->en", weight, self.rewards)


def episodes(simulator: Any, facts: Facts, logits: Logits, key: Array, count: int) -> Play:
    """So many episodes, agents drawing from their policies' `logits`."""
    begin, chance = jax.random.split(key)
    states = jax.vmap(simulator.reset)(jax.random.split(begin, count))
    over = jnp.zeros(count, bool)

    def looked(states: Any) -> tuple[Array, Array]:
        seen = jax.vmap(simulator.observe, axis_size=count)(states)
        return features(facts, seen), legal(facts, simulator, states, count)

    def step(carry: tuple[Any, Array], key: Array) -> tuple[tuple[Any, Array], tuple]:
        states, over = carry
        own, others = jax.random.split(key)
        seen, exist = looked(states)
        actions, log_probability = acted(logits(seen), exist, own)
        following, rewards, ended = jax.vmap(simulator.step)(
            states, actions, jax.random.split(others, count))
        alive = ~over
        ended = ended.astype(bool) & alive
        # Where play is over no action need exist.
        log_probability = jnp.where(alive[:, None], log_probability, 0.0)
        rewards = jnp.where(alive[:, None], rewards, 0.0).astype(jnp.float32)
        kept = jax.tree.map(lambda old, new: jnp.where(
            over.reshape(-1, *[1] * (new.ndim - 1)), old, new), states, following)
        return (kept, over | ended), (seen, exist, actions, log_probability, rewards,
                                      alive.astype(jnp.float32), ended.astype(jnp.float32))

    (states, _), told = jax.lax.scan(step, (states, over), jax.random.split(chance, facts.horizon))
    last = looked(states)
    seen, exist = (jnp.concatenate([each, end[None]]) for each, end in zip(
        told, last, strict=False))
    return Play(seen, exist, *told[2:])


def acted(logits: Array, exist: Array, key: Array) -> tuple[Array, Array]:
    """Actions [E, N] drawn from logits [E, N, A], by one uniform number each, and their
    log-probabilities, which are no numbers where no action that exists has any probability.

    Action by action, over all episodes and agents at once: sums along an axis of a few actions take
    several times as long.
    """
    columns = jnp.moveaxis(jnp.where(exist, logits, estimates.MISSING), -1, 0)
    unrolled = min(len(columns), UNROLLED)
    most = jax.lax.scan(lambda most, own: (jnp.maximum(most, own), None), columns[0], columns,
                        unroll=unrolled)[0]
    total = jax.lax.scan(lambda total, own: (total + jnp.exp(own - most), None),
                         jnp.zeros_like(most), columns, unroll=unrolled)[0]
    wanted = total * jax.random.uniform(key, logits.shape[:-1])

    def passed(carry: tuple[Array, Array, Array], own: Array) -> tuple[Any, None]:
        below, action, chosen = carry
        size = jnp.exp(own - most)
        # The last one that exists and begins at or below the number: none of no size is drawn.
        here = (below <= wanted) & (size > 0)
        number = action[0] + 1
        return (below + size, jnp.stack([number, jnp.where(here, number, action[1])]),
                jnp.where(here, own, chosen)), None

    begun = (jnp.zeros_like(most), jnp.full((2, *most.shape), -1, jnp.int32), columns[0])
    (_, (_, actions), chosen), _ = jax.lax.scan(passed, begun, columns, unroll=unrolled)
    return actions, jnp.where(most > estimates.MISSING, chosen - most - jnp.log(total), jnp.nan)
