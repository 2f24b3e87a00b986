"""Links as ribbons: as wide as what goes there, which a line of Plotly's cannot change on the
way."""

from __future__ import annotations

import numpy as np


def ribbons(start: np.ndarray, end: np.ndarray, left: np.ndarray,
            right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and y [6 links] of a closed polygon for each link, with a break (NaN) between two.

    start, end: [links, 2]. left, right: [links] distances of its two sides from the straight line
    between them, to the right of its direction where positive.
    """
    start, end = (np.asarray(points, dtype=np.float64) for points in (start, end))
    across = normals(start, end)
    corners = [start + across * left[:, None], end + across * left[:, None],
               end + across * right[:, None], start + across * right[:, None]]
    polygons = np.stack([*corners, corners[0], np.full_like(start, np.nan)], axis=1)
    return polygons[..., 0].ravel(), polygons[..., 1].ravel()


def normals(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """[links, 2] of length 1, to the right of each direction; 0 of a link without length."""
    along = end - start
    length = np.linalg.norm(along, axis=1, keepdims=True)
    return np.column_stack([along[:, 1], -along[:, 0]]) / np.where(length > 0, length, 1.0)
