"""Pictures of what flows where: the network, where it is known where its nodes lie, and else bars
of the fullest links, which do not look like a map."""

from __future__ import annotations

import dataclasses
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from potentia.report.figures import BLUE, GREEN, ORANGE, VERMILION
from potentia.report.road_flows import NOTHING, Coordinates, LinkFlows, Marked

MARKED = 300               # links up to which marks point the way; more would hide them
NAMED = 60                 # nodes up to which their names are drawn, and changed links symbols
SIDE = 0.012               # how far to its right a link is drawn, in parts of the picture
ARROW = 0.015              # half a direction mark's length, likewise; at most a sixth of a link
THINNEST, WIDEST = 0.6, 6.5                     # of links, in points
FULLEST = 2.5              # volumes over capacity from which colours differ no more
SLOWEST = 5.0              # times a free road's from which colours differ no more
BARS = 20                  # links that bars are drawn of
# Even in brightness, and told apart by eyes that see no red or green; without the palest part.
# What nothing is known of is grey.
UNKNOWN = "#bbbbbb"
COLOURS = ListedColormap(colormaps["cividis_r"](np.linspace(0.3, 1.0, 256)),
                         name="crowding").with_extremes(bad=UNKNOWN)
WIDE, HIGH, LOWEST = 6.4, 5.4, 2.0          # of a panel and of the least of them, in inches
BAND, SYMBOL = 10.0, 8.5                    # of marks, in points: bands beneath links, symbols
FAINT = 0.45                                # opacity of bands
HALO = [withStroke(linewidth=1.8, foreground="white")]           # names show on dark links
SIDES = (BLUE, ORANGE)                      # of bars


@dataclasses.dataclass(frozen=True)
class Scale:
    """What widths and colours mean, alike on all panels.

    most: vehicles on the widest link. column: of `LinkFlows`, what colours tell. label: in words.
    norm: from its values to colours. beyond: whether some are above the last of them.
    """

    most: float
    column: str
    label: str
    norm: Normalize
    beyond: bool


@dataclasses.dataclass(frozen=True)
class Sign:
    """How links that are changed in one way are marked: told apart by dashes, in widths of the
    band, and by symbols too, not by colours alone."""

    label: str
    colour: str
    dashes: tuple[float, ...]
    symbol: str

    @property
    def line(self) -> Any:
        """Dashes as Matplotlib takes them."""
        return (0, self.dashes) if self.dashes else "solid"


SIGNS = {"shut": Sign("taken away", VERMILION, (0.3, 0.3), "X"),     # by the fields of `Marked`
         "tolled": Sign("tolled", GREEN, (1.2, 0.4), "D"),
         "built": Sign("built", BLUE, (), "P")}


def scale_of(panels: Iterable[LinkFlows]) -> Scale:
    """Colours tell volume over capacity where capacities are known, else how much slower it is."""
    found = list(panels)
    most = max(float(flows.flow.max(initial=0.0)) for flows in found) or 1.0
    filled = all(flows.has_capacities for flows in found)
    column, label, low, limit = (("filled", "volume over capacity", 0.0, FULLEST) if filled else
                                 ("crowding", "time over that of the free road", 1.0, SLOWEST))
    highest = max(float(np.nanmax(getattr(flows, column))) for flows in found)
    least = 1.0 if filled else 1.5
    return Scale(most, column, label, Normalize(low, min(max(highest, least), limit)),
                 highest > limit)


def picture(title: str, panels: Mapping[str, LinkFlows], coordinates: Coordinates,
            aspect: float = 1.0, marked: Marked = NOTHING) -> Figure:
    """The network with its flows, a panel for each name: wide where many go, dark where that fills
    the road or costs much time, marks pointing the way.

    aspect: length of a unit of y over that of x. marked: links that are taken away or tolled.
    """
    wide, high = size_of(coordinates, aspect)
    figure = Figure(figsize=(wide * len(panels), high), layout="constrained")
    figure.suptitle(title)
    scale = scale_of(panels.values())
    for axis, (name, flows) in zip(figure.subplots(1, len(panels), squeeze=False)[0],
                                   panels.items(), strict=True):
        draw(axis, flows, coordinates, scale, aspect, marked)
        axis.set_title(name, fontsize="medium")
    widths, (marks, labels) = explained(scale, panels.values()), signs(marked)
    figure.legend([*widths, *marks], [*(str(line.get_label()) for line in widths), *labels],
                  title=f"expected {_unit(panels)}", loc="outside lower left", ncols=5,
                  frameon=False, handlelength=3.0)
    colour_bar(figure.axes, scale)
    return figure


def draw(axis: Axes, flows: LinkFlows, coordinates: Coordinates, scale: Scale,
         aspect: float = 1.0, marked: Marked = NOTHING) -> None:
    """The network on one axis, with neither legend nor colour bar."""
    where = np.array(list(coordinates.values()))
    _draw_links(axis, flows, coordinates, scale)
    mark_changes(axis, coordinates, marked)
    names = dict(zip(flows.links.ravel().tolist(),
                     (end for ends in flows.ends for end in ends), strict=True))
    draw_nodes(axis, names, coordinates)
    axis.set_axis_off()
    axis.set_aspect(aspect if np.ptp(where, axis=0).min() > 0 else "auto")
    axis.margins(0.06)


def explained(scale: Scale, panels: Iterable[LinkFlows]) -> list[Line2D]:
    """What widths and grey links mean, if there are any."""
    unknown = scale.column == "filled" and any(np.isnan(flows.filled).any() for flows in panels)
    grey = Line2D([], [], color=UNKNOWN, linewidth=2.0, label="capacity unknown")
    return [*_samples(scale.most), *([grey] * unknown)]


def colour_bar(axes: Axes | Sequence[Axes], scale: Scale) -> None:
    """Beside these axes, what colours mean; with a line where a road is full."""
    first = axes if isinstance(axes, Axes) else axes[0]
    bar = first.figure.colorbar(ScalarMappable(scale.norm, COLOURS), ax=axes, shrink=0.7,
                                extend="max" if scale.beyond else "neither", label=scale.label)
    if scale.column == "filled":
        bar.ax.axhline(1.0, color="#222222", linewidth=1.0)


def size_of(coordinates: Coordinates, aspect: float = 1.0) -> tuple[float, float]:
    """Inches that a panel takes, with what is written around it."""
    return WIDE, 1.4 + _height(np.array(list(coordinates.values())), aspect)


def bars(title: str, panels: Mapping[str, LinkFlows]) -> Figure:
    """The fullest links of all panels by volume over capacity, a bar for each name, where
    capacities are known; else those with the largest flows."""
    filled = any(flows.has_capacities for flows in panels.values())
    column, label = ("volume_over_capacity", "volume over capacity") if filled else (
        "flow", f"expected {_unit(panels)}")
    found = {name: _by_link(flows, column) for name, flows in panels.items()}
    highest = {link: max(of_panel.get(link, 0.0) for of_panel in found.values())
               for of_panel in found.values() for link in of_panel}
    links = sorted(highest, key=lambda link: -highest[link])[:BARS]
    figure = Figure(figsize=(6.4, 1.4 + 0.28 * len(links)), layout="constrained")
    axis = figure.subplots()
    height = 0.8 / len(found)
    for number, (name, of_panel) in enumerate(found.items()):
        axis.barh(np.arange(len(links)) + number * height,
                  [of_panel.get(link, 0.0) for link in links], height=height, align="edge",
                  label=name, color=SIDES[number % len(SIDES)])
    axis.set_yticks(np.arange(len(links)) + 0.4, [f"{start} → {end}" for _, start, end in links],
                    parse_math=False)
    axis.invert_yaxis()
    if filled:
        axis.axvline(1.0, color="#444444", linewidth=0.8)
    axis.set_xlabel(label)
    axis.set_title(title)
    figure.legend(loc="outside lower left", frameon=False, ncols=len(found))
    return figure


def as_file(figure: Figure, kind: str = "png") -> bytes:
    """The picture in a format that Matplotlib writes, such as png, pdf or svg."""
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=150)
    return content.getvalue()


def _height(where: np.ndarray, aspect: float) -> float:
    """Inches that the network takes on a panel, so that none of it is left empty."""
    wide, high = np.ptp(where, axis=0)
    return HIGH if min(wide, high) == 0 else float(np.clip(WIDE * aspect * high / wide, LOWEST,
                                                           HIGH))


def round_samples(most: float) -> list[float]:
    """Two or three round numbers, 1, 2 or 5 times a power of ten, up to `most`, the largest
    first."""
    power = 10.0 ** math.floor(math.log10(most))
    steps = [times * power / scale for scale in (1, 10) for times in (5, 2, 1)]
    return [step for step in steps if step <= most * (1 + 1e-9)][:3]


def _samples(most: float) -> list[Line2D]:
    """Lines as wide as so many vehicles make them."""
    return [Line2D([], [], color="#555555", linewidth=float(width(sample, most)),
                   solid_capstyle="butt", label=f"{sample:,.10g}")
            for sample in round_samples(most)]


def signs(marked: Marked) -> tuple[list[Any], list[str]]:
    """A band with a symbol for each way in which links are changed, of those that there are, and
    what it is called, as a legend takes them."""
    found = [sign for name, sign in SIGNS.items() if getattr(marked, name)]
    return [(Line2D([], [], color=sign.colour, alpha=FAINT, linestyle=sign.line, linewidth=BAND,
                    dash_capstyle="butt", solid_capstyle="butt"),
             Line2D([], [], color=sign.colour, linestyle="none", marker=sign.symbol,
                    markersize=SYMBOL, markeredgecolor="white"))
            for sign in found], [sign.label for sign in found]


def mark_changes(axis: Axes, coordinates: Coordinates, marked: Marked) -> None:
    """Bands beneath the links that are taken away, in every panel, and beneath those tolled or
    built, so that both the mark and the link are seen whatever its colour; and a symbol on each
    where these are few."""
    for name, sign in SIGNS.items():
        links = getattr(marked, name)
        if not links:
            continue
        lines = beside(np.array(links), coordinates)
        axis.add_collection(LineCollection(
            list(lines), colors=sign.colour, alpha=FAINT, linewidths=BAND, linestyles=[sign.line],
            capstyle="butt", zorder=0.5))
        if len(links) <= NAMED:
            where = lines[:, 0] + 0.35 * (lines[:, 1] - lines[:, 0])      # clear of the arrows
            axis.scatter(*where.T, s=SYMBOL ** 2, marker=sign.symbol, color=sign.colour,
                         edgecolors="white", linewidths=1.0, zorder=2.8)


def width(flow: float | np.ndarray, most: float) -> float | np.ndarray:
    """How wide a link of so many vehicles is drawn, in points."""
    return THINNEST + (WIDEST - THINNEST) * flow / most


def _by_link(flows: LinkFlows, column: str) -> dict[tuple, float]:
    """What is known of each link, by id, from and to."""
    return {(name, *ends): float(value) for name, ends, value in zip(
        flows.table["id"], flows.ends, flows.column(column), strict=True) if np.isfinite(value)}


def _draw_links(axis: Axes, flows: LinkFlows, coordinates: Coordinates, scale: Scale) -> None:
    lines = beside(flows.links, coordinates)
    axis.add_collection(LineCollection(
        list(lines), array=np.ma.masked_invalid(getattr(flows, scale.column)), cmap=COLOURS,
        norm=scale.norm, linewidths=width(flows.flow, scale.most), capstyle="butt"))
    if len(lines) > MARKED:
        return
    used = flows.flow > 0
    axis.add_collection(PolyCollection(
        list(_marks(lines, _span(lines))[used]), facecolors="white", edgecolors="#333333",
        linewidths=0.5, zorder=2))


def draw_nodes(axis: Axes, names: Mapping[int, int | str], coordinates: Coordinates) -> None:
    """The nodes, and what they are called where they are few."""
    where, few = np.array(list(coordinates.values())), len(coordinates) <= NAMED
    axis.scatter(*where.T, s=90 if few else 2, color="white", edgecolors="#444444", linewidths=0.6,
                 zorder=3)
    for node, (x, y) in coordinates.items() if few else ():
        axis.text(x, y, str(names.get(node, node)), ha="center", va="center", fontsize=6, zorder=4,
                  parse_math=False, path_effects=HALO)


def _span(lines: np.ndarray) -> float:
    return float(np.ptp(lines.reshape(-1, 2), axis=0).max())


def _marks(lines: np.ndarray, span: float) -> np.ndarray:
    """[links, 3, 2] triangles that point along each line, a little beyond its middle."""
    along = lines[:, 1] - lines[:, 0]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    unit = along / np.where(length > 0, length, 1.0)
    half = np.minimum(ARROW * span, length / 6)
    side = np.column_stack([-unit[:, 1], unit[:, 0]]) * half * 0.6
    middle = lines[:, 0] + 0.6 * along       # so that those of both directions keep apart
    return np.stack([middle + unit * half, middle - unit * half + side,
                     middle - unit * half - side], axis=1)


def beside(links: np.ndarray, coordinates: Coordinates) -> np.ndarray:
    """[links, 2, 2] lines, each a little to the right of its direction, so that both directions
    show."""
    ends = np.array([[coordinates[int(node)] for node in link] for link in links], dtype=np.float64)
    along = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(along, axis=1, keepdims=True)
    right = np.column_stack([along[:, 1], -along[:, 0]]) / np.where(length > 0, length, 1.0)
    across = float(np.ptp(np.array(list(coordinates.values())), axis=0).max())
    return ends + (SIDE * across * right)[:, None]


def _unit(panels: Mapping[str, LinkFlows]) -> str:
    """What the flows of all panels count."""
    return next(iter(panels.values())).unit
