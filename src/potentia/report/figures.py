"""Figures as files, and the colours of rules."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import LineStyleType

from potentia.io.atomic import write_bytes

# distinguishable in grey and to colour-blind readers
COLOURS = {"INPG": "#0b5fa5", "IPG": "#c8500a"}
# Told apart by eyes that see no red or green (Okabe and Ito 2008), without the yellow, which is too
# pale for lines; dashes tell neighbours apart in grey.
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
DISTINCT = (BLUE, VERMILION, GREEN, "#CC79A7", ORANGE, "#56B4E9", "#000000")
DASHES: tuple[LineStyleType, ...] = ("solid", "dashed", "dashdot", "dotted")


def along_iterations(axis: Axes) -> None:
    """Iterations along x, logarithmic but for those below 1, in plain numbers, with a grid."""
    axis.grid(linewidth=0.4, alpha=0.6)
    axis.set_xscale("symlog", linthresh=1, linscale=0.3)
    axis.set_xlim(-0.1, 1.2 * max(axis.dataLim.x1, 1.0))
    axis.xaxis.set_major_formatter(lambda at, _: f"{at:,g}")


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write PNG and SVG beside each other, each whole or not at all; the same figure gives the same
    bytes."""
    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
        content = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": "potentia", "svg.fonttype": "none"}):
            figure.savefig(content, format=path.suffix[1:], dpi=140, metadata=metadata)
        write_bytes(path, content.getvalue())
    return paths


def save_arrays(arrays: Mapping[str, Any], stem: Path) -> Path:
    """Write the arrays that a figure shows as npz beside it, whole or not at all."""
    content, path = io.BytesIO(), stem.with_suffix(".npz")
    np.savez_compressed(content, **arrays)
    write_bytes(path, content.getvalue())
    return path
