"""How the time of an exact iteration grows: with the agents of a congestion game, with the states
of a tabular one.

Congestion: 2 N 4^N operations from the first layer to the second, so that each agent more
multiplies by 4 (N+1)/N: just above 2 doublings. Tabular, dense transitions: passes over the tables
grow as S^2, the factorisation as S^3. Sparse transitions: in proportion to the non-zeros, that is
as S. Roads by destination: in proportion to destinations times links, as each destination has an
action for each link that leads to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp

from potentia import games
from potentia.bench.city import city
from potentia.bench.harness import Asked, Figure, Limit, learning, least
from potentia.bench.product import GAME
from potentia.bench.tabular import dense_game
from potentia.game import Game
from potentia.games.tabular.game import MarkovGame
from potentia.rules.base import Rule
from potentia.rules.projected_newton import ProjectedNewton

AGENTS_LIMIT = Limit("at most", 2.5)
DENSE_LIMIT = Limit("at most", 3)
SPARSE_LIMIT = Limit("at most", 1.25)
ROADS_LIMIT = Limit("at most", 1.5)
SUCCESSORS = 3
SIDE, ZONES, TRIPS = 17, 100, 300_000


def measure(asked: Asked, agents: Sequence[int] = (10, 11, 12, 13, 14),
            dense: Sequence[int] = (50, 100, 200, 400),
            sparse: Sequence[int] = (12_500, 25_000, 50_000,
                                     100_000), destinations: Sequence[int] = (50, 100, 200),
            sides: Sequence[int] = (12, 17, 24, 34), repeats: int = 3) -> list[Figure]:
    """Doublings of time for each agent, and for each doubling of the states; of roads, for each
    doubling of the destinations, and of the links of cities with so many streets to a side."""
    congestion = {f"n = {n}": games.make(GAME, n_agents=n, representation="congestion")
                  for n in agents}
    full = {f"S = {count:,}": dense_game(3, 3, count)[0] for count in dense}
    thin = {f"S = {count:,}": sparse_game(count) for count in sparse}
    return [_growth("one more agent, congestion", agents, congestion, AGENTS_LIMIT, "", repeats),
            _growth("a doubling of the states, dense tables", np.log2(dense), full, DENSE_LIMIT,
                    "3 agents, 3 actions each", repeats),
            _growth("a doubling of the states, sparse tables", np.log2(sparse), thin, SPARSE_LIMIT,
                    f"2 agents, 3 actions each, {SUCCESSORS} successors of each joint action",
                    repeats),
            _of_roads("destinations", destinations, {f"D = {zones}": _city(SIDE, zones)
                                                     for zones in destinations}, repeats),
            _of_roads("links", [_links(side) for side in sides],
                      {f"E = {_links(side):,}": _city(side, ZONES) for side in sides}, repeats)]


def _city(side: int, zones: int) -> Game:
    return city(side=side, zones=zones, trips=TRIPS).game(parts=10**6)


def _links(side: int) -> int:
    return len(city(side=side, zones=ZONES, trips=TRIPS).links)


def _of_roads(what: str, sizes: Sequence[int], made: Mapping[str, Game], repeats: int) -> Figure:
    return _growth(f"a doubling of the {what}, roads", np.log2(sizes), made, ROADS_LIMIT,
                   f"policies by destination; {SIDE} streets to a side, or {ZONES} destinations",
                   repeats, ProjectedNewton(), "uniform")


def sparse_game(n_states: int, n_agents: int = 2, n_actions: int = 3) -> MarkovGame:
    """Uniform rewards; every joint action leads to `SUCCESSORS` states nearby. The same at every
    call."""
    draws = np.random.default_rng(0)
    rows = n_states * n_actions**n_agents
    near = draws.integers(-20, 21, size=(rows, SUCCESSORS))
    columns = (np.repeat(np.arange(n_states), n_actions**n_agents)[:, None] + near) % n_states
    table = sp.csr_array((draws.dirichlet(np.ones(SUCCESSORS), rows).ravel(), columns.ravel(),
                          np.arange(0, rows * SUCCESSORS + 1, SUCCESSORS)), shape=(rows, n_states))
    rewards = draws.random((n_agents, n_states, *[n_actions] * n_agents))
    return MarkovGame.from_arrays(rewards, table, discount=0.9)


def _growth(by: str, sizes: Sequence[float] | np.ndarray, made: Mapping[str, Game], limit: Limit,
            note: str, repeats: int, rule: Rule | None = None, initial: str = "random") -> Figure:
    """Doublings of an iteration's time for each unit of the sizes: the slope of least squares."""
    runs = {name: learning(game, rule=rule, initial=initial) for name, game in made.items()}
    taken = least({name: run.run for name, run in runs.items()}, repeats)
    seconds = {name: taken[name] / run.count for name, run in runs.items()}
    slope = np.polyfit(np.asarray(sizes, float), np.log2(list(seconds.values())), 1)[0]
    names = list(made)
    return Figure(f"doublings of time by {by}, {names[0]} to {names[-1]}", float(slope), "", limit,
                  seconds, note)
