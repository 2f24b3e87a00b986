"""An ascent, and a list of pure equilibria, as lines of a label and a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from potentia.lines import Line, counted, span

if TYPE_CHECKING:
    from potentia.equilibria.ascent import Ascent
    from potentia.equilibria.enumeration import PureEquilibria

SHOWN = 8                # agents, moves or equilibria
LONGEST = 24             # actions of one profile
ROUNDING = 1e-9          # of the largest value: a gain below 0 by no more is shown as 0
ENDINGS = {"NASH": "nobody gains beyond rounding", "CYCLED": "a profile came back, so the game is no potential game",
           "LIMIT": "the limit of moves was reached",
           "UNPROVEN": "nobody's response gains for certain, but somebody may gain"}


def lines_of_ascent(ascent: Ascent) -> list[Line]:
    """(label, text) of each line."""
    moves = len(ascent.path)
    rise = [] if ascent.potential is None else [("potential", _from_to(ascent.potential[0], ascent.potential[-1]))]
    return [("best-response ascent", f"{ascent.status}: {ENDINGS[ascent.status]}"),
            ("moves", f"{moves:,}, by agents {_listed(list(map(str, ascent.path)))}" if moves else "none"),
            *([("gains of the movers", _gains(ascent))] if moves else []),
            ("welfare (sum of the agents' values)", _from_to(ascent.values[0].sum(), ascent.values[-1].sum())), *rise,
            ("value of each agent at the end", _numbers(ascent.values[-1])),
            ("what any agent could still gain", f"at most {ascent.gap:.3g}")]


def lines_of_pure(found: PureEquilibria) -> list[Line]:
    """(label, text) of each line; of many equilibria the first few."""
    n_found, welfare = len(found), found.welfare
    worth = f", of welfare (sum of the agents' values) {span(welfare.min(), welfare.max())}" if n_found else \
        ": any equilibrium is mixed"
    left = [("", f"... ({n_found:,} in all)")] if n_found > SHOWN else []
    return [("pure equilibria", f"{n_found:,} of {counted(found.n_profiles, 'pure profile')}{worth}"),
            ("", found.note), *(_equilibrium(found, number) for number in range(min(n_found, SHOWN))), *left]


def _equilibrium(found: PureEquilibria, number: int) -> Line:
    """What each agent plays, one digit or number for each of its information states, and its value."""
    actions = found.actions[number]
    played = "" if actions.size > LONGEST else f"; actions {', '.join(' '.join(map(str, own)) for own in actions)}"
    return f"number {number}", f"values {_numbers(found.values[number])}{played}"


def _gains(ascent: Ascent) -> str:
    """Gains in order; one just below 0 is that of a first move, off a mixed policy that was as good."""
    gains = ascent.gains
    rounded = (gains < 0) & (gains >= -ROUNDING * np.abs(ascent.values).max())
    return _numbers(np.where(rounded, 0.0, gains)) + (" (up to rounding)" if rounded.any() else "")


def _from_to(start: float, end: float) -> str:
    return f"from {start:.6g} to {end:.6g}"


def _numbers(values: np.ndarray) -> str:
    return _listed([f"{value:.6g}" for value in values])


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items[:SHOWN]) + (f", ... ({len(items):,} in all)" if len(items) > SHOWN else "")
