"""A report as a browser shows it: Debian's Chromium, without a window, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.pages import look
from potentia.pages.curve_figures import BAND, THIN
from potentia.pages.networks import network_of

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser",
                                                "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
READY = """document.readyState === "complete" && [...document.querySelectorAll(
    ".plotly-graph-div")].every(each => each.classList.contains("js-plotly-plot"))"""


class Shown:
    """A page, what it asked for and what it complained about."""

    def __init__(self, page: Any, path: Path):
        self.page, self.path = page, path
        self.asked: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def run(self, script: str, *given: object) -> Any:
        return self.page.evaluate(script, *given)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory, named: pt.Result,
          walked: pt.Result) -> Iterator[Shown]:
    """One page of two results, loaded once."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    label = "<b>bold</b><img src=x onerror=window.broken=2>"
    pt.write_report(path, {label: named, "walked": walked}, parts="potential")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        found = Shown(browser.new_page(viewport={"width": 1100, "height": 900}), path)
        found.page.goto(path.as_uri())
        found.page.wait_for_function(READY)
        yield found
        browser.close()


def test_it_draws_everything_and_loads_nothing(shown: Shown, named: pt.Result) -> None:
    assert shown.said == []
    assert [url for url in shown.asked if not url.startswith("data:")] == [shown.page.url]
    drawn = shown.run("[...document.querySelectorAll('.js-plotly-plot')].map(each => each.id)")
    # Gap, potential, step; matrix and square; network and heat map.
    assert len(drawn) == 7
    lines = shown.run("document.querySelectorAll('#curve0 .js-line').length")
    assert lines >= 4
    assert shown.run("document.querySelector('main h2').textContent") == \
        "How near a Nash equilibrium?"
    assert shown.path.stat().st_size < 6_000_000


def test_names_are_text(shown: Shown, named: pt.Result) -> None:
    assert shown.run("window.broken") is None
    assert shown.run("document.querySelectorAll('img').length") == 0
    assert named.game.name in shown.run("document.querySelector('h1').textContent")
    legend = shown.run("document.querySelector('#curve0 .legendtext').textContent")
    assert legend.startswith("<b>bold</b><img src=x")


def test_the_buttons_lie_on_no_figure(shown: Shown) -> None:
    above = numbers(shown, """[...document.querySelectorAll('.js-plotly-plot')].map(each =>
        each.querySelector('.main-svg').getBoundingClientRect().top
        - Math.max(...[...each.querySelectorAll('.modebar-btn')].map(
            button => button.getBoundingClientRect().bottom)))""")
    assert len(above) == 7
    assert (above >= 0).all()
    assert (above < 30).all()


def numbers(shown: Shown, script: str) -> np.ndarray:
    return np.array(shown.run(f"(() => {{ const found = {script};"
                              f"return Array.from(found, Number); }})()"), dtype=np.float64)


def moved_to(shown: Shown, figure: str, share: float) -> None:
    """Press the slider of a figure at that share of its rail."""
    rail = shown.page.locator(f"#{figure} .slider-rail-touch-rect")
    rail.scroll_into_view_if_needed()
    box = rail.bounding_box()
    shown.page.mouse.click(box["x"] + 2 + share * (box["width"] - 4), box["y"] + box["height"] / 2)
    shown.page.wait_for_timeout(150)


def test_the_slider_moves_the_network(shown: Shown, walked: pt.Result) -> None:
    network = network_of(walked.game)
    assert network is not None
    told = "document.getElementById('game1-0').data.find(each => each.hoverinfo === 'text').text"
    path = "document.querySelector('#game1-0 .js-fill').getAttribute('d')"
    last, drawn = shown.run(told), shown.run(path)
    moved_to(shown, "game1-0", 0.0)
    first, then = shown.run(told), shown.run(path)
    assert first != last
    assert then != drawn, "the ribbons are drawn anew"
    assert walked.snapshots is not None
    from potentia.pages.networks import walks
    expected = walks(walked.game, network, walked.snapshots.profile[0])
    assert [text.split("<br>")[1] for text in first] == [
        f"agent 0: {share:.3f}" for share in expected[:, 0]]
    label = shown.run("document.querySelector('#game1-0 .slider-label').textContent")
    assert label == "after iteration 0"


def test_the_slider_moves_the_matrix_by_run_0(shown: Shown, named: pt.Result) -> None:
    assert named.snapshots is not None
    for share, profile in ((0.0, named.snapshots.profile[0, 0]), (1.0, named.profiles[0])):
        moved_to(shown, "game0-0", share)
        found = numbers(shown, "document.getElementById('game0-0').calcdata[0][0].z.flatMap("
                               "row => Array.from(row))")
        np.testing.assert_allclose(found, np.outer(*profile[:, 0]).ravel(), atol=1e-6)


def test_curves_can_be_zoomed(shown: Shown) -> None:
    before = shown.run("document.getElementById('curve0').layout.xaxis.range.slice()")
    box = shown.page.locator("#curve0 .nsewdrag").first.bounding_box()
    shown.page.locator("#curve0").scroll_into_view_if_needed()
    box = shown.page.locator("#curve0 .nsewdrag").first.bounding_box()
    shown.page.mouse.move(box["x"] + 60, box["y"] + 60)
    shown.page.mouse.down()
    shown.page.mouse.move(box["x"] + 200, box["y"] + 160, steps=4)
    shown.page.mouse.up()
    shown.page.wait_for_timeout(100)
    after = shown.run("document.getElementById('curve0').layout.xaxis.range.slice()")
    assert after[1] - after[0] < 0.8 * (before[1] - before[0])


def channels(colour: str) -> tuple[int, ...]:
    """Red, green and blue of "rgb(r, g, b)" or "#rrggbb", from 0 to 255."""
    if colour.startswith("#"):
        return tuple(int(colour[place:place + 2], 16) for place in (1, 3, 5))
    return tuple(map(int, colour[colour.index("(") + 1:-1].split(",")[:3]))


def luminance(colour: Any) -> float:
    """Relative luminance (WCAG 2.1) of red, green and blue from 0 to 255."""
    share = np.asarray(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_stand_out_by_light_and_by_dark(shown: Shown, scheme: Any) -> None:
    shown.page.emulate_media(color_scheme=scheme)
    page = np.array(channels(shown.run("getComputedStyle(document.body).backgroundColor")))
    for line in look.COLOURS:
        whole = np.array(channels(line))
        for share, least in ((1.0, 3.0), (THIN, 2.3), (BAND, 1.35)):
            seen = share * whole + (1 - share) * page
            assert contrast(luminance(seen), luminance(page)) > least, (line, share)
    thin = shown.run("""[...document.querySelectorAll(
        '#curve0 .scatterlayer .js-line')].map(each =>
        [getComputedStyle(each).stroke, getComputedStyle(each.closest('.trace')).opacity])""")
    assert [f"rgb{channels(look.COLOURS[0])}", f"{THIN}"] in thin
    shown.page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_by_light_and_by_dark(shown: Shown, scheme: Any) -> None:
    shown.page.emulate_media(color_scheme=scheme)
    page = luminance(channels(shown.run(
        "getComputedStyle(document.body).backgroundColor")))
    assert (page > 0.5) == (scheme == "light")
    for selector, name in (("body", "color"), (".note", "color"), ("#curve0 .xtick text", "fill"),
                           ("#curve0 .legendtext", "fill"), ("#game1-0 .slider-label", "fill")):
        text = luminance(channels(shown.run(
            f"getComputedStyle(document.querySelector('{selector}')).{name}")))
        assert contrast(page, text) > 4.5, selector
    shown.page.emulate_media(color_scheme="light")


def test_a_phone_scrolls_down_alone(shown: Shown) -> None:
    shown.page.set_viewport_size({"width": 390, "height": 800})
    shown.page.wait_for_timeout(300)
    assert shown.run("document.documentElement.scrollWidth") == 390
    widths = numbers(shown, "[...document.querySelectorAll('.js-plotly-plot .main-svg')].map("
                            "each => each.getBoundingClientRect().width)")
    assert (widths <= 390).all()
    assert shown.said == []


def drawn_in(shown: Shown) -> set[str]:
    """The figures in which something is drawn."""
    return set(shown.run("""[...document.querySelectorAll('.plotly-graph-div')].filter(each =>
        each.querySelector('.scatterlayer .trace, .heatmaplayer .hm')).map(each => each.id)"""))


def test_figures_are_drawn_when_they_come_near_or_are_printed(shown: Shown) -> None:
    page = shown.page.context.browser.new_page(viewport={"width": 1100, "height": 300})
    busy = Shown(page, shown.path)
    page.add_init_script("window.requestIdleCallback = () => 0")     # never idle
    page.goto(busy.path.as_uri())
    assert drawn_in(busy) == set()
    assert busy.run("performance.getEntriesByName('first-contentful-paint').length") == 1
    last = page.locator(".plotly-graph-div").last
    last.scroll_into_view_if_needed()
    last.locator(".heatmaplayer .hm").first.wait_for()
    near = drawn_in(busy)
    assert last.get_attribute("id") in near
    assert "curve0" not in near
    page.pdf()
    assert len(drawn_in(busy)) == 7
    assert busy.said == []
    page.close()
