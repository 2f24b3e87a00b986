"""A leaderboard as tables of text, for a terminal, Markdown or LaTeX; and as CSV."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from potentia.ranking.arrivals import MEASURES
from potentia.ranking.leaderboard import Leaderboard
from potentia.report.sheets import Sheet


def overall_sheet(board: Leaderboard, level: float | None, by: str,
                  most: int | None = None) -> Sheet:
    """The ranking over all games, down to `most` rules."""
    sooner = {row["over"]: f"{row['probability']:.2f} ({_span(row, '{:.2f}')})"
              for row in board.improvement(level, by).to_dict("records")}
    rows = [(str(row["rank"]), row["rule"], f"{row['score']:.3f}", _span(row, "{:.3f}"),
             str(row["first"]), f"{row['within_2']:.2f}", f"{row['within_10']:.2f}",
             never(row), sooner.get(row["rule"], "-"))
            for row in board.overall(level, by).to_dict("records")[:most]]
    return Sheet(f"Over all {len(board.games)} games, to a gap of {board.level(level):g}, by {by}",
                 ("rank", "rule", "score", "95 %", "first on", "within 2x", "within 10x", "never",
                  "the first is sooner"), rows)


def game_sheets(board: Leaderboard, level: float | None, by: str,
                most: int | None = None) -> list[Sheet]:
    """The ranking on each game, down to `most` rules."""
    found: Any = board.standings(level, by)
    return [Sheet(f"{game}, to a gap of {board.level(level):g}, by {by}",
                  ("rank", "rule", "setting", f"median {by}", "95 %", "never"),
                  [(str(row["rank"]), row["rule"], setting(row), time(row["median"], by),
                    _span(row, "", by), never(row))
                   for row in found[found["game"] == game].to_dict("records")[:most]])
            for game in board.games]


def as_csv(board: Leaderboard) -> str:
    """All standings: a row of each rule on each game, at each level, by each measure; never is
    inf."""
    parts: list[Any] = [
        board.standings(level, by).assign(level=level, by=by) for level in board.levels
        for by in MEASURES]
    found = pd.concat(parts, ignore_index=True)
    first = ["level", "by", "game", "rank", "rule"]
    return found[[*first, *(name for name in found if name not in first)]].to_csv(
        index=False, lineterminator="\n")


def time(value: float, by: str) -> str:
    """Iterations or seconds, or "never"."""
    if np.isinf(value):
        return "never"
    return f"{value:,.10g}" if by == "iterations" else f"{value:.2g} s"


def setting(row: Any) -> str:
    """The setting of a rule, and that it was chosen, if it was."""
    if row["of"] < 2:
        return row["setting"] or "-"
    return f"{row['setting']}, best of {row['of']}"


def never(row: Any) -> str:
    """How many runs never got there."""
    return f"{row['never']} of {row['runs']}"


def _span(row: Any, form: str, by: str = "") -> str:
    if pd.isna(row["low"]):
        return "-"
    low, high = (time(row[end], by) if by else form.format(row[end]) for end in ("low", "high"))
    return low if low == high else f"{low} to {high}"
