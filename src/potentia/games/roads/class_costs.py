"""What agents of classes pay on roads, and what all of them pay together (`classes`); and the loads
that they make where weights differ.

Rows and actions are [R, A], links [E]; `flow` is what `evaluation.taken` says takes each action.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.games.roads import classes as kinds
from potentia.games.roads import cumulants, shared_loads
from potentia.games.roads.data import RoadData
from potentia.games.roads.large_loads import LargeLoads
from potentia.games.roads.load_windows import Windows
from potentia.games.roads.power_means import PowerMeans
from potentia.games.roads.power_sums import PowerSums
from potentia.games.roads.weighted_sums import WeightedSums, paid

Loads = PowerSums | PowerMeans | LargeLoads | Windows | WeightedSums


def priced(game: RoadData, cost: Array) -> Array:
    """[R, A] what the agents of each row pay where those of weight and value of time 1 pay
    `cost`."""
    if game.classes is None:
        return cost
    value = jnp.asarray(game.classes.value)[jnp.asarray(game.classes.of_row)][:, None]
    return value * cost + (1.0 - value) * game.rows.at_rows(_charges(game))


def for_time(game: RoadData, time: Array) -> Array:
    """[R, A] what `time` is worth to the agents of each row."""
    if game.classes is None:
        return time
    return jnp.asarray(game.classes.value)[jnp.asarray(game.classes.of_row)][:, None] * time


def rounded(game: RoadData) -> Array:
    """[T] how many times as far as what a trip costs may be rounded where charges are taken off and
    put on again."""
    if game.classes is None:
        return jnp.ones(len(game.trips.count))
    value = jnp.asarray(game.classes.value)[jnp.asarray(game.classes.of_type)]
    return 2.0 * jnp.maximum(value, 1.0)


def _charges(game: RoadData) -> Array:
    """[E] what each link costs besides time."""
    return (jnp.asarray(game.tolls) + game.distance_costs)[jnp.asarray(game.link_of)]


def weights(game: RoadData) -> Array:
    """[R] of each row's agents, 1 where there are no classes."""
    if game.classes is None:
        return jnp.ones(len(game.rows.node))
    return jnp.asarray(game.classes.weight)[jnp.asarray(game.classes.of_row)]


def weighted(game: RoadData, policy: Array, flow: Array, exact: bool,
             coefficients: tuple[Array, ...]) -> WeightedSums:
    """Loads of agents with weights of their own."""
    weight = weights(game)
    there = number(game, flow)
    squares = game.rows.by_link(weight[:, None] ** 2 * there)
    if exact or game.shared is None:
        numbers = _numbers(game, policy, flow, len(coefficients))
        sums = tuple(game.rows.kinds_by_link([weight[:, None] ** n * kappa
                                              for n, kappa in enumerate(numbers, 1)]))
    else:
        mean = game.rows.by_link(weight[:, None] * there)
        sums = (mean, *(jnp.asarray(game.shares) * mean))
    return WeightedSums(sums, squares, coefficients, weight)


def number(game: RoadData, flow: Array) -> Array:
    """[R, A] how many agents are expected to take each action."""
    return flow if game.shared is not None else jnp.asarray(game.trips.agents)[:, None] * flow


def _numbers(game: RoadData, policy: Array, flow: Array, order: int) -> list[Array]:
    """[R, A] each, cumulants 1, 2, ..., `order` of how many of a row's agents take each action."""
    if game.shared is not None:
        return cumulants.from_power_sums(shared_loads.by_row(
            game.shared, game.bush, game.trips, policy, order))
    agents = jnp.asarray(game.trips.agents)[:, None]
    return [agents * kappa for kappa in cumulants.from_power_sums(cumulants.powers(flow, order))]


def total(game: RoadData, policy: Array, flow: Array, loads: Loads) -> tuple[Array, Array]:
    """What all agents expect to pay together, and how far that may be off."""
    there = number(game, flow)
    if isinstance(loads, PowerSums | WeightedSums):
        return _total_of_polynomials(game, policy, flow, loads), jnp.zeros(())
    if game.shared is None:
        cost = priced(game, loads.own_costs(game.rows, flow))
        off = for_time(game, loads.own_error(game.rows, flow))
        return jnp.sum(there * cost), jnp.sum(there * off)
    assert isinstance(loads, PowerMeans | LargeLoads)
    return _total_of_shared(game, policy, loads)


def _total_of_shared(game: RoadData, policy: Array,
                     loads: PowerMeans | LargeLoads) -> tuple[Array, Array]:
    """Where types share rows and costs are power laws: an agent who takes a link with probability p
    pays between `joining` and `leaving` there, nearly `joining` less a share p of what lies
    between; and what all classes pay on a link is known. So the total lies between the least and
    the most that this leaves, and is told with each class's share of what is off `joining`."""
    classes, charge = game.classes, _charges(game)
    assert classes is not None
    assert game.shared is not None
    value, kinds_of = jnp.asarray(classes.value), jnp.asarray(classes.of_row)[:, None]
    rows = shared_loads.by_row(game.shared, game.bush, game.trips, policy, 2)
    mean, squares = (jnp.stack([game.rows.by_link((kinds_of == k) * power)
                                for k in range(len(classes.names))]) for power in rows)
    least, room = mean * loads.leaving(), mean * (loads.joining() - loads.leaving())
    off_joining = jnp.clip(jnp.sum(mean, axis=0) * loads.joining() - loads.paid(), 0.0,
                           jnp.sum(room, axis=0))
    left = jnp.sum(room, axis=0) - off_joining

    def total(order: Array) -> Array:
        """If classes pay as much as they can in this order."""
        before = jnp.cumsum(room[order], axis=0) - room[order]
        return jnp.sum(value[order][:, None] * (
            least[order] + jnp.clip(left - before, 0.0, room[order])))

    low, high = total(jnp.argsort(value)), total(jnp.argsort(-value))
    every = jnp.sum(squares, axis=0)
    told = jnp.clip(jnp.sum(value[:, None] * (least + room - off_joining * squares / jnp.where(
        every > 0, every, 1.0))), low, high)
    charged = jnp.sum((1.0 - value)[:, None] * charge * mean)
    # Bounds of each class, and what they leave, are off by the error of all agents' costs.
    off = 3 * jnp.max(value) * jnp.sum(loads.mean * loads.error())
    return told + charged, jnp.maximum(high - told, told - low) + off


def _total_of_polynomials(game: RoadData, policy: Array, flow: Array,
                          loads: PowerSums | WeightedSums) -> Array:
    """Of what is paid for time the means of products of a class's agents and the load."""
    classes, degree = game.classes, len(loads.coefficients) - 1
    assert classes is not None
    weight, value = jnp.asarray(classes.weight), jnp.asarray(classes.value)
    by_row = _numbers(game, policy, flow, degree + 1)
    sums = (loads.sums if isinstance(loads, WeightedSums)
            else cumulants.from_power_sums(list(loads.sums)))
    charge, found = _charges(game), jnp.zeros(())
    for k in range(len(classes.names)):
        own = (jnp.asarray(classes.of_row) == k)[:, None]
        there = list(game.rows.kinds_by_link([own * kappa for kappa in by_row]))
        spent = paid(there, weight[k], loads.coefficients, list(sums[:degree]))
        found += jnp.sum(value[k] * spent + (1.0 - value[k]) * charge * there[0])
    return found


def potential(game: RoadData, flow: Array, loads: Loads) -> Array:
    """See `classes.potential_of`; exact ones in units of cost, weighted ones in those of time."""
    classes, charge = game.classes, _charges(game)
    assert classes is not None
    weight, value = jnp.asarray(classes.weight), jnp.asarray(classes.value)
    there = number(game, flow)
    of_time = loads.potential() - jnp.sum(charge * loads.mean)
    if classes.potential == kinds.EXACT:
        return value[0] / weight[0] * of_time + jnp.sum(charge * game.rows.by_link(there))
    share = jnp.where(value > 0, weight / jnp.where(value > 0, value, 1.0), jnp.inf)
    by_class = share[jnp.asarray(classes.of_row)][:, None] * there
    return of_time + jnp.sum(charge * game.rows.by_link(by_class))
