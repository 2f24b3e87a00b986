"""Best responses by the agent that gains most, counted against what the potential allows.

Of a game with a potential, where every move raises it by more than half of epsilon, at most
2 (max Phi - min Phi)/epsilon moves are made.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia import games, rules, schedules
from potentia.certificates.equilibrium import certify
from potentia.experiments.statements import Measured
from potentia.game import Game
from potentia.learning.solver import solved
from potentia.runtime.float64 import float64_on_one_blas_thread


@dataclasses.dataclass(frozen=True)
class NashCA:
    """Nash-CA on a registered game that carries its potential, from the pure profile where that is
    least, until nobody gains more than half of epsilon.

    A move is one step of policy iteration by the agent whose exact best response gains most; where
    the game has one state that is its best response.

    share: epsilon over max Phi - min Phi.
    """

    game: str
    game_parameters: Mapping[str, Any]
    share: float

    def measured(self, seed: int) -> Measured:
        """`moves` until nobody gains more than half of epsilon, `moves at most`, and `ended`, 1
        where the certificate says so of the last profile, else 0; nothing is random."""
        game = games.make(self.game, **self.game_parameters)
        profiles = pure_profiles(np.asarray(game.mask))
        potential = potentials(game, profiles)
        half = self.share * float(np.ptp(potential)) / 2
        most = round(2 / self.share)
        result = solved(game, rules.make("best-response"),
                       initial=profiles[int(np.argmin(potential))], max_iterations=most,
                       tolerance=half, check_every=1, progress=False,
                       schedule=schedules.make("coordinated-largest-gain", minimum=half))
        gap = certify(game, result.profile).nash_gap
        numbers = {"moves": result.iterations, "moves at most": most, "ended": float(gap <= half)}
        return Measured(numbers, {"at the end": gap})


def pure_profiles(mask: np.ndarray) -> np.ndarray:
    """[P, N, H, A] every pure profile of a mask [N, H, A], the last row's action first to
    change."""
    n_agents, n_rows, n_actions = mask.shape
    allowed = [np.flatnonzero(row) for row in mask.reshape(-1, n_actions)]
    # A row of an information state that the agent does not have: nothing can be played there.
    choices = np.array(list(itertools.product(*[row if row.size else [-1] for row in allowed])))
    played = choices[..., None] == np.arange(n_actions)
    return played.reshape(-1, n_agents, n_rows, n_actions).astype(float)


def potentials(game: Game, profiles: np.ndarray) -> np.ndarray:
    """[P] the game's potential at each of `profiles` [P, N, H, A]."""
    with float64_on_one_blas_thread():
        return np.asarray(jax.jit(lambda each: jax.lax.map(game.potential, each))(
            jnp.asarray(profiles)))
