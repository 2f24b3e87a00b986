"""What each type of a routing game could gain, from the game's arrays alone.

A type's agent pays sum over links of x E c(w (1 + L - own)); what it could pay is a shortest path
in the whole network at its own expected costs (`road_paths`). Probabilities are those of
`road_trips`; means come from power series (`load_series`) where costs are polynomials, as
`load_powers` says where they are power laws, and from distributions (`load_counts`) where they are
neither.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

import numpy as np

from potentia.certificates import road_paths, road_prices, road_trips
from potentia.errors import InputError
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import PowerLaw
from potentia.profile import checked

ROUNDING = 1e-12          # of what a trip costs: some thousand roundings
LOOSE = 1e-3              # of all gains, that their bounds may be apart where that saves time
Costs = tuple[road_trips.Block, np.ndarray]       # what is paid for all that is used of it


@dataclasses.dataclass(frozen=True)
class Gains:
    """lower, upper: [T] bounds on each type's gain. value: [T] negative costs. walk: links of the
    largest lower bound's deviation, from its origin on. relative: at most so much of what all
    agents pay would be gained by their best responses."""

    lower: np.ndarray
    upper: np.ndarray
    value: np.ndarray
    walk: np.ndarray
    relative: float


def gains(game: RoadData, profile: object) -> Gains:
    """Bounds on what each type could gain. Raises InputError for a profile that is none, or that
    has a cycle."""
    _refuse_falling(game)
    policy = checked(profile, np.asarray(game.usable))[:, 0]
    return _by_type(game, policy) if game.shared is None else _by_destination(game, policy)


def _refuse_falling(game: RoadData) -> None:
    """Raise InputError naming a link whose cost is negative or falls: then a walk may be cheaper
    than each path.

    A polynomial of the number of agents does neither from one agent on if it is one of L, with
    1 + L agents, whose coefficients are not negative.
    """
    if isinstance(game.costs, PowerLaw):
        columns = np.stack([*game.costs.arrays().values()])
        falls = ~((columns >= 0).all(axis=0) & (np.asarray(game.costs.scale) > 0))
    elif game.costs.coefficients is None:
        table = np.asarray(game.table)[:, 1:]
        falls = ~(table[:, 0] >= 0) | ~(np.diff(table, axis=1) >= 0).all(axis=1)
    else:
        by_number = road_prices.of_links(game, np.arange(len(game.links)))
        powers = range(len(by_number))
        choices = np.array([[math.comb(power, chosen) for power in powers] for chosen in powers])
        parts = choices[:, :, None] * by_number
        falls = ~(parts.sum(axis=1) >= -ROUNDING * np.abs(parts).sum(axis=1)).all(axis=0)
    if falls.any():
        raise InputError(f"costs[link={int(np.flatnonzero(falls)[0])}] may be negative or fall as "
                         f"the load grows, so that no path is known to be the cheapest walk")


def _by_type(game: RoadData, policy: np.ndarray) -> Gains:
    """Where each type has rows of its own."""
    probability = road_trips.passed(game, policy, np.asarray(game.trips.start)) * policy
    links, cost = np.asarray(game.rows.link), np.zeros(probability.shape)
    real = links < len(game.link_of)
    agents = np.repeat(np.asarray(game.trips.agents), real.sum(axis=1))
    cost[real], error = road_prices.of_entries(
        game, links[real], agents, probability[real],
        np.repeat(_classes_of_rows(game), real.sum(axis=1)))
    distance, following = road_paths.shortest(game, cost)
    row, group = np.asarray(game.trips.row), np.asarray(game.rows.group)
    paid = np.bincount(group[group >= 0], weights=(probability * cost).sum(axis=1)[group >= 0],
                       minlength=len(row))
    best = distance[row]
    lower, upper = _bounds(paid, best, best, error, _roundings(game))
    return Gains(lower, upper, -paid, road_paths.walk(game, following, int(row[lower.argmax()])),
                 _relative(game, upper, paid, error))


def _classes_of_rows(game: RoadData) -> np.ndarray:
    """[R] number of each row's class, 0 where there are none."""
    return (np.zeros(len(game.rows.node), int) if game.classes is None
            else np.asarray(game.classes.of_row))


def _roundings(game: RoadData) -> np.ndarray:
    """[T] of what a trip costs, those of time and charges told apart included: v (c - charges) +
    charges is at most 2 max(v, 1) times as far off as c and charges are."""
    if game.classes is None:
        return np.full(len(game.trips.count), ROUNDING)
    value = np.asarray(game.classes.value)[np.asarray(game.classes.of_type)]
    return ROUNDING * 2.0 * np.maximum(value, 1.0)


def _by_destination(game: RoadData, policy: np.ndarray) -> Gains:
    """Where types share rows: what a type does not use costs it what it costs anybody on top.

    On no path is a type spared more than on all the links that it uses together. Where that is next
    to nothing of what is gained, its shortest path is no more looked for.
    """
    joining, costs, error = road_prices.of_blocks(game, road_trips.blocks_again(game, policy))
    joining = np.pad(joining, ((0, 0), (0, 1)))
    price = joining[_classes_of_rows(game)[:, None], np.asarray(game.rows.link)]
    price[~road_paths.usable(game)] = np.inf
    row, roundings, count = np.asarray(game.trips.row), _roundings(game), game.trips.count
    distance, following = road_paths.shortest(game, price)
    paid, spared = np.zeros((2, len(row)))
    for block, own in costs():
        there = price[block.rows[block.row], block.action]
        paid[block.types] = np.bincount(block.kind, block.taken * own, len(block.types))
        spared[block.types] = np.bincount(
            block.kind, (1.0 + error) * there - (1.0 - error) * own, len(block.types))
    most = distance[row]
    if count @ spared <= LOOSE * (count @ np.maximum(paid - most, 0.0)):
        least = most - spared
    else:
        least = most = _of_each(game, costs(), price, distance)
    lower, upper = _bounds(paid, most, least, error, roundings)
    who = int(lower.argmax())
    if least is most:
        _, following = road_paths.shortest(game, _own_price(costs(), price, who))
    return Gains(lower, upper, -paid, road_paths.walk(game, following, int(row[who])),
                 _relative(game, upper, paid, error))


def _of_each(game: RoadData, costs: Iterable[Costs], price: np.ndarray,
             distance: np.ndarray) -> np.ndarray:
    """[T] cost of each type's shortest path. price: [R, A] what actions cost anybody on top, and
    distance: [R + 1] of the shortest paths at that."""
    best, steps = np.zeros(len(game.trips.row)), road_paths.steps_of(game, distance)
    for block, own in costs:
        cost = np.repeat(price[block.rows, :, None], block.columns.shape[1], axis=2)
        cost[block.row, block.action, block.column[block.kind]] = own
        best[block.types] = road_paths.of_each(game, block.rows, cost, distance, steps)[
            block.begins, block.column]
    return best


def _own_price(costs: Iterable[Costs], price: np.ndarray, who: int) -> np.ndarray:
    """[R, A] what actions cost agents of the type of that number."""
    block, own = next((block, own) for block, own in costs if who in block.types)
    used, found = block.types[block.kind] == who, price.copy()
    found[block.rows[block.row[used]], block.action[used]] = own[used]
    return found


def _bounds(paid: np.ndarray, most: np.ndarray, least: np.ndarray, error: float,
            roundings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """On what is gained, where shortest paths cost at most and at least so much, costs are off by a
    share `error` and by the roundings of a trip, all of them [T]."""
    off = roundings * paid + error * (roundings / ROUNDING) * (paid + most)
    return paid - most - off, np.maximum(paid - least, 0.0) + off


def _relative(game: RoadData, upper: np.ndarray, paid: np.ndarray, error: float) -> float:
    """The upper bounds of all agents' gains over a lower one of what they pay; 0 where nothing
    costs anything."""
    count = np.asarray(game.trips.count)
    off = error * _roundings(game) / ROUNDING + _roundings(game)
    gained, all_paid = float(count @ upper), float(count @ (paid * (1.0 - off)))
    return float(gained / all_paid) if all_paid > 0 else 0.0
