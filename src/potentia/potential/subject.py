"""The game that a classification is about: which policies agents may use, which states count, as
NumPy arrays.

With policies of the whole state the question is one of the states that play can reach from the
initial distribution (`states="reachable"`), or of every state (`states="all"`, each being a start).
At discount 0 play ends after one step, so that the reachable states are those of the initial
distribution.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from potentia import games
from potentia.certificates.decision_problem import Problem, horizon
from potentia.certificates.joint_actions import (
    live_kernel,
    mask_by_state,
    product,
    reachable,
    step_matrix,
)
from potentia.errors import InputError, known_name
from potentia.game import Game, HasRecipe
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame

POLICIES, STATES = ("joint", "local"), ("reachable", "all")
DENSE = 4_000_000          # most numbers in a dense transition table
LARGEST, NEAREST = 1e100, 1e-9


@dataclasses.dataclass(frozen=True)
class Subject:
    """One game as arrays over the S states that count.

    game: as it is played, with its own initial distribution. rewards: [S, J, N]. kernel: [S*J, S]
    next-state probabilities, 0 where play has ended. masks: [S, A_i] for each agent. seen: [N, S]
    information states.
    initial: [S]. live: [S] states where play goes on. states: [S] their numbers in `game`. local:
    agents look at their information state only. accuracy: how far the arrays may be from the
    numbers that are meant, as `MarkovGame.from_arrays` says.
    """

    game: MarkovGame
    rewards: np.ndarray
    kernel: sp.csr_array
    masks: list[np.ndarray]
    seen: np.ndarray
    initial: np.ndarray
    live: np.ndarray
    states: np.ndarray
    discount: float
    local: bool
    accuracy: float

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of actions of each agent."""
        return self.game.action_counts

    @cached_property
    def playable(self) -> np.ndarray:
        """[S, J] joint actions that exist and count: none where play has ended."""
        return product(self.masks) & self.live[:, None]

    @cached_property
    def _dense_kernel(self) -> np.ndarray:
        """[S, J, S] next-state probabilities."""
        return self.kernel.toarray().reshape(*self.playable.shape, len(self.states))

    @property
    def longest(self) -> float:
        """How much play can count: the longest expected discounted play, or a bound on it."""
        if self.discount < 1:
            return min(1.0 / (1.0 - self.discount), self.game.sweeps or np.inf)
        return float(horizon(self.planner(np.zeros(self.playable.shape))).weights.max())

    @cached_property
    def reward_accuracy(self) -> float:
        """How far a reward may be from the one that is meant, in the unit of the rewards."""
        return float(self.accuracy * np.abs(self.rewards).max())

    def value_accuracy(self, largest: float) -> float:
        """How far values of at most `largest` may be from those of the game that is meant, to first
        order."""
        return (self.longest * (self.reward_accuracy + self.discount * self.accuracy * largest)
                if self.accuracy else 0.0)

    def of_the_state(self) -> Subject:
        """The subject with every agent seeing the state."""
        everything = np.tile(np.arange(len(self.states)), (len(self.counts), 1))
        return dataclasses.replace(self, seen=everything, local=False) if self.local else self

    def planner(self, stage: np.ndarray) -> Problem:
        """The problem of one planner who picks the joint action, paid `stage` [S, J]; 0 where play
        has ended."""
        return Problem(
            rewards=stage, kernel=self.kernel, allowed=product(self.masks), discount=self.discount,
            magnitude=np.abs(stage).max(axis=1),
            operations=int(np.diff(self.kernel.indptr).max(initial=0)) + 8)

    def average(self, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean rewards [C, S, N] and steps [C, S, S] under joint weights [C, S, J]."""
        rewards = np.einsum("csj,sjn->csn", weights, self.rewards)
        if self.playable.size * len(self.states) <= DENSE:
            return rewards, np.matmul(weights.transpose(1, 0, 2),
                                      self._dense_kernel).transpose(1, 0, 2)
        return rewards, np.stack([step_matrix(self.kernel, one).toarray() for one in weights])

    def values(self, policies: Sequence[np.ndarray]) -> np.ndarray:
        """[C, S, N] values of C profiles given as policies by state [C, S, A_i]."""
        rewards, steps = self.average(product(policies))
        return np.linalg.solve(np.eye(len(self.states)) - self.discount * steps, rewards)

    def marginal(self, policies: Sequence[np.ndarray],
                 agent: int) -> tuple[sp.csr_array, np.ndarray]:
        """For one agent against the others' `policies` [S, A_j]: the matrix [S*A_i, S*J] that
        averages a stage over the others' actions, and the actions' next-state probabilities
        [S, A_i, S]."""
        n_states, own = self.masks[agent].shape
        ones = [np.ones_like(p) if i == agent else p for i, p in enumerate(policies)]
        weights = product(ones)  # [S, J] of the others' actions
        index = np.arange(weights.size).reshape(n_states, *self.counts)
        action = np.arange(own).reshape([-1 if i == agent else 1 for i in range(len(policies))])
        rows = (np.arange(n_states)[:, None] * own
                + np.broadcast_to(action, self.counts).reshape(1, -1))
        mixer = sp.csr_array((weights.ravel(), (rows.ravel(), index.ravel())),
                             (n_states * own, weights.size))
        return mixer, sp.csr_array(mixer @ self.kernel).toarray().reshape(n_states, own, n_states)


def subject_of(game: Game, policies: str | None, states: str,
               accuracy: float | None = None) -> Subject:
    """The subject of `game` under "joint" or "local" policies (its own if None) and "reachable" or
    "all" states; accuracy: of its arrays, its own if None."""
    known_name(states, STATES, "states")
    shown = as_table(with_policies(game, policies), "classify needs")
    started = dataclasses.replace(shown, initial=np.full(shown.n_states, 1.0 / shown.n_states)) \
        if states == "all" else shown
    _refuse_beyond_float64(shown)
    kept = np.flatnonzero(reachable(started))
    n_joint = shown.rewards.shape[1]
    rows = (kept[:, None] * n_joint + np.arange(n_joint)).ravel()
    # At discount 0 nothing follows, and the next states need not be among those kept.
    kernel = (live_kernel(shown)[rows] if float(shown.discount) > 0
              else sp.csr_array((rows.size, shown.n_states)))
    return Subject(game=shown, rewards=np.asarray(shown.rewards)[kept],
                   kernel=sp.csr_array(kernel[:, kept]),
                   masks=[mask[kept] for mask in mask_by_state(shown)], seen=np.asarray(
                       shown.information)[:, kept],
                   initial=np.asarray(started.initial)[kept], live=~np.asarray(
                       shown.absorbing)[kept], states=kept,
                   discount=float(shown.discount), local=not shown.full_information,
                   accuracy=shown.accuracy if accuracy is None else accuracy)


def _refuse_beyond_float64(game: MarkovGame) -> None:
    """Refuse rewards whose squares overflow, and play so long that solving for values loses all
    digits."""
    largest = float(np.abs(np.asarray(game.rewards)).max())
    if largest > LARGEST:
        raise InputError(f"rewards of up to {largest:.3g} are too large to classify a game: at "
                         f"most {LARGEST:g} (divide all of them by one factor)")
    if game.sweeps is None and 0 < 1.0 - float(game.discount) < NEAREST:
        raise InputError(f"discount is {float(game.discount)!r}, too near 1 to classify a game "
                         f"that may go on for ever: at most 1 - {NEAREST:g}, or 1 for one that "
                         f"ends")


def with_policies(game: Game, policies: str | None) -> Game:
    """`game` with "joint" policies, of the whole state, or "local" ones; as it is if None."""
    if policies is None or known_name(policies, POLICIES,
                                      "policies") == ("joint", "local")[not game.full_information]:
        return game
    if policies == "joint":
        return _with_full_information(as_table(game, "joint policies need"))
    return _with_local_information(game)


def _with_full_information(game: MarkovGame) -> MarkovGame:
    """The same game, every agent seeing the state; a potential for local policies need not be one
    then."""
    everything = np.tile(np.arange(game.n_states, dtype=np.int32), (game.n_agents, 1))
    mask = np.stack([np.asarray(game.mask)[i, np.asarray(game.information)[i]]
                     for i in range(game.n_agents)])
    rewards = np.asarray(game.rewards)
    common = (rewards == rewards[..., :1]).all()
    return dataclasses.replace(game, information=everything, mask=mask, full_information=True,
                               separable=True,
                               stage_potential=rewards[..., 0] if common else None)


def _with_local_information(game: Game) -> MarkovGame:
    """The named game whose agents see their own node, where there is one."""
    recipe = game.recipe if isinstance(game, HasRecipe) else None
    name, parameters = recipe or (game.name, ())
    if recipe is None or "observe" not in games.parameters(name):
        raise InputError(f"policies is 'local', but agents of {name} see the whole state: "
                         "give the game `information` [N, S], what each agent sees in each state")
    # How the game is held is of its agents who see everything; those who see less have a form of
    # their own.
    kept = {key: value for key, value in parameters if key not in ("representation", "shards")}
    return games.make(name, **{**kept, "observe": "own"})
