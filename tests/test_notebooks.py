"""The notebook that users begin with, run in a real kernel: what its cells show."""

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
NOTEBOOK = HERE.parent / "examples" / "first_steps.ipynb"
PROGRAM = HERE / "run_notebook.py"
NO_KERNEL = 77            # its exit status


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """What each cell showed, by the cell's id, to a user without settings."""
    folder = tmp_path_factory.mktemp("notebook")
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR",
                                                         "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    told = subprocess.run([sys.executable, str(PROGRAM), str(NOTEBOOK), str(folder / "told.ipynb"),
                           str(folder)], env={**os.environ, **own}, capture_output=True, text=True,
                          check=False)
    if told.returncode == NO_KERNEL:
        pytest.skip(f"no kernel starts here: {told.stdout.strip()}")
    assert told.returncode == 0, told.stderr[-2000:]
    found = nbformat.read(folder / "told.ipynb", as_version=4)
    return {cell.id: cell.outputs for cell in found.cells if cell.cell_type == "code"}


def shown(output: Any) -> str:
    """The HTML of an output, which has text too."""
    assert output.data["text/plain"]
    return output.data["text/html"]


def test_the_notebook_is_whole_and_has_no_outputs():
    told = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(told)
    for cell in told.cells:
        assert cell.cell_type == "markdown" or (cell.outputs, cell.execution_count) == ([], None)


def test_nothing_went_wrong_or_was_said_beside(outputs: dict[str, list[Any]]):
    assert [one for cell in outputs.values() for one in cell
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
