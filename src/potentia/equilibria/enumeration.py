"""All pure Nash profiles of a small game, by trying every deterministic stationary profile.

Full information: a profile is Nash (Definition 1 of Fox, McAleer, Overman and Panageas, arXiv 2110.10614, on the
states that play can reach) if no single action of an agent, once, is better than its own in any of them:

    r_i(s, a, a_-i) + discount sum_s' P(s' | s, a, a_-i) V_i(s') <= V_i(s)

(Puterman, Markov Decision Processes, 1994, Theorem 6.2.6). Local policies: no other deterministic local policy of
an agent has a larger V_i(mu). Where what an agent sees does not depend on its own policy (`separable`), no mixed one
has either.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from potentia.equilibria.play import Play, choices
from potentia.errors import InputError, whole_number
from potentia.games.tabular import MarkovGame
from potentia.numerics import float64_on_one_blas_thread

FULL = "nobody gains in any state that play can reach"
LOCAL = "nobody gains from the initial distribution"
DETERMINISTIC = "nobody gains from the initial distribution by a deterministic policy; a mixed one may gain"


@dataclasses.dataclass(frozen=True)
class PureEquilibria:
    """All pure Nash profiles of a game, E of them, in lexicographic order of their actions.

    actions: [E, N, H] what each agent plays in each information state; the first action that exists where play
        never comes or has ended.
    values: [E, N] V_i(mu), in the unit of the rewards.
    n_profiles: how many pure profiles were tried.
    tolerance: [N] a gain of at most this, by one action (by one policy for local policies), counts as rounding.
    note: what "Nash" means here.
    n_actions: A, the most actions of any agent.
    """

    actions: np.ndarray
    values: np.ndarray
    n_profiles: int
    tolerance: np.ndarray
    note: str
    n_actions: int

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def welfare(self) -> np.ndarray:
        """[E] sums of the agents' values."""
        return self.values.sum(axis=1)

    def profile(self, number: int) -> np.ndarray:
        """The equilibrium of that number as a profile [N, H, A]."""
        return np.eye(self.n_actions)[self.actions[number]]


def count_pure(game: MarkovGame) -> int:
    """How many pure profiles `pure` would try: a product over agents and the information states where they choose.

    Raises InputError if the game is not tabular.
    """
    if not isinstance(game, MarkovGame):
        raise InputError(f"game is a {type(game).__name__}, but pure equilibria need a tabular game (MarkovGame)")
    return math.prod(actions.size for _, _, actions in choices(game))


def pure(game: MarkovGame, limit: int = 1_000_000) -> PureEquilibria:
    """All pure Nash profiles, by trying every pure profile: at most `limit` of them.

    Raises InputError if the game is not tabular, if there are more pure profiles, saying how many, and where play
    lasts too long for float64.
    """
    most, count = whole_number(limit, "limit", 1), count_pure(game)
    if count > most:
        raise InputError(f"pure profiles: {shown_count(count)}, but the limit is {most:,}")
    with float64_on_one_blas_thread():
        play = Play.of(game)
        actions, values = (_full if game.full_information else _local)(play, count)
    note = FULL if game.full_information else LOCAL if game.separable else DETERMINISTIC
    return PureEquilibria(actions=actions, values=values, n_profiles=count, tolerance=play.tolerance, note=note,
                          n_actions=np.asarray(game.mask).shape[2])


def shown_count(count: int) -> str:
    """A count as text; above a million billions its order of magnitude."""
    return f"{count:,}" if count < 10**15 else f"about 10^{math.log10(count):.0f}"


def _full(play: Play, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Actions [E, N, H] and values [E, N] of the profiles that no one-shot deviation improves."""
    found = [_unimproved(play, numbers) for numbers in play.chunks(count)]
    return np.concatenate([actions for actions, _ in found]), np.concatenate([values for _, values in found])


def _unimproved(play: Play, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    actions = play.actions(numbers)
    rows = play.rows(actions)
    values = play.values(rows)
    for agent, seen in enumerate(play.seen):
        gain = play.best_deviation(rows, actions[:, agent, seen], values[:, :, agent], agent)
        kept = gain <= play.tolerance[agent]
        actions, rows, values = actions[kept], rows[kept], values[kept]
    return actions, play.at_start(values)


def _local(play: Play, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The same for local policies: the pure equilibria of the game in which each agent picks one policy."""
    values = np.concatenate([play.at_start(play.values(play.rows(play.actions(numbers))))
                             for numbers in play.chunks(count)])
    n_policies = [math.prod(actions.size for agent, _, actions in play.choices if agent == i)
                  for i in range(len(play.seen))]
    table, nash = values.reshape(*n_policies, -1), np.ones(n_policies, bool)
    for agent, tolerance in enumerate(play.tolerance):
        own = table[..., agent]
        nash &= own >= own.max(axis=agent, keepdims=True) - tolerance
    numbers = np.flatnonzero(nash)
    return play.actions(numbers), values[numbers]
