"""A congestion game's network, its edges as wide as the agents that take them, in an agent's own
colour where there are few."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from potentia.game import Game
from potentia.pages import look
from potentia.pages.called import agent_of
from potentia.pages.moving import moving
from potentia.pages.networks import Network, walks
from potentia.pages.ribbons import ribbons
from potentia.pages.ways import Way

WIDEST = 0.25             # of all agents on one edge together, in units between two nodes
MOST_NODES = 60
NODE = 30                 # pixels
NOTE = ("An edge is as wide as the number of agents that are expected to take it, step t counting "
        "discount^t")


def is_drawn(network: Network | None) -> bool:
    """Whether there is a network, small enough to be read."""
    return network is not None and len(network.moves) <= MOST_NODES and len(network.edges()) > 0


def walk_figure(game: Game, network: Network, way: Way) -> tuple[go.Figure, str]:
    """The network over the steps of one run's way, and what it shows, in words."""
    profiles, places, edges = way.profiles(0), network.places(), network.edges()
    taken = [walks(game, network, profile) for profile in profiles]
    most = max(1.0, *(float(each.sum(axis=1).max()) for each in taken))
    several = game.n_agents <= len(look.COLOURS)
    who = [agent_of(game, agent) for agent in range(game.n_agents)] if several else ["agents"]
    start, end = places[edges[:, 0]], places[edges[:, 1]]

    def drawn(step: int) -> list[Any]:
        own = taken[step] if several else taken[step].sum(axis=1, keepdims=True)
        sides = np.cumsum(np.column_stack([np.zeros(len(own)), own]), axis=1)
        sides = (sides - sides[:, -1:] / 2) * WIDEST / most
        return [*(_ribbon(start, end, sides[:, agent], sides[:, agent + 1], agent, who[agent])
                  for agent in range(own.shape[1])),
                _told(network, edges, 0.5 * (start + end), taken[step], who)]

    low, top = places[:, 1].min() - 0.5, places[:, 1].max() + 0.5
    high = max(280, 90 * round(top - low) + 80)
    figure = moving(way.labels(), drawn, look.layout(
        height=high, xaxis=_hidden(), yaxis={**_hidden(), "range": [low, top]}, showlegend=several),
        above=[_nodes(network, places)])
    return figure, NOTE + (", in the colours of the agents." if several else ".")


def _ribbon(start: np.ndarray, end: np.ndarray, left: np.ndarray, right: np.ndarray, agent: int,
            name: str) -> go.Scatter:
    x, y = ribbons(start, end, left, right)
    return go.Scatter(x=look.light(x), y=look.light(y), mode="lines", fill="toself",
                      hoverinfo="skip", name=name,
                      fillcolor=look.colour_of(agent), line={"width": 0,
                                                             "color": look.colour_of(agent)})


def _told(network: Network, edges: np.ndarray, middle: np.ndarray, taken: np.ndarray,
          who: list[str]) -> go.Scatter:
    """What is said of an edge where one points at it."""
    text = []
    for (node, after), own in zip(edges, taken, strict=True):
        lines = [f"{look.safe(network.names[node])} to {look.safe(network.names[after])}: "
                 f"{own.sum():.3g} agents"]
        if len(who) == len(own):
            lines += [f"{name}: {share:.3f}" for name, share in zip(who, own, strict=True)]
        text.append("<br>".join(lines))
    return go.Scatter(x=middle[:, 0], y=middle[:, 1], mode="markers", text=text, hoverinfo="text",
                      showlegend=False, marker={"size": 26, "color": look.CLEAR})


def _nodes(network: Network, places: np.ndarray) -> go.Scatter:
    return go.Scatter(
        x=places[:, 0], y=places[:, 1], mode="markers+text", hoverinfo="skip", showlegend=False,
        text=list(map(look.safe, network.names)), textfont={"color": "#222222", "size": 11},
        marker={"size": NODE, "color": "white", "line": {"color": look.NEUTRAL, "width": 1.5}})


def _hidden() -> dict[str, Any]:
    return {"visible": False, "automargin": True}
