"""`pt.write_report`: one HTML page about results, scenarios or a sweep, whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from potentia.errors import InputError
from potentia.io.atomic import write_text
from potentia.io.directories import cannot_write, refuse_no_file
from potentia.io.read import as_path
from potentia.pages.subjects import Compared, subjects_of
from potentia.pages.wanted import check_run, checked, of_scenarios
from potentia.registry import loaded
from potentia.result import Result
from potentia.sweeps.sweep import Sweep
from potentia.welfare.scenarios import Scenarios

MARK = b"Potentia report"
HEAD = 2_000              # bytes of a file that are read to know it for one of ours
Reported = Result | Sweep | Scenarios | str | os.PathLike[str]


def write_report(path: str | os.PathLike[str],
                 results: Reported | Iterable[Reported] | Mapping[str, Reported], *, run: int = 0,
                 parts: str | Iterable[str] | None = None, seconds: float | None = 60.0,
                 seed: int = 0, starts: int = 20, price: bool = False,
                 places: Any = None) -> Path:
    """Write one HTML file that tells about results, or about a sweep: how near they came to a Nash
    equilibrium, certified, in words; learning curves; the game drawn, with the policies on the way
    under a slider; what is known of the game; and the recipe, with what repeats it.

    The file holds all that it needs, also the library that draws (Plotly, 5 MB), and loads nothing.

    path: the file, whole or not there; an older report there is replaced, nothing else is.
    results: a result, several, or {label: result}; instead of each also the folder that it was
        saved in. Or one sweep, or its folder. Or what `pt.compare` found of scenarios: then the
        table and the map of changes come first, and each scenario has a section.
    run: which of several runs is drawn, from 0 on.
    parts: of "potential", "theory", "welfare" and "lemmas", what is said of the game; all if
        omitted, of scenarios "welfare".
    seconds: that the certificates may take, and again the parts of each game; what does not come
        within them is named. None for no limit.
    seed, starts, price: of random draws; random starts of the welfare report; whether on roads the
        system optimum is learnt.
    places: where nodes of roads lie, {node: (x, y)}; as the named game is drawn if omitted.

    Returns the path. Raises InputError for what is no result, for a damaged or edited run, and for
    a file that cannot be written, before anything is computed.
    """
    target = as_path(path, "path")
    refuse_no_report(target)
    wanted = checked(run, parts, seconds, seed, starts, price, places)
    document = _document()
    found = subjects_of(results)
    if isinstance(found, Compared):
        wanted = of_scenarios(wanted)
    for each in found if isinstance(found, list) else \
            found.subjects if isinstance(found, Compared) else ():
        check_run(each.result, wanted.run)
    text = document(found, wanted)
    with cannot_write(target):
        write_text(target, text)
    return target


def _document() -> Any:
    """What makes the page, of two libraries that are an extra. Raises InputError without them."""
    try:
        return loaded("potentia.pages", {"document": "page"}, "document")
    except ModuleNotFoundError as error:
        raise InputError(f"a report needs {error.name}, which is not installed: "
                         f"pip install 'potentia[report]'") from None


def refuse_no_report(path: Path) -> None:
    """Raise InputError unless a report can be written there, in place of none or of another."""
    refuse_no_file(path)
    with cannot_write(path):
        if path.exists() and path.stat().st_size:
            with path.open("rb") as file:
                if MARK not in file.read(HEAD):
                    raise InputError(f"{path} is there and no report, so it is not replaced; give "
                                     f"another file")
