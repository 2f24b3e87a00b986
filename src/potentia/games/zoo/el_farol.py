"""The El Farol bar: worth going to unless too many do."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, finite_number, known_name, whole_number
from potentia.games.counts import count_vectors
from potentia.games.limits import check_table
from potentia.games.load_driven.build import check_counts
from potentia.games.load_driven.game import INSTEAD, REPRESENTATIONS, LoadGame
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Arthur: Inductive Reasoning and Bounded Rationality (American Economic Review 84, "
          "1994), with 100 agents and a capacity of 60; the payoffs are Potentia's own")


def build(n_agents: int = 5, capacity: int | None = None, good: float = 1.0, crowded: float = -1.0,
          home: float = 0.0, representation: str = "auto") -> MarkovGame | LoadGame:
    """The El Farol bar: going pays if no more than its capacity go, and staying at home pays the
    same anyway.

    n_agents: N >= 1. capacity: 1..N; if omitted, three fifths of the agents, as Arthur's 60 of 100,
        rounded up. good > home > crowded: of going while no more than `capacity` go, of staying at
        home, of going when more do.
    representation: "tabular", a table of joint actions; "loads", exact from the number of guests;
        or "auto", tabular where the table is not above 2 GB.

    Actions: 0 home, 1 go. A potential game. A pure profile is an equilibrium where exactly
    `capacity` go, which all agents want to be among.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    most = whole_number(-(-3 * n_agents // 5) if capacity is None else capacity, "capacity", 1,
                        n_agents)
    high, middle, low = (finite_number(good, "good"), finite_number(home, "home"),
                         finite_number(crowded, "crowded"))
    if not high > middle > low:
        raise InputError(f"good, home and crowded are {high:g}, {middle:g} and {low:g}, but they "
                         f"must fall")
    if known_name(representation, REPRESENTATIONS, "representation") == "tabular":
        check_table(n_agents, 1, 2, INSTEAD)
    check_counts(n_agents, 1, 2)
    guests = np.arange(1, n_agents + 1)
    paid = np.stack([np.full(n_agents, middle), np.where(guests <= most, high, low)])[None]
    game = LoadGame.from_loads(paid, np.zeros((1, len(count_vectors(n_agents, 2))), int),
                               discount=0.0, n_agents=n_agents, name="el-farol")
    return game.represented(representation)
