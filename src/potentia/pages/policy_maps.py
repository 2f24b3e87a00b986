"""Policies as a heat map that moves: a row for each agent and state in which there is a choice."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from potentia.console.text import counted
from potentia.game import Game, usable
from potentia.games.roads.game import RoutingGame
from potentia.pages import look
from potentia.pages.called import actions_of, ends_of, row_of
from potentia.pages.moving import moving
from potentia.pages.ways import Way

MOST_ROWS = 60            # that are drawn
WRITTEN = 12, 8           # rows and actions up to which probabilities are written into the cells
ROW = 17                  # pixels


def choices(game: Game) -> list[tuple[int, int]]:
    """Agent and information state of each row in which there is a choice."""
    mask = usable(game)
    return [(int(agent), int(state)) for agent, state in np.argwhere(mask.sum(axis=-1) > 1)]


def policy_map(game: Game, way: Way) -> tuple[go.Figure, str]:
    """The probability of every action over the steps of one run's way, and what it leaves out, ""
    if nothing.

    Rows are those of `choices`, of which the first MOST_ROWS are drawn; it has at least one.
    """
    found = choices(game)
    rows = found[:MOST_ROWS]
    agents, states = map(list, zip(*rows, strict=True))
    mask = usable(game)[agents, states]
    count = int(np.flatnonzero(mask.any(axis=0))[-1]) + 1          # actions that any row has
    mask, profiles = mask[:, :count], way.profiles(0)[:, agents, states, :count]
    written = len(rows) <= WRITTEN[0] and count <= WRITTEN[1]
    names, actions = [row_of(game, *row) for row in rows], actions_of(game, count)
    roads = isinstance(game, RoutingGame)
    ends, called = (ends_of(game, agents, count), "%{text}") if roads else (None, "%{x}")

    def drawn(step: int) -> list[go.Heatmap]:
        shown = look.light(np.where(mask, profiles[step], np.nan))
        return [go.Heatmap(
            z=shown, x=actions, y=names,
            zmin=0.0, zmax=1.0, colorscale="Cividis", hoverongaps=False, xgap=1, ygap=1,
            colorbar=look.BAR, text=ends,
            texttemplate=("%{text}: " if roads else "") + "%{z:.2f}" if written else None,
            hovertemplate=f"%{{y}}, {called}: %{{z:.4f}}<extra></extra>")]

    high = 150 + ROW * max(len(rows), 8)
    figure = moving(way.labels(), drawn, look.layout(
        height=high, xaxis={**look.AXIS, "showgrid": False},
        yaxis={**look.AXIS, "autorange": "reversed", "showgrid": False}))
    return figure, _left_out(game, len(found), len(rows))


def _left_out(game: Game, found: int, drawn: int) -> str:
    """What of the policies is not drawn, in words: rows without a choice, and what is too much."""
    single, place, action = usable(game).sum(axis=-1) == 1, "an agent in a state", "action"
    if isinstance(game, RoutingGame):
        place, action = "trips at a junction", "link"
        single &= np.asarray(game.rows.node)[:, None] >= 0      # others fill up blocks
    many = f"Of {found:,} rows, {place} each, the first {drawn} are drawn." * (found > drawn)
    few = (f"Left out: {counted(int(single.sum()), 'row')} ({place}) with one {action} only, where "
           f"there is no choice.") * bool(single.any())
    return " ".join(filter(None, (many, few)))
