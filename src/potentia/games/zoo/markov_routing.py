"""Markov routing: agents share routes whose status tomorrow is drawn by today's loads.

Each route is safe or unsafe. An agent on route j with l agents there, itself included, is paid b_j
- k m_j l, with k by the route's status. Tomorrow the route is safe with one probability if fewer
than U agents took it today, and with another if U or more did, independently of the other routes
and of today's status. Maheshwari, Wu, Pai and Sastry, arXiv 2205.14590.

As in the published scripts: everything above, two routes, m = (2, 4), b = (9, 16), U = 2,
probabilities .8 and .2, discount .5, a uniform start, four or eight agents, and k = 2 on a *safe*
route, 1 on an unsafe one (so coded). Their last version runs two kinds of game, and both are
potential games: every agent is paid the sum of all agents' pay; or each is paid its own, and the
loads that count are those of agents who choose uniformly, whatever is played. The defaults here,
each one's own pay and the loads of today, are what an earlier version runs: no Markov potential
game.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError, finite_number, known_name, shown, whole_number
from potentia.games.counts import count_vectors
from potentia.games.limits import check_table
from potentia.games.load_driven.build import check_counts
from potentia.games.load_driven.game import INSTEAD, REPRESENTATIONS, LoadGame
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Maheshwari, Wu, Pai, Sastry: Independent and Decentralized Learning in Markov Potential "
          "Games (arXiv 2205.14590); numbers from the published experiment scripts of that paper")

MOST_ROUTES = 10          # 2^routes states


def build(n_agents: int = 4, slopes: Sequence[float] = (2, 4),
          intercepts: Sequence[float] = (9, 16),
          safe_factor: float = 2.0, unsafe_factor: float = 1.0, crowd: int = 2,
          safe_if_free: float = 0.8,
          safe_if_crowded: float = 0.2, pay: str = "own", moved_by: str = "loads",
          discount: float = 0.5,
          representation: str = "auto") -> MarkovGame | LoadGame:
    """Agents share routes whose status tomorrow, safe or unsafe, is drawn by today's loads.

    n_agents: N >= 1. slopes, intercepts: m_j and b_j, one a route, two to ten routes.
    safe_factor, unsafe_factor: k on a route that is safe, or unsafe.
    crowd: U >= 1. safe_if_free, safe_if_crowded: probability in [0, 1] that a route is safe
        tomorrow, by whether fewer than U agents take it today.
    pay: "own", or "common": everybody gets the sum of all agents' pay.
    moved_by: "loads" of the agents' own choices, or "chance": of agents who choose uniformly.
    discount: in [0, 1).
    representation: "tabular", a table of joint actions; "loads", exact from count vectors; or
        "auto", tabular where the table is not above 2 GB.

    States are the routes' statuses, 0 safe and 1 unsafe, the first route's as the highest binary
    digit. It is a potential game, and carries its potential, with common pay, or moved by chance,
    or at discount 0.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents, crowd = whole_number(n_agents, "n_agents", 1), whole_number(crowd, "crowd", 1)
    slope = _numbers(slopes, "slopes")
    intercept = _numbers(intercepts, "intercepts", slope.size)
    n_states = 2 ** slope.size
    if known_name(representation, REPRESENTATIONS, "representation") == "tabular":
        check_table(n_agents, n_states, slope.size, INSTEAD)
    check_counts(n_agents, n_states, slope.size)
    status = np.array(list(itertools.product((0, 1), repeat=slope.size)))  # [S, A]
    factor = np.array([finite_number(safe_factor, "safe_factor"),
                       finite_number(unsafe_factor, "unsafe_factor")])
    by_load = intercept[:, None] - (factor[status] * slope)[..., None] * np.arange(1, n_agents + 1)
    vectors = count_vectors(n_agents, slope.size)
    probabilities = (_probability(safe_if_free, "safe_if_free"),
                     _probability(safe_if_crowded, "safe_if_crowded"))
    following = _following(status, np.where(vectors < crowd, *probabilities))
    if known_name(moved_by, ("loads", "chance"), "moved_by") == "chance":
        following = np.broadcast_to(_uniform(vectors) @ following, following.shape)
    rewards, common = by_load, None
    if known_name(pay, ("own", "common"), "pay") == "common":
        rewards, common = np.zeros_like(by_load), _total(by_load, vectors)
    game = LoadGame.from_loads(rewards, np.broadcast_to(following, (n_states, *following.shape)),
                               discount=discount,
                               n_agents=n_agents, common=common, name="markov-routing")
    return game.represented(representation)


def _following(status: np.ndarray, safe: np.ndarray) -> np.ndarray:
    """[C, S] probabilities of each state from each route's probability to be safe [C, A]."""
    return np.where(status[None] == 0, safe[:, None], 1 - safe[:, None]).prod(axis=2)


def _uniform(vectors: np.ndarray) -> np.ndarray:
    """[C] probabilities of the count vectors when everyone chooses uniformly."""
    n_agents, n_routes = int(vectors[0].sum()), vectors.shape[1]
    orders = [math.factorial(n_agents) // math.prod(map(math.factorial, row))
              for row in vectors.tolist()]
    return np.array([count / n_routes**n_agents for count in orders])


def _total(by_load: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """[S, C] sum of all agents' pay."""
    of_route = (np.concatenate([np.zeros((*by_load.shape[:2], 1)), by_load],
                               axis=2) * np.arange(by_load.shape[2] + 1))
    return of_route[:, np.arange(vectors.shape[1]), vectors].sum(axis=2)


def _numbers(value: object, name: str, length: int | None = None) -> np.ndarray:
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    least, most, expected = (2, MOST_ROUTES, f"2 to {MOST_ROUTES} numbers") if length is None else \
        (length, length, f"{length} numbers")
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes) or not least <= len(
            listed) <= most:
        raise InputError(f"{name} is {shown(value)}, but it must be {expected}, one a route")
    return np.array([finite_number(number, f"{name}[{index}]")
                     for index, number in enumerate(listed)])


def _probability(value: object, name: str) -> np.float64:
    probability = finite_number(value, name)
    if not 0 <= probability <= 1:
        raise InputError(f"{name} is {probability:g}, but it must lie in [0, 1]")
    return probability
