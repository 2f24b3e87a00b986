"""The map of a road network: links as wide as what flows on them, coloured by crowding."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import plotly.graph_objects as go

from potentia.games.roads.game import RoutingGame
from potentia.pages import look
from potentia.pages.moving import moving
from potentia.pages.ribbons import normals, ribbons
from potentia.pages.ways import Way
from potentia.plot.road_tables import drawn_places, flows_of, nodes_of
from potentia.report.figures import BLUE, ORANGE, VERMILION
from potentia.report.road_flows import Coordinates, LinkFlows

# From free to crowded: told apart by eyes that see no red or green, on a light and a dark page.
RAMP = (BLUE, "#56B4E9", "#C9B35A", ORANGE, VERMILION)
UNKNOWN = look.NEUTRAL
WIDEST, THINNEST = 0.03, 0.0015         # of a link, in parts of the picture
SIDE = 0.006              # how far to its right a link is drawn, likewise
NAMED = 60                # nodes up to which their names are drawn
MOST_PLACED = 300         # nodes that are laid out where it is not known where they lie
FULLEST, SLOWEST = 2.5, 5.0             # from which colours differ no more
SIDES = " Where a road has both directions, each is drawn to its own right."
PLACED = (" Where nodes lie is not known: they are laid out by their links. Places can be given "
          "(--nodes, places=).")


def road_figure(game: RoutingGame, way: Way,
                places: Coordinates | None) -> tuple[go.Figure | None, str]:
    """The map over the steps of one run's way, and what it shows, in words; no figure where it is
    not known where so many nodes lie."""
    where = places or drawn_places(game) or _laid_out(game)
    if where is None:
        return None, (f"There is no map: it is not known where the {len(nodes_of(game)):,} nodes "
                      f"lie. Places can be given (--nodes, places=).")
    found = [flows_of(game, profile) for profile in way.profiles(0)]
    scale = _Scale(found)
    start, end = (np.array([where[int(node)] for node in side])
                  for side in game.road_links.T)
    size = float(np.ptp(np.array(list(where.values())), axis=0).max()) or 1.0

    both = _both_ways(game.road_links)

    def drawn(step: int) -> list[Any]:
        return [*scale.links(found[step], start, end, size, both),
                _told(found[step], start, end, size * both)]

    axis = {"visible": False, "automargin": True}
    figure = moving(way.labels(), drawn, look.layout(
        height=_height(where),
        legend={**look.LEGEND, "title": {"text": scale.label, "side": "top"}},
        xaxis=axis, yaxis={**axis, "scaleanchor": "x"}),
        above=[_nodes(found[-1], where)])
    known = places is not None or drawn_places(game) is not None
    return figure, (f"A link is as wide as the {found[0].unit} that are expected on it, "
                    f"and coloured by {scale.label}." + SIDES * bool(both.any())
                    + PLACED * (not known))


class _Scale:
    """What widths and colours mean, alike at all steps."""

    def __init__(self, steps: list[LinkFlows]):
        self.most = max(float(flows.flow.max(initial=0.0)) for flows in steps) or 1.0
        filled = all(flows.has_capacities for flows in steps)
        self.column, self.label, self.low, limit = (
            ("filled", "volume over capacity", 0.0, FULLEST) if filled else
            ("crowding", "time over that of the free road", 1.0, SLOWEST))
        highest = max(float(np.nanmax(getattr(flows, self.column))) for flows in steps)
        self.high = min(max(highest, 1.0 if filled else 1.5), limit)

    def links(self, flows: LinkFlows, start: np.ndarray, end: np.ndarray,
              size: float, both: np.ndarray) -> list[go.Scatter]:
        """A trace for each colour, and one for links of which nothing is known. both: [links] which
        are drawn to the right of the straight line between their ends; others lie on it."""
        value = getattr(flows, self.column)
        share = np.clip((value - self.low) / (self.high - self.low), 0.0, 1.0)
        bin_of = np.where(np.isnan(value), len(RAMP),
                          np.minimum((np.nan_to_num(share) * len(RAMP)).astype(int), len(RAMP) - 1))
        width = (THINNEST + (WIDEST - THINNEST) * flows.flow / self.most) * size
        left = np.where(both, SIDE * size, -width / 2)
        edges = np.linspace(self.low, self.high, len(RAMP) + 1)
        found = []
        for number, colour in enumerate((*RAMP, UNKNOWN)):
            own = bin_of == number
            x, y = (np.append(side, np.nan) for side in ribbons(
                start[own], end[own], left[own], (left + width)[own]))
            name = ("unknown" if number == len(RAMP) else
                    f"{edges[number]:.2f} to {edges[number + 1]:.2f}")
            found.append(go.Scatter(
                x=look.light(x), y=look.light(y), mode="lines", fill="toself", name=name,
                hoverinfo="skip", fillcolor=colour, line={"width": 0, "color": colour},
                showlegend=number < len(RAMP)))
        return found


def _both_ways(links: np.ndarray) -> np.ndarray:
    """[links] whether another link leads back."""
    known = set(map(tuple, links.tolist()))
    return np.array([(end, start) in known for start, end in links.tolist()])


def _told(flows: LinkFlows, start: np.ndarray, end: np.ndarray, size: np.ndarray) -> go.Scatter:
    """What is said of a link where one points at it. size: [links] of the picture, 0 of a link that
    is not drawn to its right."""
    aside = (SIDE + WIDEST / 4) * size
    middle = start + 0.55 * (end - start) + normals(start, end) * aside[:, None]
    text = [f"{look.safe(a)} to {look.safe(b)}: {flow:,.1f} {flows.unit}<br>time {time:.4g}"
            for (a, b), flow, time in zip(flows.ends, flows.flow, flows.column("time"),
                                          strict=True)]
    return go.Scatter(x=look.light(middle[:, 0]), y=look.light(middle[:, 1]), mode="markers",
                      text=text, hoverinfo="text", showlegend=False,
                      marker={"size": 12, "color": look.CLEAR})


def _height(where: Coordinates) -> int:
    """Pixels that let a network fill a page that is about as wide."""
    wide, high = np.ptp(np.array(list(where.values())), axis=0)
    return 460 if wide >= high else 620


def _nodes(flows: LinkFlows, where: Coordinates) -> go.Scatter:
    names = dict(zip(flows.links.ravel().tolist(),
                     (name for ends in flows.ends for name in ends), strict=True))
    few = len(names) <= NAMED
    x, y = np.array([where[node] for node in names]).T
    return go.Scatter(
        x=x, y=y, mode="markers+text" if few else "markers", showlegend=False,
        text=list(map(look.safe, names.values())), hoverinfo="text" if not few else "skip",
        textfont={"color": "#222222", "size": 9},
        marker={"size": 18 if few else 4, "color": "white",
                "line": {"color": look.NEUTRAL, "width": 1}})


def _laid_out(game: RoutingGame) -> Coordinates | None:
    """Places by the links alone; None where there are too many nodes."""
    graph = nx.Graph(game.road_links.tolist())
    if len(graph) > MOST_PLACED:
        return None
    found = nx.kamada_kawai_layout(graph)
    return {int(node): (float(x), float(y)) for node, (x, y) in found.items()}
