"""On random games with a known answer no verdict is wrong, and the bounds on alpha hold."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from built import case

from potentia.games.tabular.game import MarkovGame
from potentia.potential import classify
from slow_markov import random_profile

BATCH = 50


# Every shape, discount and size is among these; the batches between are more of the same, and held
# too: a thousand games take minutes.
@pytest.mark.parametrize("batch", range(0, 12, 4))
def test_no_verdict_is_wrong(batch: int) -> None:
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        game, size = case(number)
        kind = classify(game, seed=number)
        assert kind.verdict == ("PROVEN" if size == 0 else "REFUTED"), number
        # Phi = the unperturbed value misses the perturbation's value, which is at most size / (1 -
        # discount).
        largest = 2 * size / (1 - game.discount)
        assert kind.alpha_lower <= largest * (1 + 1e-9) + 1e-12, number
        assert kind.alpha_lower <= kind.alpha_upper, number
        assert kind.alpha_upper >= _cycle(game, number) / 4 - 1e-12, number


# One program for the four corners of all games of one shape.
_values = jax.jit(jax.vmap(MarkovGame.start_values, in_axes=(None, 0)))


def _cycle(game: MarkovGame, seed: int) -> float:
    """The sum of a four-cycle of random profiles, by the game's own evaluation."""
    first, second = (random_profile(seed + k, np.asarray(game.mask)) for k in (0, 7919))
    profiles = np.stack([first] * 4)
    profiles[[1, 2], 0], profiles[[2, 3], 1] = second[0], second[1]
    with jax.enable_x64(True):
        corners = np.asarray(_values(game, profiles))
    return abs(sum(corners[(k + 1) % 4][k % 2] - corners[k][k % 2] for k in range(4)))
