"""What each type of a routing game could gain, from the game's arrays alone.

A type's agent pays sum over links of x E c(w (1 + L - own)); what it could pay is a shortest path
in the whole network at its own expected costs, which are not negative, so that no walk is cheaper
(Dijkstra 1959). Probabilities come from a sparse linear system, means from power series
(`load_series`) or, where costs are no polynomials, from distributions (`load_counts`).

Where types share rows, a type's own cost is exact too, and its best response lies between a
shortest path at the costs of the whole load with its own agent and one at those without.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg
import scipy.special
from scipy.sparse.csgraph import connected_components, dijkstra

from potentia.certificates import load_counts, load_series
from potentia.errors import InputError
from potentia.games.roads.data import RoadData
from potentia.profile import checked

ROUNDING = 1e-12          # of what a trip costs: some thousand roundings


@dataclasses.dataclass(frozen=True)
class Gains:
    """lower, upper: [T] bounds on each type's gain. value: [T] negative costs. walk: links of the
    largest lower bound's deviation, from its origin on. exact: whether the bounds differ by
    rounding only."""

    lower: np.ndarray
    upper: np.ndarray
    value: np.ndarray
    walk: np.ndarray
    exact: bool


def gains(game: RoadData, profile: object) -> Gains:
    """Bounds on what each type could gain. Raises InputError for a profile that is none, or that
    has a cycle."""
    _refuse_falling(game)
    policy = checked(profile, np.asarray(game.usable))[:, 0]
    if game.shared is not None:
        return _by_destination(game, policy)
    probability = _passed(game, policy, np.asarray(game.trips.start)) * policy
    cost = _own_costs(game, probability)
    distance, following = _shortest(game, cost)
    row = np.asarray(game.trips.row)
    group = np.asarray(game.rows.group)
    paid = np.bincount(group[group >= 0], weights=(probability * cost).sum(axis=1)[group >= 0],
                       minlength=len(row))
    gain, error = paid - distance[row], ROUNDING * paid
    best = int((gain - error).argmax())
    return Gains(gain - error, np.maximum(gain, 0.0) + error, -paid,
                 _walk(game, following, row[best]), exact=True)


def _refuse_falling(game: RoadData) -> None:
    """Raise InputError naming a link whose cost is negative or falls: then a walk may be cheaper
    than each path.

    A polynomial of the number of agents does neither from one agent on if it is one of L, with
    1 + L agents, whose coefficients are not negative.
    """
    if game.costs.coefficients is None:
        table = np.asarray(game.table)[:, 1:]
        falls = ~(table[:, 0] >= 0) | ~(np.diff(table, axis=1) >= 0).all(axis=1)
    else:
        by_number = _coefficients(game.costs.coefficients, game, np.arange(len(game.links)))
        powers = np.arange(len(by_number))
        parts = scipy.special.binom(powers, powers[:, None])[:, :, None] * by_number
        falls = ~(parts.sum(axis=1) >= -ROUNDING * np.abs(parts).sum(axis=1)).all(axis=0)
    if falls.any():
        raise InputError(f"costs[link={int(np.flatnonzero(falls)[0])}] may be negative or fall as "
                         f"the load grows, so that no path is known to be the cheapest walk")


def _passed(game: RoadData, policy: np.ndarray, start: np.ndarray) -> np.ndarray:
    """[R, 1] probability to pass each row."""
    system = _system(game, policy, np.arange(len(policy))).tocsc()
    return _probability(np.asarray(scipy.sparse.linalg.spsolve(system, start)))[:, None]


def _probability(found: np.ndarray) -> np.ndarray:
    """Rounding may leave what is sure a little above 1, and what cannot be a little below 0."""
    return np.clip(found, 0.0, 1.0)


def _system(game: RoadData, policy: np.ndarray, own: np.ndarray) -> sp.csr_array:
    """I - P^T over the rows `own`, where P leads from row to row; refuses a P that has a cycle."""
    position = np.full(len(policy) + 1, -1)
    position[own] = np.arange(len(own))
    at, action = np.nonzero(policy[own] > 0)
    target = position[np.asarray(game.rows.following)[own[at], action]]
    inside = target >= 0
    led = sp.csr_array((policy[own[at], action][inside], (target[inside], at[inside])),
                       shape=(len(own), len(own)))
    if connected_components(led, connection="strong")[0] < len(own):
        raise InputError(
            "profile uses links that form a cycle, so that a link might be taken twice")
    return sp.csr_array(sp.eye_array(len(own)) - led)


def _own_costs(game: RoadData, probability: np.ndarray) -> np.ndarray:
    """[R, A] what each action costs an agent of its row, itself left out."""
    links, agents = np.asarray(game.rows.link), np.asarray(game.trips.agents)
    real = links < len(game.link_of)
    cost = np.zeros(probability.shape)
    if game.costs.coefficients is not None:
        of_links = _coefficients(game.costs.coefficients, game, np.asarray(game.link_of))
        one = load_series.log_of_one(probability[real], len(of_links) - 1)
        whole = _totals(links[real], np.repeat(agents, real.sum(axis=1)) * one, len(game.link_of))
        cost[real] = load_series.mean_cost(of_links[:, links[real]], whole[:, links[real]] - one,
                                           1.0)
        return cost
    weights = np.repeat(agents, real.sum(axis=1)).astype(int)
    found = np.zeros(int(real.sum()))
    for link in np.unique(links[real]):
        here = np.flatnonzero(links[real] == link)
        found[here] = _by_count(weights[here], probability[real][here],
                                np.asarray(game.table)[game.link_of[link]][1:])
    cost[real] = found
    return cost


def _by_count(agents: np.ndarray, probability: np.ndarray, costs: np.ndarray) -> np.ndarray:
    some = (probability > 0) & (agents > 0)
    found = np.full(len(agents), load_counts.joined(agents[some], probability[some], costs))
    found[some] = load_counts.means(agents[some], probability[some], costs)
    return found


def _coefficients(by_load: np.ndarray, game: RoadData, links: np.ndarray) -> np.ndarray:
    """[K + 1, len(links)] of polynomials of the number of agents, from those of the load in
    vehicles, [links, K + 1]."""
    table = np.asarray(by_load)[links].T
    return table * float(game.weight) ** np.arange(len(table))[:, None]


def _totals(links: np.ndarray, series: np.ndarray, n_links: int) -> np.ndarray:
    """[K + 1, E] sums of series [K + 1, entries] by link."""
    return np.stack([np.bincount(links, weights=part, minlength=n_links) for part in series])


def _shortest(game: RoadData, cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[R + 1] cost of the shortest path to the end from each row at costs [R, A], and the action
    [R] it begins with."""
    usable, end = np.asarray(game.rows.usable) & (np.asarray(game.rows.node) >= 0)[:, None], len(
        cost)
    row, action = np.nonzero(usable)
    target = np.asarray(game.rows.following)[row, action]
    order = np.lexsort((cost[row, action], row, target))
    row, action, target = row[order], action[order], target[order]
    # Of several links between the same rows the cheapest counts; one that costs nothing is still a
    # link.
    first = np.append(True, (row[1:] != row[:-1]) | (target[1:] != target[:-1]))
    weights = np.maximum(cost[row[first], action[first]], np.finfo(np.float64).tiny)
    graph = sp.csr_array((weights, (target[first], row[first])), shape=(end + 1, end + 1))
    distance, before = dijkstra(graph, indices=end, return_predecessors=True)
    taken = np.zeros(end, np.int64)
    on_path = before[row[first]] == target[first]
    taken[row[first][on_path]] = action[first][on_path]
    return distance, taken


def _walk(game: RoadData, following: np.ndarray, row: int) -> np.ndarray:
    """Links, as they are numbered in the game, of the walk that begins at a row."""
    links = []
    while row < len(following):
        action = following[row]
        links.append(int(np.asarray(game.link_of)[np.asarray(game.rows.link)[row, action]]))
        row = int(np.asarray(game.rows.following)[row, action])
    return np.array(links)


def _by_destination(game: RoadData, policy: np.ndarray) -> Gains:
    coefficients = _coefficients(np.asarray(game.costs.coefficients), game,
                                 np.asarray(game.link_of))
    links = np.asarray(game.rows.link)
    whole = np.zeros((len(coefficients), len(game.link_of) + 1))
    for own, types, probability in _destinations(game, policy):
        one = (load_series.log_of_one(probability, len(coefficients) - 1)
               @ np.asarray(game.trips.count)[types])
        whole += _totals(links[own].ravel(), one.reshape(len(one), -1), whole.shape[1])
    whole, padded = np.append(whole[:, :-1], whole[:, -1:] * 0,
                              axis=1), np.pad(coefficients, ((0, 0), (0, 1)))
    paid = np.zeros(len(game.trips.count))
    for own, types, probability in _destinations(game, policy):
        at = links[own]
        row, action, kind = np.nonzero(probability)
        taken = probability[row, action, kind]
        series = whole[:, at[row, action]] - load_series.log_of_one(taken, len(coefficients) - 1)
        cost = load_series.mean_cost(padded[:, at[row, action]], series, 1.0)
        paid[types] = np.bincount(kind, weights=taken * cost, minlength=len(types))
    joining, leaving = (load_series.mean_cost(padded, whole, shift)[links] for shift in (1.0, 0.0))
    row = np.asarray(game.trips.row)
    most, following = _shortest(game, joining)
    least, _ = _shortest(game, leaving)
    error = ROUNDING * paid
    lower, upper = paid - most[row] - error, np.maximum(paid - least[row], 0.0) + error
    return Gains(lower, upper, -paid, _walk(game, following, int(row[lower.argmax()])), exact=False)


def _destinations(game: RoadData,
                  policy: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Of each destination: its rows, its types, and the types' probabilities [rows, A, types] to
    take each action."""
    group, row = np.asarray(game.rows.group), np.asarray(game.trips.row)
    by_group, of_type = np.argsort(group, kind="stable"), group[row]
    bounds = np.searchsorted(group[by_group], np.arange(group.max() + 2))
    for k in range(int(group.max()) + 1):
        own, types = by_group[bounds[k]:bounds[k + 1]], np.flatnonzero(of_type == k)
        start = np.zeros((len(own), len(types)))
        start[np.searchsorted(own, row[types]), np.arange(len(types))] = 1.0
        system = _system(game, policy, own).tocsc()
        passed = _probability(scipy.sparse.linalg.splu(system).solve(start))
        yield own, types, passed[:, None, :] * policy[own][:, :, None]
