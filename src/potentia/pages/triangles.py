"""Agents with three actions in one state, on the triangle of their policies."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from potentia.game import Game, usable
from potentia.pages import look
from potentia.pages.called import action_of
from potentia.pages.moving import moving
from potentia.pages.ways import Way

MOST_AGENTS = 4           # that are drawn, a figure each


def on_triangles(game: Game) -> list[int]:
    """The agents with three actions in the one state that there is, the first of them."""
    mask = usable(game)
    if mask.shape[1] != 1 or len(mask) != game.n_agents:
        return []
    return np.flatnonzero(mask.sum(axis=-1)[:, 0] == 3).tolist()[:MOST_AGENTS]


def triangle(game: Game, way: Way, agent: int) -> go.Figure:
    """The policy of one agent in every run: a line, and a mark where it is at the step."""
    actions = np.flatnonzero(usable(game)[agent, 0])
    policies = [way.profiles(run)[:, agent, 0, actions] for run in range(len(way.tracks))]

    def drawn(step: int) -> list[Any]:
        corner = dict(zip("abc", np.array([policy[step] for policy in policies]).T, strict=True))
        return [go.Scatterternary(
            **{name: look.light(values) for name, values in corner.items()}, mode="markers",
            marker={"size": 10, "color": look.colour_of(1), "line": {"color": "white", "width": 1}},
            text=[f"run {run}" for run in range(len(policies))], showlegend=False,
            hovertemplate="%{text}: %{a:.3f}, %{b:.3f}, %{c:.3f}<extra></extra>")]

    axes = {f"{name}axis": {"title": action_of(game, agent, int(action)), "gridcolor": look.GRID,
                            "linecolor": look.NEUTRAL, "showticklabels": False, "ticks": ""}
            for name, action in zip("abc", actions, strict=True)}
    return moving(way.labels(), drawn, look.layout(
        height=400, ternary={"bgcolor": look.CLEAR, "sum": 1, **axes},
        margin={"l": 50, "r": 50, "t": 50, "b": 40}), still=[_lines(way, agent, actions)])


def _lines(way: Way, agent: int, actions: np.ndarray) -> go.Scatterternary:
    parts = [np.concatenate([track.profile[:, agent, 0, actions], np.full((1, 3), np.nan)])
             for track in way.tracks]
    corners = dict(zip("abc", map(look.light, np.concatenate(parts).T), strict=True))
    return go.Scatterternary(**corners, mode="lines", hoverinfo="skip", showlegend=False,
                             line={"color": look.colour_of(0), "width": 1.6})
