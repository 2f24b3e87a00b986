"""Policies on the way: on the triangle of three actions, or over iterations where there are two."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes

from potentia.console.text import counted
from potentia.errors import InputError, shown, whole_number
from potentia.game import Game, usable
from potentia.names import names_of
from potentia.plot import canvas
from potentia.plot.phases import is_square, portrait
from potentia.plot.tracks import ENDS, STARTS, Track, tracks_of
from potentia.report.figures import BLUE, VERMILION, along_iterations
from potentia.result import Result

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]])     # of actions, in their order
OUTSIDE = 0.09            # how far from the triangle its corners are named
NOTE = "Open: where a run begins; filled: where it ended."
JOINED = " Straight lines join the profiles that were kept, not all that were played."


def simplex(result: Result | Game, *, agents: Iterable[int] | int | None = None, state: int = 0,
            ax: Axes | Iterable[Axes] | None = None) -> canvas.Panels:
    """The policies of agents on the way, every run a line from an open mark to a filled one.

    result: with profiles on the way (`pt.solve(..., snapshots=...)`). Of a 2x2 game of one state
        both policies are drawn in one phase portrait, over the potential's contours, unless agents
        are asked for; a game alone is drawn so too, without runs.
    agents: which, by number, a panel for each; all if omitted. An agent with three actions is drawn
        on their triangle, one with two as its probability of the first over iterations.
    state: the information state whose policy is drawn.
    ax: axes to draw on, one for each panel; a new figure if omitted.

    Returns the panels, an array of Matplotlib axes with the `figure` that they are in. Raises
    InputError for a result without snapshots, an unknown agent or state, an agent with one action
    or more than three there, and a game alone that is no 2x2 game.
    """
    if not isinstance(result, Result):
        if isinstance(result, type) or not isinstance(result, Game):
            raise InputError(f"result is {shown(result)}, but a Result or a game was expected")
        whole_number(state, "state", 0, usable(result).shape[1] - 1)
        if agents is not None:
            raise InputError("agents goes with a result: a game alone is drawn for all agents")
        return canvas.as_panels(portrait(result, [], ax))
    tracks = tracks_of(result)
    state = whole_number(state, "state", 0, usable(result.game).shape[1] - 1)
    if agents is None and is_square(result.game):
        found = canvas.as_panels(portrait(result.game, tracks, ax))
    else:
        found = _by_agent(result.game, tracks, agents, state, ax)
    if ax is None:
        sparse = any((np.diff(track.iteration) > 1).any() for track in tracks)
        canvas.note(found.figure, NOTE + JOINED * sparse)
    return found


def _by_agent(game: Game, tracks: list[Track], agents: Iterable[int] | int | None, state: int,
              ax: object) -> canvas.Panels:
    mask, names = usable(game), names_of(game)
    chosen = (list(range(len(mask))) if agents is None else
              canvas.chosen(agents, len(mask), "agents"))
    for agent in chosen:
        count = int(mask[agent, state].sum())
        if count not in (2, 3):
            raise InputError(f"{names.agent(agent)} has {counted(count, 'action')} in "
                             f"{names.state(state)}, but a simplex shows 2 or 3: pt.plot.profile "
                             f"draws any, and agents= and state= say what is drawn")
    found = canvas.panels(len(chosen), ax)
    for axis, agent in zip(found, chosen, strict=True):
        actions = np.flatnonzero(mask[agent, state])
        called = [canvas.action(names, agent, action) for action in actions.tolist()]
        drawn = _over_iterations if len(actions) == 2 else _on_triangle
        drawn(axis, [(track.iteration, track.profile[:, agent, state, actions])
                     for track in tracks], called)
        where = f", {names.state(state)}" if mask.shape[1] > 1 else ""
        canvas.title(axis, game.name, canvas.caption(f": {names.agent(agent)}{where}"))
    return found


def _over_iterations(axis: Axes, runs: list[tuple[np.ndarray, np.ndarray]],
                     actions: list[str]) -> None:
    for at, policy in runs:
        _run(axis, at, policy[:, 0])
    axis.set(ylim=(-0.03, 1.03), xlabel="iterations", ylabel=f"probability of {actions[0]}")
    along_iterations(axis)


def _on_triangle(axis: Axes, runs: list[tuple[np.ndarray, np.ndarray]],
                 actions: list[str]) -> None:
    middle = CORNERS.mean(axis=0)
    axis.fill(*CORNERS.T, facecolor="none", edgecolor="#444444", linewidth=0.8)
    for corner, action in zip(CORNERS, actions, strict=True):
        out = corner + OUTSIDE * (corner - middle) / np.linalg.norm(corner - middle)
        axis.text(out[0], out[1], action, ha="center", va="center", fontsize="small",
                  parse_math=False)
    for _, policy in runs:
        x, y = (policy @ CORNERS).T
        _run(axis, x, y)
    axis.set(xlim=(-0.2, 1.2), ylim=(-0.15, 1.02), aspect="equal")
    axis.set_axis_off()


def _run(axis: Axes, x: np.ndarray, y: np.ndarray) -> None:
    axis.plot(x, y, color=BLUE, linewidth=1.0, alpha=0.8)
    axis.plot(x[:1], y[:1], **STARTS)
    axis.plot(x[-1:], y[-1:], **ENDS, color=VERMILION)
