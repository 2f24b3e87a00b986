"""Song, Mei and Bai, "When Can We Learn General-Sum Markov Games with a Large Number of Players
Sample-Efficiently?", arXiv 2110.04184: the moves of Nash-CA, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potentia.experiments.coordinated import NashCA
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Statement

SHARE = 0.01          # epsilon over max Phi - min Phi
GAMES: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("public-goods", {}), ("load-balancing", {}), ("random-cooperative", {}),
    ("random-potential", {"n_states": 2}), ("markov-routing", {"n_agents": 3, "pay": "common"}),
    ("stochastic-congestion", {"n_agents": 3, "observe": "own"}))


def _statement(game: str, parameters: Mapping[str, Any]) -> Statement:
    words = ", ".join([game, *(f"{name} {value}" for name, value in parameters.items())])
    return Statement(
        "-".join(["song-moves", game, *(str(value) for value in parameters.values())]),
        f"Nash-CA ends within 2 (max Phi - min Phi)/epsilon moves: {words}",
        "Algorithm 3 and its proof, with exact best responses", f"at most {2 / SHARE:.0f} moves",
        {"": NashCA(game, parameters, SHARE)},
        lambda found: found["ended"] == 1 and found["moves"] <= found["moves at most"], 2 / SHARE)


STATEMENTS = tuple(_statement(game, parameters) for game, parameters in GAMES)
ABOUT = """Small games of ours that are proven potential games, from the pure profile where the potential is least; epsilon is a
hundredth of max Phi - min Phi, both over all pure profiles and from the initial distribution. The source has finite
horizons and responses from samples; here values are exact and discounted, and a *move* is one step of policy iteration
by the agent whose exact best response gains most, so that a best response may count as several moves. It has *ended* (1)
where the certified Nash gap is at most half of epsilon.
"""  # noqa: E501
PAPER = Paper(
    name="song2021",
    title='Song, Mei and Bai, "When Can We Learn General-Sum Markov Games with a Large Number of '
          'Players Sample-Efficiently?", arXiv 2110.04184',
    about=ABOUT, statements=STATEMENTS)
