"""Selfish load balancing: each job chooses a machine, and takes as long as all on it together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError, known_name, positive_number, shown, whole_number
from potentia.games.counts import count_vectors
from potentia.games.limits import check_table
from potentia.games.load_driven.build import check_counts
from potentia.games.load_driven.game import INSTEAD, REPRESENTATIONS, LoadGame
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Vöcking: Selfish Load Balancing (chapter 20 of Nisan, Roughgarden, Tardos, Vazirani, "
          "eds.: Algorithmic Game Theory, 2007), with jobs of the same size")


def build(n_agents: int = 4, speeds: Sequence[float] = (1.0, 2.0),
          representation: str = "auto") -> MarkovGame | LoadGame:
    """Jobs of the same size each choose a machine, which takes as long as all on it together need.

    n_agents: N >= 1, the jobs. speeds: positive, one a machine, two or more.
    representation: "tabular", a table of joint actions; "loads", exact from count vectors; or
        "auto", tabular where the table is not above 2 GB.

    The reward is the negative time, -load / speed. A potential game (Rosenthal). In a pure
    equilibrium no job would be faster elsewhere: load_j / speed_j <= (load_k + 1) / speed_k.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    speed = _speeds(speeds)
    if known_name(representation, REPRESENTATIONS, "representation") == "tabular":
        check_table(n_agents, 1, speed.size, INSTEAD)
    check_counts(n_agents, 1, speed.size)
    time = np.arange(1, n_agents + 1) / speed[:, None]
    game = LoadGame.from_loads(-time[None],
                               np.zeros((1, len(count_vectors(n_agents, speed.size))), int),
                               discount=0.0, n_agents=n_agents, name="load-balancing")
    return game.represented(representation)


def _speeds(value: object) -> np.ndarray:
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes) or len(listed) < 2:
        raise InputError(f"speeds is {shown(value)}, but it must be two or more positive numbers, "
                         f"one a machine")
    return np.array([positive_number(speed, f"speeds[{k}]") for k, speed in enumerate(listed)])
