"""Pure Nash profiles of a game too large to count them all, by best-response ascent from where learning ended.

A profile with a small Nash gap may be worth less than every Nash profile, so that it bounds no price of anarchy. A
Nash profile does: the worst pure one is worth at most as much as the worst of those found.
"""

from __future__ import annotations

import numpy as np

from potentia.equilibria.ascent import NASH, ascend
from potentia.games.tabular import MarkovGame
from potentia.welfare.learning import Reached, entries

CLIMBS = 4                # from so many runs, those of least welfare
MOST_MOVES = 1_000
BUDGET = 2e9              # entries of the joint table that the moves of one climb may read: some seconds


def climb(game: MarkovGame, reached: Reached) -> tuple[np.ndarray, str]:
    """Welfare of the pure Nash profiles that ascents from the worst runs found, and how they were looked for."""
    if not reached.welfare.size:
        return np.zeros(0), "without runs there is nothing to climb from"
    moves = min(MOST_MOVES, int(BUDGET) // (game.n_agents * entries(game)))
    if moves < 2 * game.n_agents:
        return np.zeros(0), "the game is too large to look for some by best-response ascent"
    worst = np.argsort(reached.welfare, kind="stable")[:CLIMBS]
    ascents = [ascend(game, reached.profiles[run], limit=moves) for run in worst]
    found = [float(each.values[-1].sum()) for each in ascents if each.status == NASH]
    return np.array(found), (f"best-response ascent from the {worst.size} runs of least welfare, of at most {moves:,} "
                             f"moves, found {len(found) or 'none'}")
