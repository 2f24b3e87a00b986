"""The notebooks of `examples/`, run in a real kernel: what their cells show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

nbformat = pytest.importorskip("nbformat", reason="no notebook can be read here")
pytest.importorskip("nbclient", reason="no notebook can be run here")
pytest.importorskip("ipykernel", reason="no kernel can be started here")

HERE = Path(__file__).parent
NOTEBOOKS = {file.stem: file for file in sorted((HERE.parent / "examples").glob("*.ipynb"))}
PROGRAM = HERE / "run_notebook.py"
NO_KERNEL = 77            # its exit status


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[Any]]]:
    """What each cell of each notebook showed, by the cell's id, to a user without settings."""
    folder = tmp_path_factory.mktemp("notebook")
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR",
                                                         "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    command = [sys.executable, str(PROGRAM), str(folder), *map(str, NOTEBOOKS.values())]
    told = subprocess.run(command, env={**os.environ, **own}, capture_output=True, text=True,
                          check=False)
    if told.returncode == NO_KERNEL:
        pytest.skip(f"no kernel starts here: {told.stdout.strip()}")
    assert told.returncode == 0, told.stderr[-2000:]
    found = {name: nbformat.read(folder / file.name, as_version=4)
             for name, file in NOTEBOOKS.items()}
    return {name: {cell.id: cell.outputs for cell in book.cells if cell.cell_type == "code"}
            for name, book in found.items()}


@pytest.fixture
def outputs(ran: dict[str, dict[str, list[Any]]]) -> dict[str, list[Any]]:
    """What the cells of the notebook that users begin with showed."""
    return ran["first_steps"]


def shown(output: Any) -> str:
    """The HTML of an output, which has text too."""
    assert output.data["text/plain"]
    return output.data["text/html"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_whole_and_has_no_outputs(name: str):
    told = nbformat.read(NOTEBOOKS[name], as_version=4)
    nbformat.validate(told)
    for cell in told.cells:
        assert cell.cell_type == "markdown" or (cell.outputs, cell.execution_count) == ([], None)


def test_nothing_went_wrong_or_was_said_beside(ran: dict[str, dict[str, list[Any]]]):
    assert [one for book in ran.values() for cell in book.values() for one in cell
            if one.output_type in ("error", "stream")] == []


@pytest.mark.parametrize(("cell", "caption", "row"), [
    ("game", r"MarkovGame stochastic-congestion", r"discount.*0\.99"),
    ("solve", r"Result of &lt;MarkovGame stochastic-congestion: .*&gt;", "status.*converged"),
    ("certificate", "Certificate", "Nash gap from the initial distribution.*"),
    ("kind", "Classification", "Markov potential game.*REFUTED: a four-cycle"),
    ("runs", "Result of &lt;MarkovGame .*", "run.*status.*iterations.*Nash gap"),
])
def test_a_cell_shows_a_table(outputs: dict[str, list[Any]], cell: str, caption: str, row: str):
    html = shown(outputs[cell][-1])
    assert re.search(f"<caption [^>]*>{caption}</caption>", html)
    assert re.search(f"<tr>.*{row}.*</tr>", html)


def test_progress_is_one_output_that_ended(outputs: dict[str, list[Any]]):
    progress, result = outputs["solve"]
    told = shown(progress)
    assert (progress.output_type, result.output_type) == ("display_data", "execute_result")
    assert re.fullmatch(r"<div>solving: [1-9]\d* of at most 10,000, Nash gap .* \(\d+\.\d s\)"
                        "</div>", told)


def test_a_figure_is_drawn(outputs: dict[str, list[Any]]):
    (drawn,) = outputs["figure"]
    assert drawn.data["image/png"].startswith("iVBORw0KGgo")


def test_the_others_draw_figures(ran: dict[str, dict[str, list[Any]]]):
    for name, cell in (("teaching", "potential"), ("teaching", "phases"),
                       ("comparing_rules", "curves")):
        assert any("image/png" in output.data for output in ran[name][cell])


def test_the_lecture_shows_what_selfishness_costs(ran: dict[str, dict[str, list[Any]]]):
    """Three jobs on machines of speed 3 and 1: together they wait 3 units at worst, and 7/3 at
    best, which makes 9/7."""
    assert re.search(r"price of anarchy.*1\.28571", shown(ran["teaching"]["anarchy"][-1]))
    assert re.search(r"price of stability.*>1\b", shown(ran["teaching"]["anarchy"][-1]))
    kinds = ran["teaching"]["kinds"][-1].data["text/plain"]
    assert [kinds.count(word) for word in ("PROVEN", "REFUTED")] == [2, 1]


def test_the_comparison_ranks_every_rule(ran: dict[str, dict[str, list[Any]]]):
    table = shown(ran["comparing_rules"]["ranks"][-1])
    for rule in ("inpg", "regret-matching-plus", "HeavyBall"):
        assert rule in table
