"""A report as one HTML document."""

from __future__ import annotations

from collections.abc import Sequence

import jinja2

from potentia import __version__
from potentia.console.text import counted
from potentia.errors import encodable, one_line
from potentia.pages import look
from potentia.pages.library import library
from potentia.pages.scenario_sections import of_scenarios
from potentia.pages.sections import of_results
from potentia.pages.subjects import Compared, Subject, Swept
from potentia.pages.sweep_sections import of_sweep
from potentia.pages.wanted import Wanted

MARK = "Potentia report"
FOOT = (f"Written by Potentia {__version__}; drawn by Plotly. This file loads nothing from "
        f"elsewhere.")


def document(found: Sequence[Subject] | Compared | Swept, wanted: Wanted) -> str:
    """The document about results, scenarios or a sweep, with the library that draws; texts are
    escaped."""
    if isinstance(found, Compared):
        sections, title = of_scenarios(found, wanted), found.scenarios.base.game.name
        about = f"scenarios: {', '.join(found.scenarios.sides)}"
    elif isinstance(found, Swept):
        sections, title, about = of_sweep(found), "A sweep", found.folder or "a sweep in memory"
    else:
        sections = of_results(found, wanted)
        title = ", ".join(dict.fromkeys(each.result.game.name for each in found))
        runs = sum(len(each.result.statuses) for each in found)
        about = f"{counted(runs, 'run')}: " + ", ".join(each.label for each in found)
    environment = jinja2.Environment(loader=jinja2.PackageLoader("potentia", "pages"),
                                     autoescape=True, undefined=jinja2.StrictUndefined)
    return encodable(environment.get_template("page.html").render(
        title=one_line(title), about=about, sections=sections, mark=MARK, foot=FOOT,
        library=library(), config=look.CONFIG))
