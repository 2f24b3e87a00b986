"""Learning curves: every run thin, and a median over all runs with its band."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from potentia.console.text import counted, span
from potentia.errors import InputError, known_name
from potentia.plot import canvas, groups
from potentia.plot.bands import SHARE, Band, Run, band
from potentia.plot.quantities import AXES, DECADES, called, is_signed
from potentia.report.figures import DASHES, DISTINCT, along_iterations

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

    from matplotlib.typing import LineStyleType

    from potentia.plot.groups import Learnt
    from potentia.sweeps.sweep import Sweep
    Look = tuple[str, LineStyleType]        # colour and dashes

THIN = 0.7
LEGEND = 2.3                            # inches that a label of the legend takes
STEPS = "steps-post"                    # between two records a run has the earlier value
LEVEL = "level from one record to the next"
EVERY = f"Thin: every run, {LEVEL}, with a dot where it ended before others."
MANY = (f"Thick: the median over all runs {{at}}, to the end of the longest, a run "
        f"that ended keeping its last value; band: {SHARE:.0%} bootstrap interval of that median.")
AT = {groups.ITERATIONS: "at every iteration", groups.STEPS: "at every number of agent-steps"}


def curves(results: Learnt | Iterable[Learnt] | Mapping[str, Learnt] | Sweep
           | str | os.PathLike[str], labels: Iterable[str] | str | None = None, *,
           by: str | Sequence[str] | None = None,
           quantities: str | Sequence[str] | None = None, x: str = "iterations",
           ax: Axes | Iterable[Axes] | None = None) -> canvas.Panels:
    """Learning curves over iterations: every run thin, to its end, and a thick median of each line
    with a bootstrap band (95 %, percentiles, seeded). Median and band are over *all* runs at every
    iteration: a run that ended keeps its last value. A single run has no band.

    results: a result, several, or {label: result}; or what `pt.sweep` returns or left in its
        folder, which makes a panel for each game. Of what `pt.train` returns, or several of it,
        returns are drawn over agent-steps.
    labels: one for each result; results of the same label are runs of one line. What tells them
        apart if omitted.
    by: of a sweep, the column of its table (or several) that tells lines apart, such as "rule"; all
        that differ beside the game if omitted.
    quantities: a name of `Result.history`, or several, each with panels of its own; of what was
        trained "mean_return", or "return_0", "return_1", ... of the agents. If omitted, of results
        the gap, the potential, the L1 distance and the step, as far as they are known; of a sweep
        the gap; of what was trained the mean return.
    x: "iterations", or "agent_steps", the steps that all agents of a run have taken in play: of
        oracles that play, and always of what was trained. What is recorded at updates lies between
        two checks as its iteration does.
    ax: axes to draw on, one for each panel; a new figure if omitted.

    Iterations are logarithmic, gaps and distances too: with linear ends at 0 where there are zeros,
    or more than twelve decades. Returns the panels, an array of Matplotlib axes with the `figure`
    that they are in. Raises InputError naming what is no result, labels of another number, an
    unknown quantity or column, and a result whose oracle counts no steps where x asks for them.
    """
    known_name(x, AXES, "x")
    found, failed = _panels(results, labels, by, groups.asked(quantities, "quantities"), x)
    if not found:
        raise InputError("quantities is empty: there is nothing to draw")
    axes = canvas.panels(len(found), ax)
    labelled = dict.fromkeys(label for panel in found for label in panel.groups)
    looks: dict[str, Look] = {label: (DISTINCT[k % len(DISTINCT)], DASHES[k % len(DASHES)])
                              for k, label in enumerate(labelled)}
    for axis, panel in zip(axes, found, strict=True):
        _draw(axis, panel, looks)
    handles = [_sample(label, look, found) for label, look in looks.items()]
    if ax is None:
        columns = int(axes.figure.get_size_inches()[0] / LEGEND)
        axes.figure.legend(handles=handles, loc="outside upper center", frameon=False,
                           ncols=min(len(handles), columns))
        canvas.note(axes.figure, _note(found, failed))
    else:
        axes[0].legend(handles=handles, frameon=False, fontsize="small")
    return axes


def _panels(results: object, labels: object, by: object,
            quantities: Sequence[str] | None, x: str) -> tuple[list[groups.Panel], int]:
    """The panels, and how many runs failed."""
    if (sweep := groups.sweep_of(results)) is not None:
        if labels is not None:
            raise InputError("labels go with results; the lines of a sweep are told by its columns "
                             "(by=)")
        failed = sweep.table["status"].tolist().count("failed")
        return groups.of_sweep(sweep, by, quantities, x), failed
    given, named = groups.listed(results)
    if by is not None:
        raise InputError("by goes with a sweep; results are told apart by labels")
    if labels is not None and named is not None:
        raise InputError("labels are given twice: as labels, and as the keys of results")
    return groups.of_results(given, named if labels is None else labels, quantities, x), 0


def _draw(axis: Axes, panel: groups.Panel, looks: dict[str, Look]) -> None:
    for label, runs in panel.groups.items():
        _line(axis, label, runs, *looks[label],
              last=max(run.iterations[-1] for own in panel.groups.values() for run in own))
    if not is_signed(panel.quantity):
        _toward_zero(axis, np.concatenate([run.values for runs in panel.groups.values()
                                           for run in runs]))
    axis.set_xlabel(AXES[panel.along])
    axis.set_ylabel(called(panel.quantity))
    if panel.title:
        canvas.title(axis, panel.title)
    if panel.along == groups.ITERATIONS:
        along_iterations(axis)
    else:
        axis.grid(linewidth=0.4, alpha=0.6)
        axis.locator_params(axis="x", nbins=5)
        axis.xaxis.set_major_formatter(lambda at, _: f"{at:,g}")


def _line(axis: Axes, label: str, runs: list[Run], colour: str, dash: LineStyleType,
          last: float) -> None:
    """The runs of one line, and their median with its band."""
    drawn: Band = band(runs)
    for run in runs:
        axis.plot(run.iterations, run.values, color=colour, linewidth=THIN, alpha=0.45,
                  drawstyle=STEPS)
        if run.iterations[-1] < last:
            axis.plot(run.iterations[-1:], run.values[-1:], "o", color=colour, markersize=2.5,
                      alpha=0.7)
    axis.plot(drawn.iterations, drawn.median, color=colour, linewidth=2.0, linestyle=dash,
              label=label, drawstyle=STEPS)
    if drawn.lower is not None and drawn.upper is not None:
        axis.fill_between(drawn.iterations, drawn.lower, drawn.upper, color=colour, alpha=0.2,
                          linewidth=0, step="post")


def _toward_zero(axis: Axes, values: np.ndarray) -> None:
    """A logarithmic axis; linear below its last decade where values are 0, or too small for one."""
    sizes = np.abs(values[values != 0])
    if not sizes.size:
        return
    least, most = float(sizes.min()), float(sizes.max())
    if (values > 0).all() and least >= most * 10.0 ** -DECADES:
        axis.set_yscale("log")
        return
    linear = 10.0 ** np.ceil(np.log10(max(least, most * 10.0 ** -DECADES)))
    axis.set_yscale("symlog", linthresh=linear, linscale=1.0)
    if (values >= 0).all():
        axis.set_ylim(bottom=-linear / 8)


def _sample(label: str, look: Look, panels: Sequence[groups.Panel]) -> Line2D:
    counts = [len(panel.groups[label]) for panel in panels if label in panel.groups]
    few, many = min(counts), max(counts)
    told = counted(few, "run") if few == many else f"{span(few, many)} runs"
    return Line2D([], [], color=look[0], linestyle=look[1], linewidth=2.0,
                  label=f"{canvas.caption(label)} ({told})")


def _note(panels: Sequence[groups.Panel], failed: int) -> str:
    several = any(len(runs) > 1 for panel in panels for runs in panel.groups.values())
    lost = f" Not drawn: {counted(failed, 'run')} that failed." if failed else ""
    many = MANY.format(at=AT[panels[0].along])
    return (f"{EVERY} {many}" if several else f"Each line is one run, {LEVEL}.") + lost
