"""Expectations over independent choices, without a table of joint choices for each state.

In a block of states that share the same next nodes, agent j's choice c_j of m_j is independent of
the others' with probabilities w_j that depend on the state. For a function V of the joint choice,
its expectation with agent i's own choice held fixed is

    sum over c without c_i of V(c) prod over j /= i of w_j(c_j).

The agents are split in two halves. With w_lo the product of the probabilities in the other half, V
w_lo for all states at once is one matrix product, which is where nearly all the time goes; what is
left is a table over agent i's own half. States come last in every array, so that they are what the
processor works on side by side. Functions may also depend on the state, as `[..., M, s]`; then the
product is one for each state.
"""

from __future__ import annotations

import math
import operator
from functools import reduce

import jax.numpy as jnp
from jax import Array


def product(probabilities: list[Array]) -> Array:
    """Probabilities of the joint choices, `[m_1, s], [m_2, s], ... -> [M, s]`, the last agent's
    choice fastest."""
    joint = probabilities[0]
    for probability in probabilities[1:]:
        joint = (joint[:, None] * probability[None]).reshape(-1, joint.shape[-1])
    return joint


def split(counts: tuple[int, ...]) -> int:
    """How many agents make the first half, so that the halves have about equally many joint
    choices."""
    sizes = [abs(2 * math.log(math.prod(counts[:k])) - math.log(math.prod(counts)))
             for k in range(len(counts) + 1)]
    return sizes.index(min(sizes))


def own_values(values: Array, probabilities: list[Array]) -> list[Array]:
    """Each agent's expectation of its own function by its own choice, a list of `[m_j, s]`.

    values: [k, M] or [k, M, s], agent j's function of the joint choice. probabilities: k arrays
    [m_j, s].
    """
    if len(probabilities) == 1:
        return [jnp.broadcast_to(values[0].reshape(len(probabilities[0]), -1),
                                 probabilities[0].shape)]
    first, last, tables = _halves(values, probabilities)
    upper = _contracted(tables[:len(first)], product(last))
    lower = _contracted(jnp.swapaxes(tables[len(first):], 1, 2), product(first))
    return [_left_out(table, half, agent) for half, by_agent in ((first, upper), (last, lower))
            for agent, table in enumerate(by_agent)]


def mean_values(values: Array, probabilities: list[Array]) -> Array:
    """Expectations of several functions of the joint choice, `[n, M]` or `[n, M, s]` to `[n, s]`
    (`[n, 1]` if there is no choice and no dependence on the state)."""
    if not probabilities:
        return values.reshape(len(values), -1)
    if len(probabilities) == 1:
        return _contracted(values[:, None], probabilities[0])[:, 0]
    first, last, tables = _halves(values, probabilities)
    return jnp.sum(_contracted(tables, product(last)) * product(first), axis=1)


def weighted_total(weight: Array, probabilities: list[Array]) -> Array:
    """[M] total over states of `weight` [s] times the probability of each joint choice: the
    transpose of `mean_values`."""
    if len(probabilities) < 2:
        return (product(probabilities) if probabilities else jnp.ones((1, weight.size))) @ weight
    half = _half(probabilities)
    return ((product(probabilities[:half]) * weight) @ product(probabilities[half:]).T).reshape(-1)


def _half(probabilities: list[Array]) -> int:
    return min(max(split(tuple(len(probability) for probability in probabilities)), 1),
               len(probabilities) - 1)


def _halves(values: Array, probabilities: list[Array]) -> tuple[list[Array], list[Array], Array]:
    """The two halves' probabilities, and the functions as tables [n, M_first, M_last] or
    [n, M_first, M_last, s]."""
    half = _half(probabilities)
    first, last = probabilities[:half], probabilities[half:]
    sizes = [math.prod(len(probability) for probability in part) for part in (first, last)]
    return first, last, values.reshape(values.shape[0], *sizes, *values.shape[2:])


def _contracted(tables: Array, joint: Array) -> Array:
    """`[n, M_own, M_other(, s)], [M_other, s] -> [n, M_own, s]`: one matrix product, or one for
    each state."""
    n, own, other = tables.shape[:3]
    if tables.ndim == 4:
        return jnp.sum(tables * joint, axis=2)
    return (tables.reshape(n * own, other) @ joint).reshape(n, own, joint.shape[-1])


def _left_out(table: Array, probabilities: list[Array], agent: int) -> Array:
    """`[M, s]` averaged over the choices of all agents of the half but one, `[m_agent, s]`."""
    table = table.reshape(*(len(probability) for probability in probabilities), table.shape[-1])
    # Sums of slices, not reductions over an axis: the compiler makes one loop of them all.
    for probability in reversed(probabilities[agent + 1:]):
        table = _sum([table[..., choice, :] * weight for choice, weight in enumerate(probability)])
    for probability in probabilities[:agent]:
        table = _sum([table[choice] * weight for choice, weight in enumerate(probability)])
    return table


def _sum(terms: list[Array]) -> Array:
    return reduce(operator.add, terms)
