"""How far a game is from having a potential."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from potentia import games
from potentia.certificates.equilibrium import certify
from potentia.experiments.statements import Measured
from potentia.games.tabular.game import MarkovGame
from potentia.potential import REFUTED, classify
from potentia.runtime.float64 import float64_on_one_blas_thread


@dataclasses.dataclass(frozen=True)
class Classified:
    """What `pt.potential.classify` says of a registered game: `refuted`, 1 or 0, the residual, and
    bounds on alpha, in the unit of the rewards."""

    game: str
    game_parameters: Mapping[str, Any]

    def measured(self, seed: int) -> Measured:
        """The numbers; seed: of the profiles that are tried."""
        kind = classify(games.make(self.game, **self.game_parameters), seed=seed)
        return Measured({"refuted": float(kind.verdict == REFUTED), "residual": kind.residual,
                         "alpha at least": kind.alpha_lower}, {})


@dataclasses.dataclass(frozen=True)
class Cycle:
    """What one four-cycle of two agents' pure stationary policies says of alpha: gains round it add
    up to 0 in a potential game, and four changes have to share what they do not.

    first, second: of each agent two policies, an action for each state.
    """

    game: str
    game_parameters: Mapping[str, Any]
    first: tuple[Sequence[int], Sequence[int]]
    second: tuple[Sequence[int], Sequence[int]]

    def measured(self, seed: int) -> Measured:
        """A fourth of the sum, in the unit of the rewards; nothing is random."""
        game = games.make(self.game, **self.game_parameters)
        actions = np.eye(np.shape(game.mask)[2])
        value = {(one, two): certify(game, actions[[self.first[one], self.second[two]]]).values
                 for one in range(2) for two in range(2)}
        total = ((value[1, 0][0] - value[0, 0][0]) + (value[1, 1][1] - value[1, 0][1])
                 + (value[0, 1][0] - value[1, 1][0]) + (value[0, 0][1] - value[0, 1][1]))
        return Measured({"alpha at least": abs(total) / 4}, {})


@dataclasses.dataclass(frozen=True)
class PureAlpha:
    """The least alpha that any potential leaves over the pure stationary profiles of a registered
    game, and so a lower bound on its alpha: a linear program, in the unit of the rewards times
    (1 - discount), which is Guo et al.'s own."""

    game: str
    game_parameters: Mapping[str, Any]

    def measured(self, seed: int) -> Measured:
        """The one number; nothing is random."""
        game = games.make(self.game, **self.game_parameters)
        return Measured({"alpha at least": least_alpha(pure_values(game)) / float(game.scale)}, {})


def pure_values(game: MarkovGame) -> np.ndarray:
    """[N, P1, ..., PN] each agent's value from the initial distribution at every pure stationary
    profile, P = A^S policies of an agent, those with the last state's action first to change."""
    n_agents, n_rows, n_actions = np.shape(game.mask)
    choices = np.array(list(itertools.product(range(n_actions), repeat=n_rows)))      # [P, S]
    policies = np.eye(n_actions)[choices]
    picked = np.indices((len(policies),) * n_agents).reshape(n_agents, -1).T          # [P^N, N]

    def at(profile: jax.Array) -> jax.Array:
        return game.evaluate(profile).v @ jnp.asarray(game.initial)

    with float64_on_one_blas_thread():
        values = jax.jit(lambda profiles: jax.lax.map(at, profiles))(jnp.asarray(policies[picked]))
    return np.asarray(values).T.reshape(n_agents, *(len(policies),) * n_agents)


def least_alpha(values: np.ndarray) -> float:
    """The least a such that some Phi [P1, ..., PN] changes, wherever one agent i changes its policy
    alone, as its `values` [N, P1, ..., PN] do, to within a."""
    shape, count = values.shape[1:], values[0].size
    numbers = np.arange(count).reshape(shape)
    rows, changes = [], []
    for agent, own in enumerate(values):
        lines = np.moveaxis(numbers, agent, -1).reshape(-1, shape[agent])
        pairs = np.array(list(itertools.combinations(range(shape[agent]), 2)))
        both = lines[:, pairs].reshape(-1, 2)
        rows.append(both)
        changes.append(own.flat[both[:, 1]] - own.flat[both[:, 0]])
    both, change = np.concatenate(rows), np.concatenate(changes)
    each = np.arange(len(both))
    rise = sp.csr_array((np.repeat([-1.0, 1.0], len(both)),
                         (np.tile(each, 2), both.T.ravel())), shape=(len(both), count))
    slack = np.full((len(both), 1), -1.0)
    found = linprog(np.append(np.zeros(count), 1.0),
                    A_ub=sp.block_array([[rise, slack], [-rise, slack]], format="csr"),
                    b_ub=np.concatenate([change, -change]),
                    bounds=[*[(None, None)] * count, (0, None)])
    return float(found.fun)
