"""The library that draws, as it lies in a page."""

from __future__ import annotations

import plotly.offline
import pytest

from potentia.pages.library import library


def test_the_bundle_is_whole_but_for_what_is_around_its_function() -> None:
    """Its text, its licences, and nothing run before it is asked for."""
    text, found = plotly.offline.get_plotlyjs(), library()
    assert found.run == "window.Plotly = loadPlotly()();"
    assert len(text) - 600 < len(found.loaded) < len(text)
    assert found.loaded.startswith(text[:text.index("*/") + 2])
    body = text[text.index("var Plotly=(()=>{") + 17:text.rindex("();})();")]
    assert f"const loadPlotly=(()=>{{{body};}});" in found.loaded
    assert found.loaded.count("Licen") == text.count("Licen")
    assert "</script" not in found.loaded


@pytest.mark.parametrize("text", [
    "/* a licence */ var Plotly = {};",
    '/* a licence */ "use strict";var Plotly=(()=>{return f();}',
    '/* a licence */ "use strict";var Plotly=(()=>{return {}})();'])
def test_a_bundle_of_another_form_stays_as_it_is(
        monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(plotly.offline, "get_plotlyjs", lambda: text)
    found = library()
    assert (found.loaded, found.run) == (text, "")
