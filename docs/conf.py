"""How Sphinx builds these pages: `sphinx-build -W -n --keep-going docs OUT`."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

project = "Potentia"
author = "The Potentia authors"
copyright = author
html_title = "Potentia"

extensions = ["generated", "mapped", "myst_nb", "mathml", "matplotlib.sphinxext.plot_directive"]
exclude_patterns = ["_build"]
smartquotes = False                       # `--option` is no dash
html_theme = "pydata_sphinx_theme"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_show_sourcelink = False
# No contents of the page beside long lines of code and wide tables.
WIDE = [HERE / "index.md", HERE / "reference/paper-map.md", *HERE.glob("tutorials/*.md"),
        *HERE.glob("guides/*.md")]
html_theme_options = {
    "navigation_with_keys": False, "show_toc_level": 2,
    "secondary_sidebar_items": {
        "**": ["page-toc"],
        **{page.relative_to(HERE).with_suffix("").as_posix(): [] for page in WIDE}}}

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "dollarmath"]
nb_execution_mode = "force"              # a cache would not notice that Potentia has changed
nb_execution_raise_on_error = True
nb_execution_timeout = 120
plot_formats = [("png", 100)]
plot_html_show_formats = False
plot_html_show_source_link = False
