"""Figures as files, and the colours of rules."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from potentia.io.atomic import write_bytes

# distinguishable in grey and to colour-blind readers
COLOURS = {"INPG": "#0b5fa5", "IPG": "#c8500a"}


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
