"""What all figures of a page share: no background, no colour of text (the page's own style gives
both, by light and by dark), and no button that leads away."""

from __future__ import annotations

import dataclasses
import html
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio

from potentia.errors import encodable, one_line

HIGH = 380                # pixels of a figure
NEUTRAL = "#808080"       # what is seen on a light and on a dark page
# The hues of `pt.plot`, in tones that have a contrast of more than 3 to both pages.
COLOURS = ("#2A86CF", "#D55E00", "#0A9A70", "#C46A9D", "#B07D00", "#1F97B5", NEUTRAL)
GRID = "rgba(128,128,128,0.25)"
CLEAR = "rgba(0,0,0,0)"
LONG = 60                 # characters of a name that are drawn
LEGEND = {"orientation": "h", "yref": "container", "yanchor": "top", "y": 1.0, "x": 0.0,
          "bgcolor": CLEAR}
BAR = {"orientation": "h", "thickness": 10, "outlinewidth": 0, "yanchor": "bottom", "y": 1.0,
       "title": {"text": "probability", "side": "top"}}
CONFIG = {"responsive": True, "displaylogo": False, "showTips": False,
          "modeBarButtonsToRemove": ["lasso2d", "select2d", "toImage"]}
AXIS = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": NEUTRAL, "tickcolor": NEUTRAL,
        "automargin": True}


def safe(text: object) -> str:
    """A name of a user's as Plotly writes it: on one line, and none of it as markup."""
    return html.escape(encodable(one_line(text, LONG)), quote=False)


def faint(colour: str, share: float) -> str:
    """A colour "#rrggbb" that lets so much less through."""
    red, green, blue = (int(colour[place:place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"


def colour_of(number: int) -> str:
    """The colour of the line, or the agent, of that number."""
    return COLOURS[number % len(COLOURS)]


def layout(**more: Any) -> dict[str, Any]:
    """The layout of a figure, with what is its own."""
    return {"template": "none", "height": HIGH, "autosize": True, "paper_bgcolor": CLEAR,
            "plot_bgcolor": CLEAR, "font": {"color": NEUTRAL, "size": 12},
            "margin": {"l": 12, "r": 12, "t": 28, "b": 12}, "hovermode": "closest",
            "legend": LEGEND,
            "modebar": {"bgcolor": CLEAR, "color": NEUTRAL, "activecolor": NEUTRAL}, **more}


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A figure as a page holds it, drawn by drawing.js once somebody comes near it.

    name: its id. high: pixels that it will take. figure: what Plotly draws, as JSON in which no
    "<" is, so that no name within it ends the element that it stands in.
    """

    name: str
    high: int
    figure: str


def drawn(figure: go.Figure, name: str) -> Drawn:
    """The figure under an id of its own."""
    high = figure.layout.height             # pyright: ignore[reportAttributeAccessIssue]
    told = str(pio.to_json(figure, validate=False))
    return Drawn(name, int(high), told.replace("<", "\\u003c"))


def light(values: np.ndarray) -> np.ndarray:
    """Numbers as a picture needs them: 32 bits, half the size."""
    return np.asarray(values, dtype=np.float32)
