"""The library that draws, Plotly's own bundle, as scripts that a browser begins fast."""

from __future__ import annotations

import dataclasses

import plotly.offline

# Where the bundle's one function begins and ends within what lets it be loaded in other ways too.
BEGIN, END, LOADED = '"use strict";var Plotly=(()=>{', "})();", "window.Plotly = Plotly;"


@dataclasses.dataclass(frozen=True)
class Library:
    """Two scripts, one after the other. loaded: the bundle. run: what runs it, "" if `loaded` does.
    """

    loaded: str
    run: str


def library() -> Library:
    """The bundle of the Plotly that is installed.

    Chromium reads a function twice that lies in another one and a third time where an error is
    caught in it while the page is watched (developer tools, Playwright): once for every function
    and script around it. The bundle is one function of 5 MB within another, and catches a few. So
    its function is called from a script of its own, without the one around it. A bundle of another
    form is left as it is.
    """
    text = plotly.offline.get_plotlyjs()
    head, begun, rest = text.partition(BEGIN)
    body, ended, tail = rest.rpartition(END)
    licences, closed, _ = tail.partition(LOADED)
    if not (begun and ended and closed):
        return Library(text, "")
    licence = head[:head.index("*/") + 2]
    return Library(f'{licence}\n"use strict";const loadPlotly=(()=>{{{body}}});{licences}',
                   "window.Plotly = loadPlotly();")
