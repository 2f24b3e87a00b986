"""Exact values, loads and best responses of a routing game, from the probabilities that agents take
each link.

Rows and actions are [R, A], links [E]. An agent that leaves itself out of the load expects

    c[r, a] = E c_e(w (1 + L - own choice)),

a price-taker E c_e(w (1 + L)). Costs that are polynomials take sums of powers (`power_sums`), power
laws more of them (`power_means`, `large_loads`), others the distribution of the load
(`load_windows`). Loads are numbers of agents; a load of k agents is w k vehicles. Where agents have
weights of their own, loads are sums of these, and a load of k is w k vehicles likewise
(`weighted_sums`); what classes pay for time besides is in `classes`.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.game import BestResponse, Evaluation
from potentia.games.roads import class_costs, cumulants, load_windows, shared_loads, sweeps
from potentia.games.roads.class_costs import Loads, for_time, priced
from potentia.games.roads.cost_kinds import PowerLaw
from potentia.games.roads.data import RoadData
from potentia.games.roads.large_loads import LargeLoads
from potentia.games.roads.load_windows import Windows
from potentia.games.roads.power_means import NODES, PowerMeans
from potentia.games.roads.power_sums import PowerSums
from potentia.games.roads.weighted_sums import WeightedSums

ROUNDING = 64 * np.finfo(np.float64).eps       # of what a trip costs, relative


def taken(game: RoadData, policy: Array, exact: bool = True) -> tuple[Array, Loads]:
    """[R, A] what takes each action, an agent's probability or, by destination, the expected
    number; and the loads.

    exact: whether loads where types share rows are found anew, or from the shares of the last time.
    """
    flow = sweeps.flows(game.bush, policy, jnp.asarray(game.trips.start))
    agents, link_of = jnp.asarray(game.trips.agents), jnp.asarray(game.link_of)
    table = game.costs.coefficients
    if isinstance(game.costs, PowerLaw) and game.table is None:
        return flow, _power_loads(game, _power_sums(game, policy, flow, exact, NODES))
    if table is None:
        by_number = jnp.asarray(game.table)[link_of]
        return flow, load_windows.windows(game.rows, by_number, agents, flow)
    costs = jnp.asarray(table)[link_of].T
    coefficients = tuple(column * game.weight**j for j, column in enumerate(costs))
    if game.classes is not None and not game.classes.alike:
        return flow, class_costs.weighted(game, policy, flow, exact, coefficients)
    return flow, PowerSums(_power_sums(game, policy, flow, exact, len(coefficients)), coefficients)


def _power_sums(game: RoadData, policy: Array, flow: Array, exact: bool,
                number: int) -> tuple[Array, ...]:
    """So many sums [E] of powers of the agents' probabilities to take each link."""
    if game.shared is None:
        agents = jnp.asarray(game.trips.agents)
        return tuple(game.rows.kinds_by_link([agents[:, None] * power
                                              for power in cumulants.powers(flow, number)]))
    if exact:
        return shared_loads.power_sums(game.shared, game.rows, game.bush, game.trips, policy,
                                       number)
    mean = game.rows.by_link(flow)
    return (mean, *(jnp.asarray(game.shares) * mean))


def _power_loads(game: RoadData, sums: tuple[Array, ...]) -> PowerMeans | LargeLoads:
    costs, link_of = game.costs, jnp.asarray(game.link_of)
    assert isinstance(costs, PowerLaw)
    base, rise, scale, power = (jnp.asarray(column)[link_of] for column in (
        costs.base, costs.rise, costs.scale, costs.power))
    if game.large:
        return LargeLoads(sums, base, rise, scale / game.weight, power)
    return PowerMeans(sums, base, rise * (game.weight / scale) ** power, power, game.order)


def shares(game: RoadData, policy: Array) -> Array:
    """[K, E] power sums P_2, ... of each link over its mean number of agents; 0 where nobody
    goes."""
    _, loads = taken(game, policy)
    assert not isinstance(loads, Windows)
    some = loads.mean > 0
    return jnp.stack([jnp.where(some, total / jnp.where(some, loads.mean, 1.0), 0.0)
                      for total in loads.sums[1:]])


def costs(game: RoadData, policy: Array) -> Array:
    """[R, A] what each action is expected to cost those who take it, as the game's agents see
    it."""
    flow, loads = taken(game, policy)
    return _costs(game, loads, flow, own=game.shared is None)


def surveyed(game: RoadData, policy: Array) -> tuple[Array, Array]:
    """[R, A] what each action is expected to cost those who take it, as the game's agents see it,
    by the shares of the last time; and [E] expected agents on each link."""
    flow, loads = taken(game, policy, exact=False)
    return _costs(game, loads, flow, own=game.shared is None), loads.mean


def evaluated(game: RoadData, policy: Array, own: bool) -> Evaluation:
    """What the agents are told; `own`: each leaves itself out of the load."""
    flow, loads = taken(game, policy, exact=False)
    cost = _costs(game, loads, flow, own)
    steep, each = _slopes(game, loads.mean)
    # One sweep for all three.
    paid, steep_ahead, each_ahead = sweeps.values_of(game.bush, policy, (cost, steep, each))
    following = jnp.asarray(game.rows.following)
    q = -(cost + paid[following])
    v = -paid[:-1, None]
    slope = for_time(game, steep + steep_ahead[following] + game.weight * _passing(game, flow) * (
        each + each_ahead[following]))
    visits = jnp.sum(flow, axis=1, keepdims=True)
    if game.shared is not None:
        agents = game.rows.of_groups(jnp.asarray(game.trips.start))
        visits = visits / jnp.maximum(agents, 1)[:, None]
    return Evaluation(q=jnp.where(game.bush.mask, q, v)[:, None], v=v, visitation=visits,
                      slope=jnp.where(game.bush.mask, slope, 0.0)[:, None])


def responded(game: RoadData, policy: Array) -> BestResponse:
    """Current costs and those of best responses, by type [T, 1].

    By destination a type's probabilities are not told apart here, so that both are bounded: the
    current cost by that of a price-taker, the best one by links that cost what they do to an agent
    who takes them for sure. What lies between the two is the error.
    """
    return responded_beside(game, policy, *taken(game, policy))[0]


def responded_beside(game: RoadData, policy: Array, flow: Array, loads: Loads,
                     *others: Array) -> tuple[BestResponse, *tuple[Array, ...]]:
    """What `responded` says, from what `taken` does; and [T] costs of the trips by the walks that
    are cheapest at `others` [R, A], not negative."""
    row = jnp.asarray(game.trips.row)
    cost = _costs(game, loads, flow, own=game.shared is None)
    if game.shared is None:
        off = for_time(game, loads.own_error(game.rows, flow))
        lowest = cost - off
    else:
        off = for_time(game, game.rows.at_rows(loads.error()))
        lowest = priced(game, game.rows.at_rows(loads.leaving())) - off
    current, missed = (kind[row] for kind in sweeps.values_of(game.bush, policy, (cost, off)))
    best, least, *besides = cheapest(game, cost, jnp.maximum(lowest, 0.0), *others)[row].T
    gain = jnp.maximum(current - best, 0.0)
    rounded = ROUNDING * class_costs.rounded(game) * jnp.abs(current)
    return BestResponse(value=-best[:, None], current=-current[:, None], gain=gain, worst_gain=gain,
                        error=best - least + missed + rounded), *besides


def cheapest(game: RoadData, *costs: Array) -> Array:
    """[R + 1, K] costs of the cheapest walks to the end from each row in the whole network, for K
    kinds of `costs` [R, A], not negative."""
    kinds = jnp.stack(costs, axis=2)
    priced, in_bush = (jnp.where(jnp.asarray(allowed)[:, :, None], kinds, jnp.inf)
                       for allowed in (game.rows.usable, game.bush.mask))

    def relaxed(found: Array) -> Array:
        ahead = priced + found[jnp.asarray(game.rows.following)]
        return jnp.pad(jnp.minimum(jnp.min(ahead, axis=1), found[:-1]), ((0, 1), (0, 0)))

    def goes_on(carry: tuple[Array, Array]) -> Array:
        return jnp.any(carry[0] < carry[1])

    # Most walks lie in the bush, where one sweep finds them.
    first = sweeps.cheapest(game.bush, in_bush)
    return jax.lax.while_loop(goes_on, lambda carry: (relaxed(carry[0]), carry[0]),
                              (relaxed(first), first))[0]


def totals(game: RoadData, policy: Array) -> tuple[Array, Array, Array, Array]:
    """[links] expected vehicles, the potential (of no meaning where none is known), the sum of the
    agents' costs and how far that may be off."""
    return totals_of(game, policy, *taken(game, policy))


def totals_of(game: RoadData, policy: Array, flow: Array,
              loads: Loads) -> tuple[Array, Array, Array, Array]:
    """What `totals` says, from what `taken` does."""
    flows = jnp.zeros(len(game.links)).at[jnp.asarray(game.link_of)].add(game.weight * loads.mean)
    if game.classes is not None:
        total, missed = class_costs.total(game, policy, flow, loads)
        return flows, class_costs.potential(game, flow, loads), total, missed + ROUNDING * total
    assert not isinstance(loads, WeightedSums)
    total = loads.total_cost()
    return flows, loads.potential(), total, loads.total_error() + ROUNDING * jnp.abs(total)


def at_mean_flows(game: RoadData, mean: Array) -> tuple[Array, Array]:
    """Total of flow times cost, in vehicles, and [E] the links' costs, at mean loads [E] of
    agents."""
    load = game.weight * mean
    cost = game.costs.at(load.reshape(-1, len(game.links)).T).T.ravel()
    return jnp.sum(load * cost), cost


def mean_total(game: RoadData, flow: Array, mean: Array) -> Array:
    """What all pay together at mean loads [E], in vehicles; those of classes count once each,
    whatever they weigh. flow: [R, A] as `taken` has it."""
    total, cost = at_mean_flows(game, mean)
    if game.classes is None:
        return total
    return game.weight * jnp.sum(class_costs.number(game, flow) * priced(
        game, game.rows.at_rows(cost)))


def marginal_tolls(game: RoadData, mean: Array) -> Array:
    """[E] x dc/dx of each link at mean loads [E] of agents."""
    return game.weight * mean * _rise(game, mean)


def _rise(game: RoadData, mean: Array) -> Array:
    """[E] dc/dx of each link at mean loads [E] of agents."""
    load = (game.weight * mean).reshape(-1, len(game.links)).T
    slope = jax.jvp(game.costs.at, (load,), (jnp.ones_like(load),))[1]
    # A power below 1 has an endless slope where nobody goes.
    return jnp.where(load > 0, slope, jnp.where(jnp.isfinite(slope), slope, 0.0)).T.ravel()


def _slopes(game: RoadData, mean: Array) -> tuple[Array, Array]:
    """[R, A] each, at mean loads [E] of agents: by how much a link becomes dearer, to first order,
    if as many come as there are now, and if one does. At an own value of time of 1."""
    rise = _rise(game, mean)
    return game.rows.at_rows(game.weight * mean * rise), game.rows.at_rows(rise)


def _passing(game: RoadData, flow: Array) -> Array:
    """[R, 1] the load of those who pass a row."""
    passing = jnp.sum(flow, axis=1, keepdims=True) * jnp.asarray(game.trips.agents)[:, None]
    return passing * class_costs.weights(game)[:, None]


def agents_by_class(game: RoadData, policy: Array) -> Array:
    """[C, E] expected agents of each class on each link; of one class where there are none."""
    by_row = class_costs.number(game, taken(game, policy)[0])
    if game.classes is None:
        return game.rows.by_link(by_row)[None]
    of_row = jnp.asarray(game.classes.of_row)[:, None]
    return jnp.stack([game.rows.by_link((of_row == k) * by_row)
                      for k in range(len(game.classes.names))])


def met(game: RoadData, policy: Array, amount: Array) -> Array:
    """[T] expected sum of `amount` [E] over the links of a trip of each type."""
    return done(game, policy, game.rows.at_rows(amount))


def done(game: RoadData, policy: Array, amount: Array) -> Array:
    """[T] the same of `amount` [R, A] over what a trip of each type does at its nodes."""
    return sweeps.values(game.bush, policy, amount)[jnp.asarray(game.trips.row)]


def levelled(game: RoadData, policy: Array, cost: Array) -> Array:
    """[E] by how much a link brings those who take it nearer to the end, on average, at costs [E];
    `cost` where nobody goes."""
    to_go = sweeps.values(game.bush, policy, game.rows.at_rows(cost))
    nearer = to_go[:-1, None] - to_go[jnp.asarray(game.rows.following)]
    flow = jnp.asarray(game.trips.agents)[:, None] * sweeps.flows(
        game.bush, policy, jnp.asarray(game.trips.start))
    agents = game.rows.by_link(flow)
    some = agents > 0
    return jnp.where(some, game.rows.by_link(flow * nearer) / jnp.where(some, agents, 1.0), cost)


def wardrop_gap(game: RoadData, policy: Array) -> Array:
    """Share of the total cost at mean flows that shortest paths would save."""
    flow, loads = taken(game, policy, exact=False)
    best = cheapest(game, priced_at_mean(game, loads.mean))[jnp.asarray(game.trips.row), 0]
    return saved_by(game, best, mean_total(game, flow, loads.mean))


def priced_at_mean(game: RoadData, mean: Array) -> Array:
    """[R, A] what the agents of each row pay at mean loads [E]."""
    return priced(game, game.rows.at_rows(at_mean_flows(game, mean)[1]))


def saved_by(game: RoadData, best: Array, total: Array) -> Array:
    """Share of the `total` cost at mean flows that is saved where trips cost `best` [T]."""
    return share(total - game.weight * jnp.sum(jnp.asarray(game.trips.count) * best), total)


def share(saved: Array, total: Array) -> Array:
    """What could be saved of a total; 0 where nothing costs anything, and where rounding would make
    it negative; infinite where the total is no sum of costs. Arrays of NumPy or of JAX."""
    xp = total.__array_namespace__()
    return xp.where(total > 0, xp.maximum(saved, 0.0) / xp.where(total > 0, total, 1.0),
                    xp.where(total == 0, 0.0, xp.inf))


def _costs(game: RoadData, loads: Loads, flow: Array, own: bool) -> Array:
    if own:
        return priced(game, loads.own_costs(game.rows, flow))
    if isinstance(loads, WeightedSums):
        return priced(game, loads.joining(game.rows))
    return priced(game, game.rows.at_rows(loads.joining()))
