"""Pictures of leaderboards: performance profiles, and how sure it is that the first is first."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from potentia.ranking.leaderboard import Leaderboard

SHOWN = 8                  # rules that have a colour; there are no more that all can tell apart
# Okabe and Ito 2008, readable by the colour-blind; with dashes, also in grey
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
DASHES = ("-", "--", "-.", ":")


def leaderboard_figure(board: Leaderboard, level: float | None, by: str) -> Figure:
    """Performance profiles with bands of 95 % on the left, down to `SHOWN` rules; on the right the
    probability that the first rule is sooner than each other."""
    figure = Figure(figsize=(12.0, 5.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    figure.suptitle(f"{len(board.rules)} rules on {len(board.games)} games, to a gap of "
                    f"{board.level(level):g}, by {by}; runs that never got there count")
    _profiles(left, board, level, by)
    _improvement(right, board, level, by)
    return figure


def _profiles(axes: Axes, board: Leaderboard, level: float | None, by: str) -> None:
    found: Any = board.profiles(level, by)
    order = board.overall(level, by)["rule"].tolist()[:SHOWN]
    for rule, colour, dash in zip(order, COLOURS, itertools.cycle(DASHES)):
        own = found[found["rule"] == rule]
        ratio, share, low, high = (own[name].to_numpy() for name in
                                   ("ratio", "share", "low", "high"))
        axes.plot(ratio, share, drawstyle="steps-post", color=colour, linestyle=dash, label=rule)
        axes.fill_between(ratio, low, high, step="post", color=colour, alpha=0.12, linewidth=0)
    left_out = len(board.rules) - len(order)
    axes.set_xscale("log")
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(f"{by}, times the best median of the game")
    axes.set_ylabel("share of runs that got there, mean over games")
    axes.set_title("Performance profiles" + (f", the first {len(order)} rules" if left_out else ""))
    axes.grid(linewidth=0.4, alpha=0.6)
    axes.legend(fontsize="small", loc="lower right")


def _improvement(axes: Axes, board: Leaderboard, level: float | None, by: str) -> None:
    found = board.improvement(level, by)
    first = board.overall(level, by)["rule"].iloc[0]
    places = np.arange(len(found))
    axes.hlines(places, found["low"], found["high"], color=COLOURS[0], linewidth=2)
    axes.plot(found["probability"], places, "o", color=COLOURS[0], markersize=4)
    axes.axvline(0.5, color="black", linewidth=0.8, linestyle=":")
    axes.set_yticks(places, list(found["over"]), fontsize="small")
    axes.invert_yaxis()
    axes.set_xlim(-0.02, 1.02)
    axes.set_xlabel("probability, ties and never counting half; bar: 95 %")
    axes.set_title(f"{first} is sooner than ...")
    axes.grid(axis="x", linewidth=0.4, alpha=0.6)
