"""What agents expect to pay for links of a routing game, themselves left out of the load, from its
arrays alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from potentia.certificates import load_counts, load_powers, load_series
from potentia.certificates.road_trips import Block
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import PowerLaw

Priced = Callable[[], Iterator[tuple[Block, np.ndarray]]]


def of_entries(game: RoadData, links: np.ndarray, agents: np.ndarray, probability: np.ndarray,
               classes: np.ndarray) -> tuple[np.ndarray, float]:
    """[U] what one of `agents` [U] pays for the loaded link [U] that each takes with `probability`
    [U], and how far off that is, as a share of it, but for the roundings of a trip; classes: [U]
    number of each one's class."""
    cost, error = _of_value_1(game, links, agents, probability, weights(game, classes))
    return priced(game, cost, links, classes), error


def weights(game: RoadData, classes: np.ndarray) -> np.ndarray:
    """Of agents of these classes, [...]."""
    return np.ones(classes.shape) if game.classes is None else np.asarray(
        game.classes.weight)[classes]


def priced(game: RoadData, cost: np.ndarray, links: np.ndarray,
           classes: np.ndarray) -> np.ndarray:
    """What loaded links [...] cost agents of these classes [...], from what they cost one whose
    time is worth 1."""
    if game.classes is None:
        return cost
    value = np.asarray(game.classes.value)[classes]
    besides = np.append((np.asarray(game.tolls) + game.distance_costs)[game.link_of], 0.0)[links]
    return value * (cost - besides) + besides


def _of_value_1(game: RoadData, links: np.ndarray, agents: np.ndarray, probability: np.ndarray,
                weight: np.ndarray) -> tuple[np.ndarray, float]:
    if game.costs.coefficients is not None:
        coefficients = of_links(game, np.asarray(game.link_of))
        one = load_series.log_of_one(probability, len(coefficients) - 1, weight)
        whole = _totals(links, agents * one, len(game.link_of))
        return load_series.mean_cost(coefficients[:, links], whole[:, links] - one, weight), 0.0
    if isinstance(game.costs, PowerLaw):
        own, _, error = load_powers.costs(_law(game, game.costs), links, agents, probability)
        return own, error
    found = np.zeros(len(links))
    for link in np.unique(links):
        here = np.flatnonzero(links == link)
        found[here] = _by_count(agents[here].astype(int), probability[here],
                                np.asarray(game.table)[game.link_of[link]][1:])
    return found, 0.0


def of_blocks(game: RoadData, blocks: Callable[[], Iterator[Block]],
              ) -> tuple[np.ndarray, Priced, float]:
    """[C, E] what somebody of each class on top of all pays; what gives each block with the costs
    [U] of all that is used, as often as it is called; and how far off they are, as in
    `of_entries`."""
    if isinstance(game.costs, PowerLaw):
        joining, own, error = _powers(game, game.costs, blocks)
        joining = np.broadcast_to(joining, (n_classes(game), len(joining)))
    else:
        joining, own, error = *_series(game, blocks), 0.0
    links, kinds = np.arange(joining.shape[1]), np.arange(len(joining))[:, None]

    def each() -> Iterator[tuple[Block, np.ndarray]]:
        return ((block, priced(game, cost, block.links, _classes(game, block)))
                for block, cost in own())

    return priced(game, joining, links, kinds), each, error


def n_classes(game: RoadData) -> int:
    """C, 1 where there are none."""
    return 1 if game.classes is None else len(game.classes.names)


def _classes(game: RoadData, block: Block) -> np.ndarray:
    """[U] of all that is used."""
    types = block.types[block.kind]
    return np.zeros_like(types) if game.classes is None else np.asarray(game.classes.of_type)[types]


def _series(game: RoadData,
            blocks: Callable[[], Iterator[Block]]) -> tuple[np.ndarray, Priced]:
    """Costs that are polynomials, of agents whose time is worth 1."""
    coefficients = of_links(game, np.asarray(game.link_of))
    whole, count = np.zeros((len(coefficients), len(game.link_of))), np.asarray(game.trips.count)

    def one(block: Block) -> tuple[np.ndarray, np.ndarray]:
        weight = weights(game, _classes(game, block))
        return load_series.log_of_one(block.taken, len(coefficients) - 1, weight), weight

    for block in blocks():
        whole += _totals(block.links, count[block.types[block.kind]] * one(block)[0],
                         whole.shape[1])

    def own() -> Iterator[tuple[Block, np.ndarray]]:
        for block in blocks():
            series, weight = one(block)
            yield block, load_series.mean_cost(coefficients[:, block.links],
                                               whole[:, block.links] - series, weight)

    of_class = weights(game, np.arange(n_classes(game)))
    joining = np.stack([load_series.mean_cost(coefficients, whole, np.full(whole.shape[1], weight))
                        for weight in of_class])
    return joining, own


def of_links(game: RoadData, links: np.ndarray) -> np.ndarray:
    """[K + 1, len(links)] of polynomials of the number of agents, from those of the load in
    vehicles."""
    table = np.asarray(game.costs.coefficients)[links].T
    return table * float(game.weight) ** np.arange(len(table))[:, None]


def _powers(game: RoadData, costs: PowerLaw, blocks: Callable[[], Iterator[Block]],
            ) -> tuple[np.ndarray, Priced, float]:
    count, lengths = np.asarray(game.trips.count), []
    links, agents, taken = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0)]
    for block in blocks():
        lengths.append(len(block.taken))
        links.append(block.links)
        agents.append(count[block.types[block.kind]])
        taken.append(block.taken)
    own, joining, error = load_powers.costs(
        _law(game, costs), np.concatenate(links), np.concatenate(agents), np.concatenate(taken))
    parts = np.split(own, np.cumsum(lengths)[:-1])
    return joining, lambda: zip(blocks(), parts, strict=True), error


def _law(game: RoadData,
         costs: PowerLaw) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """[E] base, rise, scale and power by the number of agents, from those of the load in
    vehicles."""
    base, rise, scale, power = (np.asarray(column, np.float64)[np.asarray(game.link_of)] for column
                                in (costs.base, costs.rise, costs.scale, costs.power))
    return base, rise, scale / float(game.weight), power


def _by_count(agents: np.ndarray, probability: np.ndarray, costs: np.ndarray) -> np.ndarray:
    some = (probability > 0) & (agents > 0)
    found = np.full(len(agents), load_counts.joined(agents[some], probability[some], costs))
    found[some] = load_counts.means(agents[some], probability[some], costs)
    return found


def _totals(links: np.ndarray, series: np.ndarray, n_links: int) -> np.ndarray:
    """[K + 1, E] sums of series [K + 1, entries] by link."""
    return np.stack([np.bincount(links, weights=part, minlength=n_links) for part in series])
