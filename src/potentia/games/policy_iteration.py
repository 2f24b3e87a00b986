"""The decision problems that N agents face when each of them deviates alone, all solved at once.

    V_i = r_i(pi) + discount P_i(pi) V_i,
    V_i* = max_k [r_i(z, k) + discount sum_z' P_i(z' | z, k) V_i*(z')]

rewards: [N, S, A] and steps: [N, S, A, S] are the others' means for each own action, mask:
[N, S, A] the own actions.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from potentia.runtime.pytree import Leaf

MAX_IMPROVEMENTS = 1000


def improved(step: Callable[[Array], tuple[Array, Array, Array, Array]], first: Array,
             current: Array, left: Array) -> tuple[Array, Array]:
    """Howard's policy iteration from the policies `first`: their values, and what was left.

    step: policies -> (their values, the next policies, what one step may still be off, [] whether
    any of them changes for the better). It ends when none does, or when no value grows, which only
    rounding can bring about.
    current, left: of the shapes of the values and of what is left.
    """
    def body(carry: tuple[Array, ...]) -> tuple[Array, ...]:
        own, before, _, _, count = carry
        value, following, left, moves = step(own)
        return following, value, left, moves & ((count == 0) | jnp.any(value > before)), count + 1

    carry = (first, current, left, jnp.asarray(True), jnp.asarray(0))
    _, value, left, _, _ = jax.lax.while_loop(lambda c: c[3] & (c[4] < MAX_IMPROVEMENTS), body,
                                              carry)
    return value, left


def action_values(rewards: Array, steps: Array, discount: Array, values: Array) -> Array:
    """[N, S, A] of next-state values [N, S]."""
    return rewards + discount * jnp.einsum("nsat,nt->nsa", steps, values)


def best_values(rewards: Array, steps: Array, discount: Array, mask: Leaf, current: Array,
                rounding: float) -> tuple[Array, Array]:
    """Values [N, S] of each agent's best response, by Howard's policy iteration from the policy
    that is greedy for the values `current`, and the largest one-step improvement [N] that was left:
    it stops where rounding, of that relative size, hides the next one."""
    def existing(values: Array) -> Array:
        return jnp.where(mask, action_values(rewards, steps, discount, values), -jnp.inf)

    def value_of(own: Array) -> Array:
        step = jnp.take_along_axis(steps, own[..., None, None], axis=2)[:, :, 0]
        stage = jnp.take_along_axis(rewards, own[..., None], axis=2)
        return jnp.linalg.solve(jnp.eye(own.shape[1]) - discount * step, stage)[..., 0]

    def step(own: Array) -> tuple[Array, Array, Array, Array]:
        value = value_of(own)
        q = existing(value)
        better = jnp.max(q, axis=-1) - jnp.take_along_axis(q, own[..., None], axis=-1)[..., 0]
        following = jnp.where(better > rounding * jnp.abs(value), jnp.argmax(q, axis=-1), own)
        return value, following, jnp.max(better, axis=-1), jnp.any(following != own)

    first = jnp.argmax(existing(current), axis=-1)
    return improved(step, first, current, jnp.zeros(len(current)))
