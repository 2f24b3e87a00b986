"""What play does from the states of one group of a `layout`: pay, values one step ahead, visits one
step ahead.

`policy` is [N, A, D, L]: probabilities by agent, action and state (D shards of L states). All
results of a group have its own states last, `[..., D, size]`.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array

from potentia.games.congestion.layout import Group
from potentia.games.congestion.poisson_binomial import expected_pay
from potentia.games.congestion.products import mean_values, own_values, product, weighted_total
from potentia.runtime.pytree import Leaf
from potentia.runtime.sharding import whole


def own(group: Group, array: Array) -> Array:
    """The group's states of an array `[..., D, L]`."""
    return array[..., group.first:group.first + group.size]


def pays(group: Group, policy: Array, pay: Leaf) -> Array:
    """[N, A, D, size] what each agent expects to be paid for each move. pay: [V, A, N+1] by node,
    move and load."""
    k = len(group.counts)

    def one(policy: Array, block: Array, where: Array, alone: Array) -> Array:
        rest = jnp.broadcast_to(alone[:, None], (alone.shape[0], *policy.shape[1:]))
        if not k:
            return _by_agent(group, block, rest)
        # [k, R, m]
        there = where[:, None] == jnp.arange(group.places.shape[1], dtype=where.dtype)[:, None]
        # [k, R, A, m]
        probability = jnp.where(there[:, :, None], _choosing(group, block, policy)[:, None], 0.0)
        by_load = jnp.asarray(pay)[jnp.asarray(group.places)[block]][..., 1:k + 1]  # [b, R, A, k]
        by_node = expected_pay(probability, jnp.moveaxis(by_load, 0, -1))
        return _by_agent(group, block, jnp.concatenate(
            [jnp.sum(jnp.where(there[:, :, None], by_node, 0.0), axis=1), rest]))

    return _by_chunk(group, one, policy, (group.where, group.alone))


def ahead(group: Group, policy: Array, values: Array) -> Array:
    """[N, A, D, size] expected value after each move. values: [N, S]."""
    k, n_actions, values = len(group.counts), policy.shape[1], whole(values)
    # Gathered once where all chunks look at the same values.
    common = values[:, group.targets[0]] if len(group.targets) == 1 and group.in_order else None

    def one(policy: Array, block: Array) -> Array:
        after = _after(group, block, values) if common is None else common
        probabilities = _probabilities(group, block, policy)
        rest = mean_values(after[k:], probabilities)
        rows = [jnp.broadcast_to(rest[:, None], (rest.shape[0], n_actions, policy.shape[-1]))]
        if k:
            choices = own_values(after[:k], probabilities)
            rows.insert(0,
                        jnp.stack([jnp.pad(q, ((0, n_actions - len(q)), (0, 0))) for q in choices]))
        return _by_agent(group, block, jnp.concatenate(rows))

    return _by_chunk(group, one, policy, ())


def pushed(group: Group, policy: Array, weight: Array, visits: Array) -> Array:
    """`visits` [S] and what the group's states with `weight` [D, size] send one step ahead."""
    def one(policy: Array, block: Array, weight: Array) -> Array:
        probabilities = _probabilities(group, block, policy)
        if block.shape[0] == 1:
            return weighted_total(weight, probabilities)[None]
        return (product(probabilities) * weight).T if probabilities else weight[:, None]

    def chunk(visits: Array, arrays: tuple[Array, ...]) -> tuple[Array, None]:
        policy, block, weight = arrays
        return visits.at[jnp.asarray(group.targets)[block]].add(
            jax.vmap(one)(policy, block, weight)), None

    weight = jnp.swapaxes(weight.reshape(group.chunks), 0, 1)
    return jax.lax.scan(chunk, visits, (_chunks(group, policy), _rounds(group.block), weight))[0]


def _by_chunk(group: Group, one: Callable, policy: Array, arrays: tuple[Leaf, ...]) -> Array:
    """`one` for every chunk, as [N, A, D, size]."""
    found = jax.lax.map(lambda chunk: jax.vmap(one)(*chunk),
                        # [C, D, N, A, m]
                        (_chunks(group, policy), _rounds(group.block), *map(_rounds, arrays)))
    found = jnp.moveaxis(found, (2, 3, 1, 0), (0, 1, 2, 3))
    return found.reshape(*found.shape[:3], group.size)


def _chunks(group: Group, policy: Array) -> Array:
    """The group's policies by chunk, [C, D, N, A, m]."""
    rows = own(group, policy)
    return jnp.moveaxis(rows.reshape(*rows.shape[:2], *group.chunks), (3, 2), (0, 1))


def _rounds(array: Leaf) -> Array:
    """[D, C, ...] to [C, D, ...]."""
    return jnp.swapaxes(jnp.asarray(array), 0, 1)


def _choosing(group: Group, block: Array, policy: Array) -> Array:
    """[k, A, m] policies of the agents that have a choice."""
    k = len(group.counts)
    if group.in_order:
        return policy[:k]
    return jnp.take_along_axis(policy, jnp.asarray(group.order)[block].T[:k, None], axis=0)


def _probabilities(group: Group, block: Array, policy: Array) -> list[Array]:
    """The choosing agents' probabilities, a list of [m_j, m]."""
    return [row[:count] for row, count in zip(_choosing(group, block, policy), group.counts,
                                              strict=True)]


def _after(group: Group, block: Array, values: Array) -> Array:
    """Values after each joint choice, agents in the block's order: [N, M] for one block, [N, M, m]
    for one each."""
    order, targets = jnp.asarray(group.order)[block], jnp.asarray(group.targets)[block]
    if block.shape[0] == 1:
        return values[order[0][:, None], targets[0]]
    return values[order.T[:, None], targets.T]


def _by_agent(group: Group, block: Array, rows: Array) -> Array:
    """Rows [N, A, m] in the block's order of agents to rows by agent."""
    return (rows if group.in_order
            else jnp.take_along_axis(rows, jnp.asarray(group.inverse)[block].T[:, None], axis=0))
