"""How many runs of one solve an accelerator works on at once.

A processor takes them one after another: batched scatters and solves lose more than they gain. An
accelerator waits for its next instruction most of the time unless there are many.
"""

from __future__ import annotations

import jax

from potentia.game import Game, HasWork, Shardable
from potentia.runtime.own import is_own

BUSY = 1e9               # operations that keep an accelerator busy, of 8 bytes each at most


def runs_at_once(game: Game, runs: int) -> int:
    """How many of so many runs of exact evaluation go side by side: 1 on a processor, for a game
    that is split over devices, and for one that does not say what it takes."""
    split = isinstance(game, Shardable) and game.shards > 1
    if jax.default_backend() == "cpu" or is_own(game) or split or not isinstance(game, HasWork):
        return 1
    operations, _ = game.work()
    return int(min(max(BUSY / max(operations, 1.0), 1), runs))
