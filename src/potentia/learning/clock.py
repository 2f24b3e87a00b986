"""When a run asks its game for another orientation: often while all is in motion, ever less often
as it settles.

An interval is a fifth to two fifths of the iterations made: on roads as many iterations lead to the
same gap as with intervals that stay short, and redrawing, which the host does, takes a fraction of
the time. What is due follows from the iteration alone, so that a run that was resumed does the
same.
"""

from __future__ import annotations

import numpy as np

SHARE = 5                 # of the iterations made, the least that an interval is


def intervals(iteration: np.ndarray, every: int) -> np.ndarray:
    """[runs] iterations between two orientations where so many have been made: `every` at first,
    doubled again and again."""
    return np.array([every << (int(made) // (SHARE * every)).bit_length() for made in iteration])


def due(iteration: np.ndarray, every: int) -> np.ndarray:
    """[runs] whether another orientation is due."""
    return (iteration % intervals(iteration, every) == 0) & (iteration > 0)


def following(iteration: np.ndarray, every: int) -> np.ndarray:
    """[runs] the next iteration at which one may be due."""
    length = intervals(iteration, every)
    return (iteration // length + 1) * length
