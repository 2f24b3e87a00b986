"""Games of two agents that are played in one state: the payoffs, shaded by how often they are
played; of 2x2 games also the square of all profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import plotly.graph_objects as go

from potentia.game import Game, Performative, usable
from potentia.pages import look
from potentia.pages.called import action_of, agent_of
from potentia.pages.moving import moving
from potentia.pages.ways import Way
from potentia.plot.phases import corners, mixed

LARGEST = 8               # actions of an agent whose payoffs are drawn
FINE = 41                 # points of the potential's grid along each side


def is_matrix(game: Game) -> bool:
    """Whether two agents play one matrix of payoffs that is small enough to be read."""
    mask = usable(game)
    return (game.n_agents == 2 and mask.shape[:2] == (2, 1) and mask.shape[2] <= LARGEST
            and not isinstance(game, Performative))


def payoff_matrix(game: Game, way: Way) -> go.Figure:
    """What each joint action pays both agents in one step, the cells as bright as it is probable
    at the steps of one run's way. Rows are agent 0's actions, columns those of agent 1.
    """
    counts = usable(game).sum(axis=-1)[:, 0]
    paid = payoffs(game)
    text = [[f"{paid[0, row, column]:.4g}, {paid[1, row, column]:.4g}"
             for column in range(counts[1])] for row in range(counts[0])]
    rows, columns = ([action_of(game, agent, action) for action in range(count)]
                     for agent, count in enumerate(counts))
    first, second = (agent_of(game, agent) for agent in range(2))
    profiles = way.profiles(0)

    def drawn(step: int) -> list[go.Heatmap]:
        own, others = (profiles[step, agent, 0, :counts[agent]] for agent in range(2))
        return [go.Heatmap(
            z=look.light(np.outer(own, others)), x=columns, y=rows, text=text, zmin=0.0, zmax=1.0,
            texttemplate="%{text}", textfont={"size": 16}, colorscale="Cividis", xgap=2, ygap=2,
            colorbar=look.BAR,
            hovertemplate=f"{first}: %{{y}}, {second}: %{{x}}<br>pays %{{text}}<br>"
                          f"probability %{{z:.4f}}<extra></extra>")]

    return moving(way.labels(), drawn, look.layout(
        xaxis={**look.AXIS, "title": second, "showgrid": False},
        yaxis={**look.AXIS, "title": first, "autorange": "reversed", "showgrid": False}))


def payoffs(game: Game) -> np.ndarray:
    """[2, A1, A2] what a step of each joint action pays the two agents of a game of one state."""
    counts = usable(game).sum(axis=-1)[:, 0]
    found, evaluate = np.empty((2, *counts)), cast("Any", game.evaluate)
    for joint in np.ndindex(*counts):
        pure = np.zeros(usable(game).shape)
        pure[range(2), 0, joint] = 1.0
        found[:, *joint] = np.asarray(evaluate(pure).v)[:, 0] / np.asarray(game.scale)
    return found


def square(game: Game, way: Way) -> go.Figure:
    """All profiles of a 2x2 game, the probability that each agent plays its action 0, over the
    contours of the potential, if it has one; a line of each run, a mark where it is."""
    x, y = ([way.profiles(run)[:, agent, 0, 0] for run in range(len(way.tracks))]
            for agent in range(2))

    def drawn(step: int) -> list[Any]:
        return [go.Scatter(
            x=look.light(np.array([run[step] for run in x])),
            y=look.light(np.array([run[step] for run in y])), mode="markers", showlegend=False,
            marker={"size": 10, "color": look.colour_of(1),
                    "line": {"color": "white", "width": 1}},
            text=[f"run {run}" for run in range(len(x))],
            hovertemplate="%{text}: %{x:.4f}, %{y:.4f}<extra></extra>")]

    axis = {**look.AXIS, "range": [-0.03, 1.03], "constrain": "domain", "zeroline": False}
    return moving(way.labels(), drawn, look.layout(
        height=440, xaxis={**axis, "title": _chance(game, 0)},
        yaxis={**axis, "title": _chance(game, 1), "scaleanchor": "x"}),
        still=[*_contours(game), _lines(way)])


def _chance(game: Game, agent: int) -> str:
    return f"{agent_of(game, agent)}: probability of {action_of(game, agent, 0)}"


def _contours(game: Game) -> Sequence[Any]:
    found = corners(game)
    if found is None or np.ptp(found) == 0:
        return []
    side = np.linspace(0.0, 1.0, FINE)
    return [go.Contour(
        x=side, y=side, z=look.light(mixed(found, *np.meshgrid(side, side))), colorscale="Cividis",
        opacity=0.55, ncontours=14, hoverinfo="skip", line={"width": 0.5},
        colorbar={**look.BAR, "title": {"text": "potential", "side": "top"}})]


def _lines(way: Way) -> go.Scatter:
    """What runs kept, in one trace with a break between two."""
    parts = [np.concatenate([track.profile[:, :, 0, 0], np.full((1, 2), np.nan)])
             for track in way.tracks]
    x, y = np.concatenate(parts).T
    return go.Scatter(x=look.light(x), y=look.light(y), mode="lines", hoverinfo="skip",
                      showlegend=False, line={"color": look.colour_of(0), "width": 1.6})
