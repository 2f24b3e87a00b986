"""Phase portraits of games of two agents with two actions each, played in one state."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from potentia.errors import InputError, shown
from potentia.game import Game, usable
from potentia.names import names_of
from potentia.plot import canvas
from potentia.plot.tracks import ENDS, STARTS, Track
from potentia.potential import PROVEN, classify
from potentia.report.figures import BLUE, VERMILION

ARROWS = 15               # along each side
CONTOURS = 12
FINE = 61                 # points of a contour's grid along each side


def phase(game: Game, *, ax: Axes | None = None) -> Axes:
    """The square of all profiles of a 2x2 game: where independent natural gradients lead, and
    contours of the potential, if it has one.

    x and y: the probabilities that agent 0 and agent 1 play their action 0. Arrows: the direction
    x (1 - x) (Q_0(0) - Q_0(1)), and so on, in which small steps of INPG and multiplicative weights
    go (the replicator's), all of one length. `pt.plot.simplex(result)` draws runs on top.
    ax: Matplotlib axes to draw on; those of a new figure if omitted.

    Returns the axes. Raises InputError for a game that is no 2x2 game of one state.
    """
    return portrait(game, [], ax)


def portrait(game: Game, tracks: list[Track], ax: object = None) -> Axes:
    """The phase portrait of a 2x2 game, with the runs [K, 2, 1, 2] of `tracks` on top."""
    canvas.refuse_no_game(game)
    if not is_square(game):
        raise InputError(f"{shown(game, 100)} is no 2x2 game: a phase portrait is of 2 agents with "
                         f"2 actions each in 1 state")
    axis = canvas.single(ax, (6.2, 5.4))
    potential = corners(game)
    if potential is not None:
        _contours(axis, potential)
    _arrows(axis, game)
    for track in tracks:
        x, y = track.profile[:, 0, 0, 0], track.profile[:, 1, 0, 0]
        axis.plot(x, y, color=BLUE, linewidth=1.2)
        axis.plot(x[:1], y[:1], **STARTS)
        axis.plot(x[-1:], y[-1:], **ENDS, color=VERMILION)
    names = names_of(game)
    for agent, name in enumerate((axis.set_xlabel, axis.set_ylabel)):
        name(canvas.caption(f"{names.agent(agent)}: probability of "
                            f"{canvas.action(names, agent, 0)}"), parse_math=False)
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
    canvas.title(axis, game.name,
                 "" if potential is not None else ": no potential, and so no contours")
    return axis


def is_square(game: Game) -> bool:
    """Whether two agents have two actions each in the one state."""
    mask = usable(game)
    return mask.shape == (2, 1, 2) and bool(mask.all()) and game.n_agents == 2


def _pure(first: int, second: int) -> Any:
    return np.eye(2)[[first, second]][:, None]


def corners(game: Game) -> np.ndarray | None:
    """[2, 2] the potential where both play for sure, by their actions; None if none is known."""
    value: Any = game.potential
    if value(_pure(0, 0)) is None:
        kind = classify(game)
        if kind.verdict != PROVEN:
            return None
        value = kind.potential
    return np.array([[float(value(_pure(first, second))) for second in range(2)]
                     for first in range(2)])


def mixed(corners: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What is linear in each probability, from its values at the corners."""
    return (x * y * corners[0, 0] + x * (1 - y) * corners[0, 1]
            + (1 - x) * y * corners[1, 0] + (1 - x) * (1 - y) * corners[1, 1])


def _contours(axis: Axes, corners: np.ndarray) -> None:
    """A potential of one state is linear in each agent's probabilities."""
    if np.ptp(corners) == 0:
        return
    side = np.linspace(0.0, 1.0, FINE)
    x, y = np.meshgrid(side, side)
    drawn = axis.contourf(x, y, mixed(corners, x, y), CONTOURS, cmap="cividis", alpha=0.55)
    axis.figure.colorbar(drawn, ax=axis, label="potential", shrink=0.85)


def _arrows(axis: Axes, game: Game) -> None:
    """Which way each grows, from what action 0 is worth more against each pure action."""
    more = np.empty((2, 2))                       # [agent, action of the other]
    for other in range(2):
        for agent, profile in enumerate((_pure(0, other), _pure(other, 0))):
            q = np.asarray(game.evaluate(profile).q)[agent, 0]
            more[agent, other] = q[0] - q[1]
    side = (np.arange(ARROWS) + 0.5) / ARROWS
    x, y = np.meshgrid(side, side)
    right = x * (1 - x) * (y * more[0, 0] + (1 - y) * more[0, 1])
    up = y * (1 - y) * (x * more[1, 0] + (1 - x) * more[1, 1])
    length = np.hypot(right, up)
    length = np.where(length > 0, length, 1.0)
    axis.quiver(x, y, right / length, up / length, color="#333333", pivot="middle", width=0.0025,
                scale=1.7 * ARROWS)
