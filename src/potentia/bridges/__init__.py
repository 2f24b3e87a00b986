"""Games of other tools as Potentia's, and Potentia's as theirs: a file for each tool, loaded when
it is first asked for, as is the tool, which is an extra of that name.

What does not fit is refused, saying which property does not and what would serve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import loaded_file

if TYPE_CHECKING:
    from potentia.bridges import gambit as gambit
    from potentia.bridges import nashpy as nashpy
    from potentia.bridges import networkx as networkx
    from potentia.bridges import quantecon as quantecon

_FILES = ("gambit", "nashpy", "networkx", "quantecon")


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        return loaded_file(__name__, _FILES, name)


def __dir__() -> list[str]:
    return sorted(_FILES)
