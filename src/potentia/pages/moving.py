"""Figures with a slider over the steps of a way; Plotly's own slider and frames do the moving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go

from potentia.pages import look

ROOM = 110                # pixels that the slider takes
AT_ONCE = {"mode": "immediate", "frame": {"duration": 0, "redraw": True},
           "transition": {"duration": 0}}
PLAYED = {"mode": "immediate", "fromcurrent": True, "frame": {"duration": 250, "redraw": True},
          "transition": {"duration": 0}}
# What draws the traces of one step, the same number of them for each.
Drawn = Callable[[int], list[Any]]


def moving(labels: Sequence[str], moved: Drawn, layout: dict[str, Any],
           still: Sequence[Any] = (), above: Sequence[Any] = ()) -> go.Figure:
    """The figure at its last step, and a slider over all if there are several.

    labels: of the steps. still: traces beneath that do not move; above: the same on top.
    """
    last = moved(len(labels) - 1)
    traces = [*still, *last, *above]
    high = layout.get("height", look.HIGH)
    if len(labels) == 1:
        return go.Figure(traces, layout)
    places = list(range(len(still), len(still) + len(last)))
    frames = [go.Frame(data=moved(step), name=f"{step}", traces=places)
              for step in range(len(labels))]
    return go.Figure(traces, {**layout, "height": high + ROOM, "sliders": [_slider(labels)],
                              "updatemenus": [_buttons()]}, frames)


def _slider(labels: Sequence[str]) -> dict[str, Any]:
    steps = [{"label": label, "method": "animate", "args": [[f"{step}"], AT_ONCE]}
             for step, label in enumerate(labels)]
    return {"active": len(labels) - 1, "steps": steps, "x": 0.0, "len": 1.0,
            "pad": {"t": 44, "l": 6, "r": 6}, "bgcolor": look.GRID, "bordercolor": look.NEUTRAL,
            "tickcolor": look.NEUTRAL, "font": {"color": look.CLEAR, "size": 1},
            "currentvalue": {"prefix": "after iteration ", "xanchor": "right", "offset": 20,
                             "font": {"size": 13, "color": look.NEUTRAL}}}


def _buttons() -> dict[str, Any]:
    def button(label: str, arguments: list[Any]) -> dict[str, Any]:
        return {"label": label, "method": "animate", "args": arguments}

    return {"type": "buttons", "direction": "left", "showactive": False, "x": 0.0, "y": 0.0,
            "xanchor": "left", "yanchor": "top", "pad": {"t": 42, "l": 0},
            "bgcolor": look.CLEAR, "bordercolor": look.NEUTRAL,
            "buttons": [button("▶", [None, PLAYED]), button("❚❚", [[None], AT_ONCE])]}
