"""All pure equilibria of a small game, by trying every deterministic stationary profile.

Full information: a profile is Nash (Definition 1 of Fox, McAleer, Overman and Panageas, arXiv
2110.10614, on the states that play can reach) if no single action of an agent, once, is better than
its own in any of them:

    r_i(s, a, a_-i) + discount sum_s' P(s' | s, a, a_-i) V_i(s') <= V_i(s)

(Puterman, Markov Decision Processes, 1994, Theorem 6.2.6). Local policies: no other deterministic
local policy of an agent has a larger V_i(mu). Where what an agent sees does not depend on its own
policy (`separable`), no mixed one has either.
"""

from __future__ import annotations

import math

import numpy as np

from potentia.equilibria.decision_game import DecisionGame, choices
from potentia.equilibria.results import PureEquilibria
from potentia.errors import InputError, whole_number
from potentia.game import Game
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.runtime.float64 import float64_on_one_blas_thread

FULL = "nobody gains{} by one action in any state that play can reach"
LOCAL = "nobody gains{} from the initial distribution"
DETERMINISTIC = (
    "nobody gains{} from the initial distribution by a deterministic policy; a mixed one may gain")


def count_pure(game: Game) -> int:
    """How many pure profiles `pure` would try: a product over agents and the information states
    where they choose.

    Raises InputError if the game is not tabular.
    """
    game = as_table(game, "pure equilibria need")
    return math.prod(actions.size for _, _, actions in choices(game))


def pure(game: Game, limit: int = 1_000_000) -> PureEquilibria:
    """All pure equilibria, by trying every pure profile: at most `limit` of them.

    Raises InputError if the game is not tabular, if there are more pure profiles, saying how many,
    where play lasts too long for float64, and where values overflow.
    """
    game = as_table(game, "pure equilibria need")
    most, count = whole_number(limit, "limit", 1), count_pure(game)
    if count > most:
        raise InputError(f"pure profiles: {shown_count(count)}, but the limit is {most:,}")
    # What overflows is refused.
    with float64_on_one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        decisions = DecisionGame.of(game)
        found = [np.concatenate(parts) for parts in zip(*_found(game, decisions, count),
                                                        strict=True)]
    actions, values, tolerance = found
    return PureEquilibria(actions=actions, values=values, n_profiles=count, tolerance=tolerance,
                          note=_note(game, tolerance), n_actions=np.asarray(game.mask).shape[2],
                          names=game.names)


def _found(game: MarkovGame, decisions: DecisionGame,
           count: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Actions [E, N, H], values [E, N] and tolerances [E, N] of equilibria, some at a time."""
    if game.full_information:
        return [_unimproved(decisions, numbers) for numbers in decisions.chunks(count)]
    return [_local(decisions, count)]


def _note(game: MarkovGame, tolerance: np.ndarray) -> str:
    text = FULL if game.full_information else LOCAL if game.separable else DETERMINISTIC
    return text.format(f" more than {tolerance.max():.2g}" if tolerance.any() else "")


def shown_count(count: int) -> str:
    """A count as text; above a million billions its order of magnitude."""
    return f"{count:,}" if count < 10**15 else f"about 10^{math.log10(count):.0f}"


def _unimproved(decisions: DecisionGame,
                numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The profiles of these numbers that no one-shot deviation improves beyond rounding."""
    actions = decisions.actions(numbers)
    rows = decisions.rows(actions)
    values, rounding = _finite(decisions.values(rows)), decisions.rounding(rows)
    for agent, seen in enumerate(decisions.seen):
        gain = decisions.best_deviation(rows, actions[:, agent, seen], values[:, :, agent], agent)
        kept = gain <= rounding[:, agent]
        actions, rows, values, rounding = actions[kept], rows[kept], values[kept], rounding[kept]
    return actions, decisions.at_start(values), 2 * rounding


def _local(decisions: DecisionGame, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for local policies: the pure equilibria of the game in which each agent picks one
    policy."""
    tried = [decisions.rows(decisions.actions(numbers)) for numbers in decisions.chunks(count)]
    values = np.concatenate([decisions.at_start(_finite(decisions.values(rows))) for rows in tried])
    rounding = np.concatenate([decisions.rounding(rows) for rows in tried])
    n_policies = [math.prod(actions.size for agent, _, actions in decisions.choices if agent == i)
                  for i in range(len(decisions.seen))]
    low, high = ((values + side * rounding).reshape(*n_policies, -1) for side in (-1, 1))
    nash, most = np.ones(n_policies, bool), np.empty(low.shape)
    for agent in range(len(n_policies)):
        nash &= high[..., agent] >= low[..., agent].max(axis=agent, keepdims=True)
        most[..., agent] = high[..., agent].max(axis=agent, keepdims=True) - low[..., agent]
    numbers = np.flatnonzero(nash)
    return decisions.actions(numbers), values[numbers], most.reshape(values.shape)[numbers]


def _finite(values: np.ndarray) -> np.ndarray:
    """Values [B, L, N], whose sums over the agents are finite too."""
    if not np.isfinite(np.abs(values).sum(axis=2)).all():
        raise InputError("values of pure profiles overflow float64: the rewards are too large")
    return values
