"""The pages that are written by hand: the README and what lies in `docs`, and their blocks."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
# What the build writes there, where somebody has built the pages in this checkout.
MADE = [DOCS / name for name in ("_build", "notebooks", "reference/api", "reference/games",
                                 "reference/oracles", "reference/rules", "reference/schedules")]
PAGES = {str(file.relative_to(ROOT)): file.read_text()
         for file in (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
         if not any(folder in file.parents for folder in MADE)}


def blocks(page: str, language: str) -> list[str]:
    """The blocks of code of that language on a page, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGES[page], flags=re.MULTILINE | re.DOTALL)


def section(page: str, title: str) -> str:
    """What stands under a heading of the second level."""
    return PAGES[page].partition(f"\n## {title}\n")[2].partition("\n## ")[0]
