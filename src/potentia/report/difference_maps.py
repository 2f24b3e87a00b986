"""Pictures of where flows change: the network where it is known where its nodes lie, else bars of
the links whose flows change most."""

from __future__ import annotations

import dataclasses
import math
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure

from potentia.report import road_maps
from potentia.report.road_flows import Coordinates, LinkFlows, Marked

# Told apart by eyes that see no red or green; without the palest part, which is seen on no page.
COLOURS = ListedColormap(colormaps["PuOr_r"](np.concatenate([np.linspace(0.0, 0.38, 128),
                                                             np.linspace(0.62, 1.0, 128)])),
                         name="changes")
ACROSS = 3                # panels beside each other
LETTERS = 80              # that fit below a panel
LEAST, UNCHANGED = 0.01, (0.75, 0.75, 0.75, 1.0)      # share of the scale below which it is grey
BARS = 12                 # links that bars of a panel are drawn of
LABEL = ("expected {} more (orange) or fewer (purple) than in the base; each map has a scale "
         "of its own, beside it")


@dataclasses.dataclass(frozen=True)
class Changed:
    """The links of the base or of a scenario, [links, 2] by the numbers of their nodes; what these
    are called; how many vehicles more, [links]; which are there in both, and which in the scenario,
    [links]. unit: what flows count."""

    links: np.ndarray
    ends: list[tuple[int | str, int | str]]
    more: np.ndarray
    both: np.ndarray
    there: np.ndarray
    unit: str


def changes(before: LinkFlows, after: LinkFlows) -> Changed:
    """How flows change from one to the other; links are the same that have the same id and ends.
    One that is not there has no flow."""
    found: dict[tuple, float] = {}
    called: dict[tuple, tuple[int | str, int | str]] = {}
    sides: dict[tuple, float] = {}
    for flows, sign in ((before, -1.0), (after, 1.0)):
        for name, ends, told, flow in zip(flows.table["id"], flows.links.tolist(), flows.ends,
                                          flows.flow.tolist(), strict=True):
            key = (name, *ends)
            found[key] = found.get(key, 0.0) + sign * flow
            called[key] = told
            sides[key] = sides.get(key, 0.0) + sign
    side = np.array(list(sides.values()))                 # -1, 0 or 1: before, both or after
    return Changed(np.array([key[1:] for key in found]), [called[key] for key in found],
                   np.array(list(found.values())), side == 0, side >= 0, after.unit)


def picture(title: str, panels: Mapping[str, Changed], marks: Mapping[str, Marked],
            coordinates: Coordinates | None, aspect: float = 1.0) -> Figure:
    """A panel for each name, each with a scale of its own, beside it, since few would be seen of a
    small change by the scale of a large one: links as wide as flows change on them, coloured by
    more or fewer; those taken away, tolled and built on bands, with symbols. The scale is of
    links that are there in both, for one taken away or new changes by all it has. Bars where
    coordinates are None.

    aspect: length of a unit of y over that of x.
    """
    across = min(len(panels), ACROSS)
    down = math.ceil(len(panels) / across)
    wide, high = (road_maps.size_of(coordinates, aspect) if coordinates is not None
                  else (6.4, 1.4 + 0.28 * BARS))
    figure = Figure(figsize=(wide * across, high * down + 0.6), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(down, across, squeeze=False).ravel()
    for axis, (name, each) in zip(axes, panels.items(), strict=False):
        most = float(np.abs(each.more[each.both]).max(initial=0.0)) or 1.0
        if coordinates is None:
            _bars(axis, each, most)
        else:
            _draw(axis, each, marks[name], coordinates, most)
            axis.set_aspect(aspect)
            figure.colorbar(ScalarMappable(Normalize(-most, most), COLOURS), ax=axis, shrink=0.7,
                            extend="neither" if each.both.all() else "both")
        axis.set_title(name, fontsize="medium", parse_math=False)
    for axis in axes[len(panels):]:
        axis.set_visible(False)
    if coordinates is not None:
        unit = next(iter(panels.values())).unit
        explained = textwrap.fill(LABEL.format(unit), LETTERS * across)
        marked, labels = road_maps.signs(_together([marks[name] for name in panels]))
        if marked:
            figure.legend(marked, labels, title=explained, loc="outside lower center", ncols=3,
                          frameon=False, handlelength=3.0)
        else:
            figure.supxlabel(explained, fontsize="medium")
    return figure


def _together(marks: Sequence[Marked]) -> Marked:
    """All that is marked on some panel."""
    return Marked(*(tuple(link for each in marks for link in getattr(each, field.name))
                    for field in dataclasses.fields(Marked)))


def _draw(axis: Axes, each: Changed, marked: Marked, coordinates: Coordinates,
          most: float) -> None:
    """The network, new links too."""
    there = np.flatnonzero(each.there)
    order = there[np.argsort(np.abs(each.more[there]), kind="stable")]     # the largest on top
    more = each.more[order].clip(-most, most)
    colours = COLOURS(Normalize(-most, most)(more))
    colours[np.abs(more) < LEAST * most] = UNCHANGED
    axis.add_collection(LineCollection(
        list(road_maps.beside(each.links[order], coordinates)), colors=colours, capstyle="butt",
        linewidths=road_maps.width(np.abs(more), most)))
    road_maps.mark_changes(axis, coordinates, marked)
    called = {node: end for nodes, ends in zip(each.links.tolist(), each.ends, strict=True)
              for node, end in zip(nodes, ends, strict=True)}
    road_maps.draw_nodes(axis, called, coordinates)
    axis.set_axis_off()
    axis.margins(0.06)


def _bars(axis: Axes, each: Changed, most: float) -> None:
    chosen = np.argsort(-np.abs(each.more), kind="stable")[:BARS]
    axis.barh(np.arange(len(chosen)), each.more[chosen],
              color=COLOURS(Normalize(-most, most)(each.more[chosen])), edgecolor="#444444",
              linewidth=0.5)
    axis.set_yticks(np.arange(len(chosen)), ["{} → {}".format(*each.ends[k]) for k in chosen],
                    parse_math=False)
    axis.invert_yaxis()
    axis.axvline(0.0, color="#444444", linewidth=0.8)
    axis.set_xlabel(f"expected {each.unit} more than in the base")
