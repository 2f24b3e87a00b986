"""Where pictures are drawn: on the axes that the user gives, or on a new figure.

A new figure is pyplot's where the user works with pyplot or in a notebook, so that it is shown
there as any other; elsewhere it is a figure of its own, and no backend is chosen for anybody.
"""

from __future__ import annotations

import itertools
import sys
import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from potentia.console.text import counted
from potentia.errors import InputError, encodable, one_line, shown, whole_number
from potentia.game import Game
from potentia.names import Names

WIDE, HIGH = 4.6, 3.6        # inches of a panel
NOTE = 15                    # characters of a note on an inch
LONG = 100                   # characters of a name that are drawn
MOST = 60                    # panels of one figure


class Panels(np.ndarray):
    """[panels] Matplotlib axes of one figure, in the order of what they show."""

    @property
    def figure(self) -> Figure:
        """The figure that the first of them is in."""
        return _figure_of(self.flat[0])


def panels(count: int, ax: object = None, high: float = HIGH) -> Panels:
    """Axes for so many panels: those given, or new ones side by side, in rows of up to three (four
    make a square).

    ax: one Matplotlib axes, or one for each panel. high: inches of a new panel. Raises InputError
    if they are none, of another number, or too many.
    """
    if count > MOST:
        raise InputError(f"that asks for {count:,} panels, but a figure has at most {MOST}: ask "
                         f"for fewer")
    given = _given(ax)
    if ax is not None and len(given) != count:
        raise InputError(f"ax holds {len(given)} axes, but there are {counted(count, 'panel')}: "
                         f"give as many")
    if ax is None:
        columns = count if count <= 3 else 2 if count == 4 else 3
        rows = -(-count // columns)
        figure = _new_figure(WIDE * columns, high * rows)
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for unused in grid[count:]:
            unused.remove()
        given = list(grid[:count])
    return as_panels(*given)


def as_panels(*axes: Axes) -> Panels:
    """The axes as an array that knows its figure."""
    found = np.empty(len(axes), dtype=object)
    found[:] = axes
    return found.view(Panels)


def single(ax: object = None, size: tuple[float, float] = (6.4, 4.4)) -> Axes:
    """The axes given, or those of a new figure of that size in inches. Raises InputError for
    anything else."""
    if ax is None:
        return _new_figure(*size).subplots()
    given = _given(ax)
    if len(given) != 1:
        raise InputError(f"ax holds {len(given)} axes, but one is drawn on")
    return given[0]


def policies(game: Game, profile: object) -> np.ndarray:
    """`profile` [N, H, A] as numbers. Raises InputError for one that the game does not play."""
    refuse_no_game(game)
    if isinstance(profile, str) or profile is None:
        raise InputError(f"profile is {shown(profile)}, but probabilities [N, H, A] were expected")
    return np.asarray(game.initial_profile(profile, 0))


def refuse_no_game(game: object) -> None:
    """Raise InputError unless it is a game."""
    if isinstance(game, type) or not isinstance(game, Game):
        raise InputError(f"game is {shown(game)}, but a game was expected")


def chosen(given: object, count: int, name: str) -> list[int]:
    """What was asked for by number, of `count` that there are, in the order given: one number, or
    several, each once. Raises InputError for any other, and for one that is asked for twice."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable) or (
            isinstance(given, np.ndarray) and given.ndim == 0):
        given = [given]
    found: dict[int, None] = {}
    for each in given:           # which may have no end: it is one number twice or too large then
        number = whole_number(each, name, 0, count - 1)
        if number in found:
            raise InputError(f"{name} has {number} twice, but each is drawn once")
        found[number] = None
    if not found:
        raise InputError(f"{name} is empty: there is nothing to draw")
    return list(found)


def caption(text: str) -> str:
    """A name as a picture writes it: on a line that is not too long, in characters that there
    are."""
    return encodable(one_line(text, LONG))


def action(names: Names, agent: int, number: int) -> str:
    """What an action is called on an axis: its name, or "action 0"."""
    own = names.action(agent, number)
    return caption(own if names.actions else f"action {own}")


def title(axis: Axes, name: str, more: str = "") -> None:
    """A name above axes, and what is said of it; one with dollar signs is no formula."""
    axis.set_title(caption(name) + more, fontsize="medium", parse_math=False)


def note(figure: Figure, text: str) -> None:
    """Words beneath a whole figure, on as many lines as its width asks for."""
    width = int(NOTE * figure.get_size_inches()[0])
    figure.supxlabel(textwrap.fill(text, width), fontsize="x-small")


def _given(ax: object) -> list[Axes]:
    if ax is None:
        return []
    # Matplotlib gives several as an array; what is iterated may have no end.
    listed: list[Any] = (list(np.ravel(ax)) if isinstance(ax, np.ndarray) else
                         list(itertools.islice(ax, MOST + 1))
                         if isinstance(ax, Iterable) and not isinstance(ax, str) else [ax])
    listed = [one for each in listed
              for one in (each if isinstance(each, list | tuple) else [each])]
    for each in listed:
        if not isinstance(each, Axes):
            raise InputError(f"ax is {shown(each)}, but Matplotlib axes were expected")
        if each.get_figure() is None:
            raise InputError("ax was removed from its figure, where nothing drawn on it would show")
        if each.name != "rectilinear":
            raise InputError(f"ax has the projection {each.name!r}, but plain axes, of x and y, "
                             f"were expected")
    if len(set(listed)) < len(listed):
        raise InputError("ax holds the same axes twice: give one for each panel")
    return listed


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes that were taken off their figure"
    return figure


def _new_figure(wide: float, high: float) -> Figure:
    if "matplotlib.pyplot" in sys.modules or _in_ipython():
        from matplotlib import pyplot
        return pyplot.figure(figsize=(wide, high), layout="constrained")
    return Figure(figsize=(wide, high), layout="constrained")


def _in_ipython() -> bool:
    """Whether this is a session of IPython, as notebooks are."""
    loaded = sys.modules.get("IPython")
    return loaded is not None and loaded.get_ipython() is not None
