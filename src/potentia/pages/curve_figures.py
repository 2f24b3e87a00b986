"""Learning curves as Plotly figures: every run thin, and a median over all runs with its band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from potentia.console.text import counted
from potentia.pages import look, thinning
from potentia.plot.bands import Run, band
from potentia.plot.groups import Panel
from potentia.plot.quantities import DECADES, NAMES, SIGNED

MOST_RUNS = 100                         # of a panel that are drawn thin
THIN, BAND = 0.8, 0.3     # how much of its colour a run has, and a band
# The tick of 0, which a logarithmic axis of gaps has not.
ZERO = {"text": "0", "showarrow": False, "x": 0.0, "xref": "paper", "xanchor": "right",
        "xshift": -4}
DASHES = ("solid", "dash", "dashdot", "dot")
HOVER = "%{fullData.meta}<br>iteration %{customdata[0]:,.0f}: %{customdata[1]:.4g}<extra></extra>"
HOVER_RUN = HOVER.replace("%{fullData.meta}", "%{fullData.meta}, run %{customdata[2]:.0f}")


def curve_figure(panel: Panel) -> go.Figure:
    """The curves of one panel, zoomable. Iterations are logarithmic, with 0 a little before 1;
    gaps and distances too, and what is 0, or twelve decades below the largest, lies on the lower
    edge."""
    every = [run for runs in panel.groups.values() for run in runs]
    span = (min(float(run.iterations[0]) for run in every),
            max(float(run.iterations[-1]) for run in every))
    drawn = min(len(every), MOST_RUNS)
    columns = thinning.columns_for(drawn)
    floor = None if panel.quantity in SIGNED else _floor(
        np.concatenate([run.values for run in every]))
    traces, left = [], drawn
    for number, (label, runs) in enumerate(panel.groups.items()):
        line = _Line(look.safe(label), number, floor)
        share = max(1, min(len(runs), left)) if len(panel.groups) == 1 else max(
            1, drawn * len(runs) // len(every))
        traces += [line.runs(runs[:share], columns, span), *line.median(runs)]
    return go.Figure(traces, _layout(panel, span, floor))


def thinned(panels: Sequence[Panel]) -> str:
    """What of these panels is not drawn, in words."""
    most = max(sum(map(len, panel.groups.values())) for panel in panels)
    rule = thinning.RULE.format(columns=f"{thinning.columns_for(min(most, MOST_RUNS))}")
    few = (f" Of more than {MOST_RUNS} runs about as many are drawn thin, the first of each line; "
           f"medians and bands are over all." if most > MOST_RUNS else "")
    return rule + few


class _Line:
    """The traces of one label."""

    def __init__(self, label: str, number: int, floor: float | None):
        self.label, self.floor = label, floor
        self.colour, self.dash = look.colour_of(number), DASHES[number % len(DASHES)]
        self.group = f"line{number}"

    def runs(self, runs: Sequence[Run], columns: int, span: tuple[float, float]) -> go.Scatter:
        """Every run in one trace, with a break between two."""
        x, y, told = [], [], []
        for number, run in enumerate(runs):
            chosen = thinning.kept(run.iterations, run.values, columns, span)
            at, values = run.iterations[chosen], run.values[chosen]
            x += [thinning.on_axis(at), [np.nan]]
            y += [self._lifted(values), [np.nan]]
            told += [np.column_stack([at, values, np.full(len(at), number)]), [[np.nan] * 3]]
        alone = len(runs) == 1
        return self._trace(np.concatenate(x), np.concatenate(y), np.concatenate(told),
                           hovertemplate=HOVER_RUN, opacity=THIN if not alone else 0.0,
                           line=self._look(0.9, "solid"), showlegend=False,
                           hoverinfo="skip" if alone else None)

    def median(self, runs: Sequence[Run]) -> list[go.Scatter]:
        """The median over all runs, and the band around it if there are several."""
        found = band(runs)
        x, edges = thinning.on_axis(found.iterations), []
        if found.lower is not None and found.upper is not None:
            for values, fill in ((found.lower, None), (found.upper, "tonexty")):
                edges.append(self._trace(
                    x, self._lifted(values), None, hoverinfo="skip", showlegend=False, fill=fill,
                    fillcolor=look.faint(self.colour, BAND), line=self._look(0.0, "solid")))
        told = np.column_stack([found.iterations, found.median])
        name = f"{self.label} ({counted(len(runs), 'run')})"
        return [*edges, self._trace(x, self._lifted(found.median), told, hovertemplate=HOVER,
                                    name=name, line=self._look(2.4, self.dash))]

    def _trace(self, x: np.ndarray, y: np.ndarray, told: np.ndarray | None,
               **more: Any) -> go.Scatter:
        wide = np.asarray(y) if self.floor is None else look.light(y)
        return go.Scatter(x=look.light(x), y=wide, mode="lines", legendgroup=self.group,
                          meta=self.label,
                          customdata=None if told is None else look.light(told), **more)

    def _look(self, width: float, dash: str) -> dict[str, Any]:
        # Between two records a run has the earlier value.
        return {"color": self.colour, "width": width, "dash": dash, "shape": "hv"}

    def _lifted(self, values: np.ndarray) -> np.ndarray:
        return values if self.floor is None else np.maximum(values, self.floor)


def _floor(values: np.ndarray) -> float | None:
    """The lower edge of a logarithmic axis, a half of the least value on it; None for a linear
    axis, of values of both signs."""
    if (values < 0).any() or not (values > 0).any():
        return None
    most = float(values.max())
    least = float(values[values > 0].min())
    return max(least, most * 10.0 ** -DECADES) / 2


def _layout(panel: Panel, span: tuple[float, float], floor: float | None) -> dict[str, Any]:
    left, right = (float(thinning.on_axis(np.array(end))) for end in span)
    zeros: list[dict[str, Any]] = []
    marked = thinning.ticks(*span)
    y: dict[str, Any] = {**look.AXIS, "title": NAMES.get(panel.quantity, panel.quantity)}
    if floor is not None:
        y |= {"type": "log", "exponentformat": "power"}
        if any((run.values < floor).any() for runs in panel.groups.values() for run in runs):
            zeros.append(ZERO | {"y": np.log10(floor)})
    return look.layout(
        annotations=zeros, yaxis=y,
        xaxis={**look.AXIS, "type": "log", "title": "iterations",
               "tickvals": thinning.on_axis(np.array(marked)),
               "ticktext": [f"{tick:,}" for tick in marked],
               "range": [np.log10(left / 1.05), np.log10(max(right, 1.0) * 1.1)]})
