"""What flows where: the most loaded links, all flows as CSV or GeoJSON, and a picture of the
network.

Only links and numbers are read; coordinates of nodes are (x, y) by node number, or are found by
drawing links as springs.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Mapping

import networkx as nx
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from potentia.report.terminal import show_table

SHOWN = 8                  # links in the table
NAMED = 60                 # nodes up to which their numbers are drawn
SIDE = 0.012               # how far to its right a link is drawn, in parts of the picture
Coordinates = Mapping[int, tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class LinkFlows:
    """links: [links, 2] nodes. flow: [links] vehicles. cost, time: [links] what a vehicle pays and
    how long it takes, at mean flows. free: [links] time of a lone agent. toll: [links] of the
    cost. node_names: by number, of those nodes that have any."""

    links: np.ndarray
    flow: np.ndarray
    cost: np.ndarray
    time: np.ndarray
    free: np.ndarray
    toll: np.ndarray
    node_names: Mapping[int, str] = dataclasses.field(default_factory=dict)

    @property
    def ends(self) -> list[tuple[int | str, int | str]]:
        """From and to of each link, by the names of the nodes where they have any."""
        return [(self.node_names.get(start, start), self.node_names.get(end, end))
                for start, end in self.links.tolist()]

    @property
    def crowding(self) -> np.ndarray:
        """[links] time over what it is when the road is free, at least 1."""
        return np.where(self.free > 0, self.time / np.where(self.free > 0, self.free, 1.0), 1.0)

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """[links] each, by name: flow and cost; time, where the cost is more, and tolls, where
        there are any."""
        return {"flow": self.flow, "cost": self.cost,
                **({"time": self.time} if (self.cost != self.time).any() else {}),
                **({"toll": self.toll} if self.toll.any() else {})}


def show_most_loaded(flows: LinkFlows) -> None:
    """Print the links with most vehicles."""
    most = np.argsort(-flows.flow, kind="stable")[:SHOWN]
    paid = {"cost paid": flows.cost} if "time" in flows.columns else {}
    if flows.toll.any():
        paid["toll revenue"] = flows.flow * flows.toll
    ends = flows.ends
    show_table(("link", "vehicles", "time", "times the free road's", *paid), (
        ("{} -> {}".format(*ends[k]), f"{flows.flow[k]:,.1f}",
         f"{flows.time[k]:.4g}", f"{flows.crowding[k]:.2f}",
         *(f"{column[k]:.4g}" for column in paid.values())) for k in most))


def as_csv(flows: LinkFlows) -> bytes:
    """from,to,flow,cost and, where vehicles pay for more than time, time and toll, a row for each
    link; numbers to their last bit."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("from", "to", *flows.columns))
    writer.writerows((*ends, *map(float, numbers)) for ends, *numbers in zip(
        flows.ends, *flows.columns.values(), strict=True))
    return text.getvalue().encode()


def as_geojson(flows: LinkFlows, coordinates: Coordinates) -> bytes:
    """A FeatureCollection (RFC 7946) with a LineString for each link, and what the CSV says of it
    as properties."""
    features = [{"type": "Feature",
                 "geometry": {"type": "LineString",
                              "coordinates": [list(coordinates[int(node)]) for node in link]},
                 "properties": {"from": start, "to": end,
                                **{name: float(column[k])
                                   for name, column in flows.columns.items()}}}
                for k, (link, (start, end)) in enumerate(zip(flows.links, flows.ends, strict=True))]
    return json.dumps({"type": "FeatureCollection", "features": features}, indent=1).encode()


def placed(links: np.ndarray,
           coordinates: Coordinates | None = None) -> dict[int, tuple[float, float]]:
    """Where each node is drawn: as given, or by springs (Kamada and Kawai 1989; on large networks
    Fruchterman and Reingold 1991)."""
    nodes = [int(node) for node in np.unique(links)]
    if coordinates is not None and all(node in coordinates for node in nodes):
        return {node: coordinates[node] for node in nodes}
    graph = nx.Graph([(int(start), int(end)) for start, end in links])
    found = (nx.kamada_kawai_layout(graph) if len(nodes) <= NAMED
             else nx.spring_layout(graph, seed=0))
    return {node: (float(found[node][0]), float(found[node][1])) for node in nodes}


def picture(title: str, panels: Mapping[str, LinkFlows], coordinates: Coordinates) -> Figure:
    """The network with its flows, a panel for each name: wide where many go, dark where that costs
    them much time."""
    figure = Figure(figsize=(6.2 * len(panels), 6.0), layout="constrained")
    figure.suptitle(title)
    widest = max(float(flows.flow.max(initial=0.0)) for flows in panels.values()) or 1.0
    most = max(2.0, *(float(flows.crowding.max(initial=1.0)) for flows in panels.values()))
    names = {node: name for flows in panels.values() for node, name in flows.node_names.items()}
    colours = Normalize(1.0, most)
    for axis, (name, flows) in zip(figure.subplots(1, len(panels), squeeze=False)[0],
                                   panels.items(), strict=True):
        drawn = LineCollection(
            list(_beside(flows.links, coordinates)), array=np.minimum(flows.crowding, most),
            cmap="viridis_r",
            norm=colours,
            linewidths=0.4 + 5.6 * flows.flow / widest, capstyle="butt")
        axis.add_collection(drawn)
        where = np.array(list(coordinates.values()))
        axis.scatter(*where.T, s=90 if len(coordinates) <= NAMED else 2, color="white",
                     edgecolors="#444444",
                     linewidths=0.6,
                     zorder=2)
        if len(coordinates) <= NAMED:
            for node, (x, y) in coordinates.items():
                axis.text(x, y, str(names.get(node, node)), ha="center", va="center", fontsize=6,
                          zorder=3, parse_math=False)
        axis.set_title(name, fontsize="medium")
        axis.set_axis_off()
        axis.set_aspect("equal" if np.ptp(where, axis=0).min() > 0 else "auto")
        axis.margins(0.06)
    figure.colorbar(ScalarMappable(colours, "viridis_r"), ax=figure.axes, shrink=0.7,
                    label="time over that of the free road")
    return figure


def as_png(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=150)
    return content.getvalue()


def _beside(links: np.ndarray, coordinates: Coordinates) -> np.ndarray:
    """[links, 2, 2] lines, each a little to the right of its direction, so that both directions
    show."""
    ends = np.array([[coordinates[int(node)] for node in link] for link in links], dtype=np.float64)
    along = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    right = np.column_stack([along[:, 1], -along[:, 0]]) / np.where(length > 0, length, 1.0)
    return ends + (SIDE * np.ptp(ends.reshape(-1, 2), axis=0).max() * right)[:, None]
