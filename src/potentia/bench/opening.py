"""A report of ten runs of 2,000 iterations, opened from disk in Chromium without a window.

Times count from the beginning of the navigation (the clock of the page), each in a browser of its
own that knows nothing of the page. The window is so high that the first figure is in view at once.
That figure answers when the pointer on the end of its last curve is given a label: the page is
asked for it every 5 ms by a timer, which has its turn only while nothing else is computed. Later
figures are drawn one by one after it, and while one is, nothing answers.

Playwright, which drives the browser, watches the page as developer tools do. Errors that are caught
within Plotly's bundle then cost more than they do a reader, who waits less.
"""

from __future__ import annotations

import importlib
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from potentia import games, rules
from potentia.bench.harness import Asked, Figure, Limit, missing
from potentia.bench.product import GAME
from potentia.learning.solver import solve
from potentia.pages.writing import write_report

LIMITS = {"answers": Limit("at most", 1)}
NEEDED = "it takes Chromium, Playwright and what reports need (pip install 'potentia[report]')"
BROWSERS = "chromium", "chromium-browser", "google-chrome"
WINDOW = {"width": 1280, "height": 1400}
WHATS = {"painted": "a report, opened: until its text is painted",
         "answers": "a report, opened: until its first figure answers",
         "drawn": "a report, opened: until all its figures are drawn"}
PROBE = """(() => {
  const found = window.found = {};
  const asking = setInterval(() => {
    const places = [...document.querySelectorAll(".plotly-graph-div")];
    const curve = [...(places[0]?.querySelectorAll(".scatterlayer .js-line") ?? [])].pop();
    if (curve && !found.answers) {
      const end = curve.getPointAtLength(curve.getTotalLength())
                       .matrixTransform(curve.getScreenCTM());
      places[0].querySelector(".nsewdrag").dispatchEvent(new MouseEvent("mousemove",
        {bubbles: true, clientX: end.x - 1, clientY: end.y, view: window}));
      if (places[0].querySelector(".hovertext")) found.answers = performance.now();
    }
    if (document.readyState === "complete" && found.answers
        && places.every(place => place.querySelector(".main-svg .infolayer"))) {
      found.drawn = performance.now();
      found.painted = performance.getEntriesByName("first-contentful-paint")[0].startTime;
      clearInterval(asking);
    }
  }, 5);
})()"""


def measure(asked: Asked, n_agents: int = 4, runs: int = 10, iterations: int = 2_000,
            repeats: int = 5) -> list[Figure]:
    """Least seconds of several openings."""
    program, driver = browser(), _driver()
    if program is None or driver is None:
        return [missing(what, f"not measured: {NEEDED}", "s", LIMITS.get(name))
                for name, what in WHATS.items()]
    result = solve(games.make(GAME, n_agents=n_agents), rules.make("inpg", step_size=0.01),
                   initial="random", max_iterations=iterations, runs=runs, tolerance=None,
                   check_every=1, snapshots="logarithmic", progress=False)
    with tempfile.TemporaryDirectory() as folder, driver.sync_playwright() as playwright:
        path = write_report(Path(folder) / "report.html", result, parts="potential")
        every = [_opened(playwright.chromium, program, path) for _ in range(repeats)]
        size = path.stat().st_size / 1e6
    taken = {name: [opened[name] / 1e3 for opened in every] for name in WHATS}
    return [Figure(what, min(taken[name]), "s", LIMITS.get(name),
                   note=f"median of {repeats}: {statistics.median(taken[name]):.2f} s; "
                        f"{size:.1f} MB") for name, what in WHATS.items()]


def browser() -> str | None:
    """The Chromium of this machine, if it has one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _driver() -> Any:
    """Playwright; None where that, or a library that reports need, is not installed."""
    try:
        for name in ("jinja2", "plotly"):
            importlib.import_module(name)
        return importlib.import_module("playwright.sync_api")
    except ImportError:
        return None


def _opened(chromium: Any, program: str, path: Path) -> dict[str, float]:
    """Milliseconds by what the page told, opened in a browser of its own."""
    opened = chromium.launch(executable_path=program, args=["--no-sandbox"])
    try:
        page = opened.new_page(viewport=WINDOW)
        page.add_init_script(PROBE)
        page.goto(path.as_uri())
        page.wait_for_function("window.found.drawn")
        return page.evaluate("window.found")
    finally:
        opened.close()
