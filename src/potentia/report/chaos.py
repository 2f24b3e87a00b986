"""The figure of chaos: where orbits settle at each step size, and beneath it how fast neighbours
part."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure

from potentia.report.figures import COLOURS

LEVELS = 333  # rows of the bifurcation diagram: none finer than the picture's own
LEAST_EXPONENT = -2.0  # exponents fall to minus infinity where a cycle attracts at once
ORDER, CHAOS = COLOURS["INPG"], COLOURS["IPG"]


def chaos_figure(step_sizes: np.ndarray, orbits: np.ndarray, lyapunov: np.ndarray,
                 first_doubling: float,
                 title: str) -> Figure:
    """Bifurcation diagram above, Lyapunov exponent beneath, over the same step sizes.

    step_sizes: [K], equally spaced. orbits: [K, T] probabilities. lyapunov: [K]. first_doubling:
    the step to mark.
    """
    figure = Figure(figsize=(8.4, 6.4), layout="constrained")
    figure.suptitle(title)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _diagram(upper, step_sizes, orbits)
    _exponents(lower, step_sizes, lyapunov)
    mark = {"color": "#444444", "linewidth": 0.9, "linestyle": "--"}
    upper.axvline(first_doubling, **mark,
                  label=f"first period doubling, closed form: {first_doubling:.4g}")
    lower.axvline(first_doubling, **mark)
    upper.set_ylabel("probability of link 1, every iterate after\n"
                     "the transient (darker: visited more often)")
    lower.set(ylabel="Lyapunov exponent\n(per iteration)", xlabel="Step size",
              xlim=(step_sizes[0], step_sizes[-1]), ylim=(LEAST_EXPONENT, None))
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize="small")
    for axes in (upper, lower):
        axes.grid(linewidth=0.4, alpha=0.6)
    return figure


def _diagram(axes: Axes, step_sizes: np.ndarray, orbits: np.ndarray) -> None:
    """How often each probability is visited, dark where often: an image, since the points are more
    than a million."""
    edges = np.linspace(0.0, 1.0, LEVELS + 1)
    visits = np.stack([np.histogram(orbit, edges)[0] for orbit in orbits], axis=1)
    half = (step_sizes[1] - step_sizes[0]) / 2
    shades = LinearSegmentedColormap.from_list("visits", ["#9cc3e6", ORDER, "#04203a"])
    axes.imshow(np.ma.masked_equal(visits, 0), origin="lower", aspect="auto", interpolation="none",
                cmap=shades,
                norm=LogNorm(1, orbits.shape[1]), extent=(step_sizes[0] - half,
                                                          step_sizes[-1] + half, 0.0, 1.0))
    axes.set_ylim(-0.03, 1.03)


def _exponents(axes: Axes, step_sizes: np.ndarray, lyapunov: np.ndarray) -> None:
    axes.axhline(0.0, color="#444444", linewidth=0.8)
    axes.plot(step_sizes, lyapunov, color=ORDER, linewidth=0.9)
    axes.fill_between(step_sizes, 0.0, lyapunov, where=lyapunov > 0, color=CHAOS, alpha=0.7,
                      linewidth=0,
                      interpolate=True, label="above 0: chaos")
