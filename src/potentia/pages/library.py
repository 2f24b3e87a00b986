"""The library that draws, Plotly's own bundle, as scripts that a browser begins fast."""

from __future__ import annotations

import dataclasses
import re

import plotly.offline

# The bundle: its licence, what lets it be loaded in other ways too, one function that is called at
# once, and the licences of its parts. The function ends by calling its first module.
WHOLE = re.compile(r"""
    (?P<licence> /\*.*?\*/) .{0,600}? "use\ strict";var\ Plotly=\(\(\)=>\{ (?P<body> .*)
    return\ (?P<first> [\w$]+)\(\);\}\)\(\); (?P<licences> .*) window\.Plotly\ =\ Plotly; .*
    """, re.DOTALL | re.VERBOSE)


@dataclasses.dataclass(frozen=True)
class Library:
    """Two scripts, one after the other. loaded: the bundle. run: what runs it, "" if `loaded` does.
    """

    loaded: str
    run: str


def library() -> Library:
    """The bundle of the Plotly that is installed.

    Chromium first skims a function that lies in another one, and reads it again when it is called;
    the bundle is a function of 5 MB in another one, which is left out. Where developer tools or
    Playwright watch a page, Chromium reads every function anew in whose course an error is caught,
    and all that called it. Modules of the bundle catch some when they begin, so that they begin
    after its function has returned, from a script of its own. A bundle of another form is left as
    it is.
    """
    text = plotly.offline.get_plotlyjs()
    found = WHOLE.fullmatch(text)
    if found is None:
        return Library(text, "")
    loaded = (f'{found["licence"]}\n"use strict";const loadPlotly=(()=>{{{found["body"]}'
              f'return {found["first"]};}});{found["licences"]}')
    return Library(loaded, "window.Plotly = loadPlotly()();")
