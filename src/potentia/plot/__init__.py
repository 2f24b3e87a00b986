"""Pictures of results: learning curves, policies on the simplex, loads, flows on a map, profiles.

Every function draws on `ax` where it is given one, and else on a new figure. It returns Matplotlib
axes, whose `figure` can be saved. Nothing is loaded before the first picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import loaded

if TYPE_CHECKING:
    from potentia.plot.bars import loads as loads
    from potentia.plot.heat import profile as profile
    from potentia.plot.learning import curves as curves
    from potentia.plot.maps import flows as flows
    from potentia.plot.phases import phase as phase
    from potentia.plot.trajectories import simplex as simplex

_NAMES = {"curves": "learning", "flows": "maps", "loads": "bars",
          "phase": "phases", "profile": "heat", "simplex": "trajectories"}


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        return loaded(__name__, _NAMES, name)


def __dir__() -> list[str]:
    return sorted(_NAMES)
