"""Pure equilibria of a game too large to count them all, by best-response ascent from the profile
asked about and from where learning ended.

A profile with a small Nash gap may be worth less than every Nash profile, so that it bounds no
price of anarchy. A Nash profile does: the worst pure one is worth at most as much as the worst of
those found, the best at least as much as the best. A profile that is a pure equilibrium itself is
found without a move.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.console.text import counted
from potentia.equilibria.ascent import NASH, ascend
from potentia.games.tabular.game import MarkovGame
from potentia.welfare.learning import Reached, entries

CLIMBS = 4                # from so many runs, those of least welfare
MOST_MOVES = 1_000
BUDGET = 2e9  # entries of the joint table that the moves of one climb may read: some seconds


def climb(game: MarkovGame, start_profile: np.ndarray | None,
          reached: Reached) -> tuple[np.ndarray, str]:
    """Welfare of the pure equilibria that ascents from the profile `start_profile` [N, H, A] and
    from the worst runs found, and how they were looked for."""
    moves = min(MOST_MOVES, int(BUDGET) // (game.n_agents * entries(game)))
    if moves < 2 * game.n_agents:
        return _itself(game, start_profile)
    worst = np.argsort(reached.welfare, kind="stable")[:CLIMBS]
    origins = [*(["the profile given"] if start_profile is not None else []),
               *([f"the {counted(worst.size, 'run')} of least welfare"] if worst.size else [])]
    if not origins:
        return np.zeros(0), "without runs there is nothing to climb from"
    found = _found(game, [*([] if start_profile is None else [start_profile]),
                          *reached.profiles[worst]], moves)
    return found, (f"best-response ascent from {' and '.join(origins)}, of at most "
                   f"{counted(moves, 'move')}, found {found.size or 'none'}")


def _itself(game: MarkovGame, start_profile: np.ndarray | None) -> tuple[np.ndarray, str]:
    """The profile given alone, where no climb can be afforded, if it is a pure equilibrium."""
    why = "the game is too large to look for some by best-response ascent"
    if start_profile is None:
        return np.zeros(0), why
    found = _found(game, [start_profile], 0)
    return found, f"{why}; the profile given is {'one' if found.size else 'none'}"


def _found(game: MarkovGame, starts: Sequence[np.ndarray], moves: int) -> np.ndarray:
    """Welfare of the ends that are Nash profiles."""
    ascents = [ascend(game, start, limit=moves) for start in starts]
    return np.array([float(each.values[-1].sum()) for each in ascents if each.status == NASH])
