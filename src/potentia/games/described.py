"""What a game says it is: on one line, and as the table that a notebook shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potentia.console.markup import Line, as_html
from potentia.errors import one_line
from potentia.runtime.pytree import Leaf

if TYPE_CHECKING:
    from networkx import DiGraph

NAME, RECIPE = 120, 1_000          # characters that are shown


class Described:
    """Base of games: `repr` and display, of what `_size` says, and their graph.

    `tree` writes a `__repr__` of all fields for a class that has none of its own, so that each
    class takes this one by name. Nothing is computed to show a game.
    """

    name: str
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None
    undiscounted: bool
    full_information: bool
    scale: Leaf

    def _size(self) -> str:
        """How many of what, in words."""
        raise TypeError(f"a {type(self).__name__} does not say its size")

    def to_networkx(self) -> DiGraph:
        """The graph of nodes and moves of a congestion game, of any other that of the states that
        play may come to; see `bridges.networkx`."""
        from potentia.bridges.networkx import to_networkx
        return to_networkx(self)

    def __repr__(self) -> str:
        return f"<{self._title()}: {self._size()}>"

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._lines())

    def _title(self) -> str:
        return f"{type(self).__name__} {one_line(self.name, NAME)}"

    def _lines(self) -> list[Line]:
        discount = ("1: values are totals until play ends" if self.undiscounted
                    else f"{1 - 1 / float(self.scale):.10g}")
        sees = "the state" if self.full_information else "their own information, not all the state"
        return [("size", self._size()), ("discount", discount), ("agents see", sees),
                *([] if self.recipe is None else [("made by", _made_by(*self.recipe))])]


def _made_by(name: str, arguments: tuple[tuple[str, object], ...]) -> str:
    told = [repr(name), *(f"{key}={value!r}" for key, value in arguments)]
    return one_line(f"pt.games.make({', '.join(told)})", RECIPE)
