"""What the build writes before it reads: the reference, and the notebooks of `examples/`.

Git ignores these files. A page is written only where it is new, so that Sphinx reads again only
what has changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mapped
import names
import registered

REFERENCE = Path(__file__).parents[1] / "reference"
EXAMPLES = Path(__file__).parents[2] / "examples"
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def files() -> dict[Path, str]:
    """Every file that the build writes, and its text."""
    pages = {REFERENCE / path: text for make in (registered.pages, names.pages, mapped.pages)
             for path, text in make()}
    return pages | {NOTEBOOKS / file.name: file.read_text() for file in EXAMPLES.glob("*.ipynb")}


def write(app: Any = None) -> None:
    """Write what is new, and delete what nothing makes any more."""
    wanted = files()
    folders = {file.parent for file in wanted}
    for stale in {file for folder in folders for file in folder.glob("*")} - set(wanted):
        stale.unlink()
    for file, text in wanted.items():
        if not file.exists() or file.read_text() != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
