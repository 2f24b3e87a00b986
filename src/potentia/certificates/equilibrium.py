"""The equilibrium certificate: how far a profile is from Nash, from above and from below.

    gain_i = max over agent i's policies of V_i(mu) - V_i(mu) of the profile,
    Nash gap = max_i gain_i

and the same, worst over the starting states, is Definition 1 of Fox, McAleer, Overman and Panageas
(arXiv 2110.10614). Guarantee: lower <= true gap <= upper in exact arithmetic on the game's and the
profile's float64 numbers. The lower bound is an explicit policy, evaluated; the upper bound adds
what that policy's Bellman residual leaves open (see `decision_problem`); both allow for rounding.
They agree to about 1e-12 (1 + max|V|) / (1 - discount), save for local policies that no lumping
describes (see `local`).

Nothing here calls the game's own evaluation: it reads the game's arrays only.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from potentia.certificates import (
    congestion,
    load_driven,
    local,
    performative,
    roads,
    symmetric,
    tabular,
)
from potentia.certificates.certificate import Certificate
from potentia.certificates.decision_problem import Horizon, Problem, best_policy, horizon, value_of
from potentia.console.bounds import from_to
from potentia.errors import InputError
from potentia.game import Game, HasStates, HasTable, Performative, table_of
from potentia.games.congestion.data import CongestionData
from potentia.games.load_driven.data import LoadData
from potentia.games.performative.data import PerformativeData
from potentia.games.roads.data import RoadData
from potentia.games.symmetric.data import SymmetricData
from potentia.games.tabular.data import TabularData
from potentia.names import NONE, Names, names_of
from potentia.profile import checked
from potentia.result import Result
from potentia.runtime.float64 import float64_on_one_blas_thread

EXACT = "exact"
LUMPED = "exact by information state"
OPEN = "bounds as far apart as values that are not fully solved leave them"
SHORTEST = "exact: shortest paths in the whole network"
BRACKET = "full-information upper bound, local witness below"
DEPLOYED = ("; in the game that the profile induces, which no deviation changes: at gap 0 the "
            "profile is a performatively stable equilibrium")
# bounds on a gain are one number when they agree to this share of the gain and the value
TIGHT = 1e-9
LOOSE = 1e-3        # and no longer exact when they differ by more than that share
# What each agent (each row of a profile) faces when the others keep to theirs, by the data that the
# game holds.
PROBLEMS: dict[type, Callable[[Any, np.ndarray], Iterator[Problem]]] = {
    TabularData: tabular.problems, CongestionData: congestion.problems,
    LoadData: load_driven.problems, PerformativeData: performative.problems,
    SymmetricData: symmetric.problems}


@dataclasses.dataclass(frozen=True)
class _Gain:
    """One agent's gain: bounds from the start, worst bounds over the states, witness [H, A], value,
    method."""

    lower: float
    upper: float
    worst: tuple[float, float] | None
    witness: np.ndarray
    value: float
    method: str


def certify(game: Game, profile: object) -> Certificate:
    """Bound from both sides what any agent could gain by deviating alone from `profile` [N, H, A].

    profile: or the `Result` of one run, which stands for the profile that it ended with; or what
        each agent does, in a list or a mapping by agent: an action, by name or number, if it is
        the same everywhere; actions by information state; probabilities [H, A_i]; or mappings
        from states to either, or from actions to probabilities.

    A user's own game is certified by its `tabular()`, which is read as any other table is. A
    performative game is judged as the game that the profile induces, and agents that deviate play
    in that same game. Of another tool's game, such as pyspiel's with its tabular policy, it is the
    table that the tool's bridge makes (`bridges.foreign`).

    Raises InputError for a result of several runs, for a game that has no table, naming the
    profile's first bad row, or naming an agent whose gain float64 cannot bound (play that all but
    never ends, values that overflow).
    """
    if isinstance(profile, Result):
        profile = only_profile(profile)
    if isinstance(game, RoadData):
        return _on_roads(game, profile)
    problems = problems_of(game)
    if problems is None:
        theirs = _taken_over(game, profile)
        return certify(equal_table(game), profile) if theirs is None else certify(*theirs)
    judged = with_states(game)
    mask = np.asarray(game.mask)
    if getattr(profile, "ndim", None) == mask.ndim + 1:
        raise InputError(
            "profile has an axis too many, [runs, N, H, A]; certify one run at a time, e.g. "
            "profile[0]")
    names = names_of(game)
    array = checked(profile, mask, names)
    # What overflows is refused below, by what it leads to.
    with float64_on_one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        gains = [_gain(judged, problem, array[i], i, names)
                 for i, problem in enumerate(problems(game, array))]
    found = _collected(gains, names)
    if isinstance(game, Performative):
        return dataclasses.replace(found, method=found.method + DEPLOYED)
    return found


def _taken_over(game: object, profile: object) -> tuple[Any, Any] | None:
    """Another tool's game and profile as ours; None for games that are no other tool's."""
    from potentia.bridges.foreign import taken_over
    return taken_over(game, profile)


def problems_of(game: object) -> Callable[[Any, np.ndarray], Iterator[Problem]] | None:
    """What gives the problems that the game's agents face; None where its table has to."""
    return next((PROBLEMS[kind] for kind in type(game).__mro__ if kind in PROBLEMS), None)


def with_states(game: Any) -> HasStates:
    """The game, if it has what is read of it: when play has ended only where policies are local."""
    read = ["full_information", "information", "initial", "mask"]
    missing = [name for name in read if not hasattr(game, name)]
    if not missing and not game.full_information and not hasattr(game, "absorbing"):
        missing = ["absorbing"]
    if missing:
        raise InputError(f"a {type(game).__name__} has no {', no '.join(missing)}, which a "
                         f"certificate of its class reads")
    return game


def equal_table(game: object) -> Any:
    """The equal tabular game of a user's own. Raises InputError if there is none."""
    name = type(game).__name__
    if not isinstance(game, HasTable):
        raise InputError(f"game is a {name}, but certify needs a game of one of Potentia's "
                         f"classes, or one whose method tabular() gives its table")
    table = table_of(game)
    if not isinstance(table, TabularData):
        raise InputError(f"{name}.tabular returned a {type(table).__name__}, but a MarkovGame was "
                         f"expected")
    return table


def only_profile(result: Result) -> np.ndarray:
    """The profile of a result of one run."""
    if isinstance(result.status, tuple):
        raise InputError(f"result holds {len(result.status)} runs; certify one of them at a time, "
                         f"e.g. result.profiles[0]")
    return result.profile


def _on_roads(game: RoadData, profile: object) -> Certificate:
    """Of a routing game, by type; the witness is a walk."""
    with float64_on_one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        found = roads.gains(game, profile)
    for who, (low, high) in enumerate(zip(found.lower, found.upper, strict=True)):
        _check_order(float(low), float(high), f"type {who}")
    witness = int(found.lower.argmax())
    return Certificate(
        nash_gap=float(found.upper.max()), nash_gap_lower=max(float(found.lower.max()), 0.0),
        worst_state_gap=None,
        worst_state_gap_lower=None, per_agent=found.upper, per_agent_lower=found.lower,
        witness=found.walk,
        witness_agent=witness, values=found.value, method=SHORTEST, relative_gap=found.relative,
        witness_trip=game.ends_of(witness), trips=game.trips_told)


def _gain(game: HasStates, problem: Problem, own: np.ndarray, agent: int,
          names: Names) -> _Gain:
    """The agent's gain; what is refused on the way names the agent."""
    try:
        return (_full_gain if game.full_information else _local_gain)(game, problem, own, agent)
    except InputError as error:
        raise InputError(f"{names.agent(agent)}: {error}") from None


def _full_gain(game: HasStates, problem: Problem, own: np.ndarray, agent: int) -> _Gain:
    """Bounds for an agent that sees the state."""
    seen = np.asarray(game.information)[agent]
    policy = own[seen, :problem.rewards.shape[1]]
    reach, mu = horizon(problem), np.asarray(game.initial)
    current = value_of(problem, policy)
    response, best = best_policy(problem, current)
    lower, upper = _gain_bounds(problem, reach, (policy, current), (response, best))
    witness = np.zeros_like(own)
    witness[:, :response.shape[1]] = response
    value, worst = _mean(mu, current), (float(lower.max()), float(upper.max()))
    method = (EXACT if worst[1] - worst[0] <= LOOSE * (np.abs(current).max() + abs(worst[1]))
              else OPEN)
    return _Gain(_mean(mu, lower), _mean(mu, upper), worst, witness, value, method)


def _gain_bounds(problem: Problem, reach: Horizon, current: tuple[np.ndarray, np.ndarray],
                 best: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Bounds [S] on the gain of a (policy, values) pair's best response, given such a pair."""
    below_current, above_current = reach.around(problem, *current)
    below_best, _ = reach.around(problem, *best)
    difference = best[1] - current[1]
    upper = difference + reach.above_best(problem, best[1]) + below_current
    return difference - below_best - above_current, upper


def _local_gain(game: HasStates, problem: Problem, own: np.ndarray, agent: int) -> _Gain:
    """Bounds for an agent whose policy looks at its information state."""
    n_actions = problem.rewards.shape[1]
    seen, mask = np.asarray(game.information)[agent], np.asarray(game.mask)[agent, :, :n_actions]
    reach, mu = horizon(problem), np.asarray(game.initial)
    own = own[:, :n_actions]
    current = own[seen], value_of(problem, own[seen])
    lumped = local.lump(problem, reach, seen, mask, mu, np.asarray(game.absorbing))
    witness = lumped.best_local()
    lower = _local_lower(problem, reach, mu, current, witness[seen])
    by_lumping = lumped.upper() - _mean(mu, current[1] - reach.around(problem, *current)[0])
    in_sight = _mean(mu, _gain_bounds(problem, reach, current, best_policy(problem, current[1]))[1])
    value = _mean(mu, current[1])
    exact = _agree(lower, by_lumping, value)
    if not exact:
        climbed = [local.climb(problem, start, seen, mask, mu) for start in (witness, own)]
        bounds = [_local_lower(problem, reach, mu, current, policy[seen]) for policy in climbed]
        lower, witness = float(np.max(bounds)), climbed[int(np.argmax(bounds))]
    padded = np.zeros_like(np.asarray(game.mask)[agent], dtype=np.float64)
    padded[:, :n_actions] = witness
    return _Gain(lower, min(in_sight, by_lumping), None, padded, value,
                 LUMPED if exact else BRACKET)


def _agree(lower: float, upper: float, value: float) -> bool:
    """Whether bounds on a gain over `value` are one number for all that they are read for.

    Against the numbers themselves, not against what play can pay at most: a state that is hardly
    ever reached, or whose rewards cancel, may pay so much that any two bounds would pass for equal.
    """
    return upper - lower <= TIGHT * (abs(value) + abs(upper))


def _local_lower(problem: Problem, reach: Horizon, mu: np.ndarray,
                 current: tuple[np.ndarray, np.ndarray],
                 policy: np.ndarray) -> float:
    """Lower bound on what `policy` [S, A] gains from the start over the `current` (policy,
    values)."""
    values = value_of(problem, policy)
    lost = reach.around(problem, policy, values)[0] + reach.around(problem, *current)[1]
    return _mean(mu, values - current[1] - lost)


def _collected(gains: list[_Gain], names: Names = NONE) -> Certificate:
    for agent, gain in enumerate(gains):
        for low, high in ((gain.lower, gain.upper), gain.worst or (gain.lower, gain.upper)):
            _check_order(low, high, names.agent(agent))
    lower, upper = np.array([g.lower for g in gains]), np.array([g.upper for g in gains])
    worst = [g.worst for g in gains if g.worst is not None]
    agent = int(lower.argmax())
    return Certificate(
        nash_gap=float(upper.max()), nash_gap_lower=max(float(lower.max()), 0.0),
        worst_state_gap=max(high for _, high in worst) if worst else None,
        worst_state_gap_lower=max(0.0, *(low for low, _ in worst)) if worst else None,
        per_agent=upper, per_agent_lower=lower, witness=gains[agent].witness, witness_agent=agent,
        values=np.array([g.value for g in gains]), method=_method([g.method for g in gains]),
        names=names)


def _check_order(lower: float, upper: float, who: str) -> None:
    """Refuse bounds on a gain that are not finite or contradict each other, or the fact that no
    gain is below 0."""
    if not (np.isfinite(lower) and max(lower, 0.0) <= upper < np.inf):
        raise InputError(f"{who}: the game is too ill-conditioned for float64: the gain would lie "
                         f"{from_to(lower, upper)}")


def _method(methods: list[str]) -> str:
    """The methods' text; where agents differ, which agents each was used for."""
    if len(set(methods)) == 1:
        return methods[0]
    agents = {text: [str(i) for i, other in enumerate(methods) if other == text]
              for text in dict.fromkeys(methods)}
    return "; ".join(f"{text} (agents {', '.join(who)})" for text, who in agents.items())


def _mean(weights: np.ndarray, values: np.ndarray) -> float:
    """sum of weights * values where there is weight, the sum itself correctly rounded."""
    return math.fsum(weights[weights > 0] * values[weights > 0])
