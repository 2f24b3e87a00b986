"""A profile as a heat map: the probability of every action, by agent and state."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from potentia.errors import InputError, shown
from potentia.game import Game, usable
from potentia.names import Names, names_of
from potentia.plot import canvas

MOST_ROWS = 60            # that are drawn
WRITTEN = 12, 8           # rows and actions up to which probabilities are written into the cells
MISSING = "#bbbbbb"       # of actions that do not exist
ROW, ACTION = 0.24, 0.7   # inches of a cell
DARK = 0.5                # probabilities up to which a cell is dark, and its number white


def profile(game: Game, profile: object, *, agents: Iterable[int] | int | None = None,
            states: Iterable[int] | int | None = None, ax: Axes | None = None) -> Axes:
    """The probability of every action, a row for each agent and information state in which there is
    a choice; actions that do not exist are grey.

    profile: [N, H, A]. agents, states: which, by number; all if omitted, of which the first 60 rows
    are drawn, and the title says of how many.
    ax: Matplotlib axes to draw on; those of a new figure if omitted.

    Returns the axes. Raises InputError for a profile that is none, an unknown agent or state, and
    where there is no choice.
    """
    policy, mask = canvas.policies(game, profile), usable(game)
    who, where = (range(count) if given is None else canvas.chosen(given, count, name)
                  for given, count, name in ((agents, len(mask), "agents"),
                                             (states, mask.shape[1], "states")))
    rows = [(agent, state) for agent in who for state in where if mask[agent, state].sum() > 1]
    if not rows:
        raise InputError(f"{shown(game, 100)} leaves these agents no choice in these states")
    shown_rows = rows[:MOST_ROWS]
    drawn = np.array([np.where(mask[row], policy[row], np.nan) for row in shown_rows])
    axis = canvas.single(ax, (max(4.0, 2.2 + ACTION * drawn.shape[1]),
                              1.6 + ROW * max(len(drawn), 6)))
    _draw(axis, drawn)
    names = names_of(game)
    called = names.agent if len(mask) == game.n_agents else "row {}".format
    axis.set_yticks(range(len(drawn)), [
        canvas.caption(f"{called(agent)}, {names.state(state)}" if mask.shape[1] > 1
                       else called(agent)) for agent, state in shown_rows],
                    fontsize="small", parse_math=False)
    axis.set_xticks(range(drawn.shape[1]), _actions(names, drawn.shape[1]), parse_math=False)
    left = f" (the first {MOST_ROWS} of {len(rows):,} rows)" if len(rows) > MOST_ROWS else ""
    canvas.title(axis, game.name, left)
    return axis


def _actions(names: Names, count: int) -> list[str]:
    """What actions are called, if all agents call them alike."""
    same = len(set(names.actions)) == 1
    return [canvas.caption(names.action(0, action)) if same else str(action)
            for action in range(count)]


def _draw(axis: Axes, drawn: np.ndarray) -> None:
    """drawn: [rows, A], NaN where there is no action."""
    image = axis.imshow(np.ma.masked_invalid(drawn), vmin=0.0, vmax=1.0, aspect="auto",
                        cmap=colormaps["cividis"].with_extremes(bad=MISSING),
                        interpolation="nearest")
    axis.figure.colorbar(image, ax=axis, label="probability")
    axis.set_xlabel("action")
    if drawn.shape[0] > WRITTEN[0] or drawn.shape[1] > WRITTEN[1]:
        return
    for (row, action), value in np.ndenumerate(drawn):
        if not np.isnan(value):
            axis.text(action, row, f"{value:.2g}" if value >= 0.01 or value == 0 else "<0.01",
                      ha="center", va="center", fontsize="x-small",
                      color="white" if value <= DARK else "black")
