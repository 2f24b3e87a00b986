"""Best-response ascent: agents in turn move to a deterministic best response while that gains.

Guarantee. Every move after an agent's first makes the mover's gain certainly positive (its lower
bound is above 0, rounding included). In a Markov potential game (Definition 2 of Fox, McAleer,
Overman and Panageas, arXiv 2110.10614) such a move raises the potential by as much, and there are
finitely many pure profiles, so that the ascent ends, and ends at a Nash profile (Monderer and
Shapley, Potential Games, 1996, for one state). A profile that repeats is a cycle of gains, which no
potential allows.

With full information a gain counts in any state that play can reach from the initial distribution
(Definition 1); with local policies it counts from the initial distribution, and the response is the
lumped problem's (`certificates.local`), which is exact where lumping is.

A profile is called Nash with full information if no single action, once, gains beyond rounding (as
in `enumeration`), with local policies if `certify` leaves no gap. Either is measured by rewards
that the profile is paid.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp

from potentia.certificates import local
from potentia.certificates.decision_problem import Horizon, Problem, best_policy, horizon, value_of
from potentia.certificates.equilibrium import certify
from potentia.certificates.joint_actions import reachable
from potentia.certificates.tabular import agent_problem, by_state, sizes
from potentia.equilibria.results import CYCLED, LIMIT, NASH, UNPROVEN, Ascent
from potentia.equilibria.start import mean_at_start, values_at_start
from potentia.errors import InputError, whole_number
from potentia.game import Game
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.names import names_of
from potentia.profile import checked
from potentia.runtime.float64 import float64_on_one_blas_thread

# a certified gap below this share of what a profile is paid in absolute value is rounding
ROUNDING = 1e-9


def ascend(game: Game, profile: object, *, limit: int = 10_000) -> Ascent:
    """Climb from `profile` [N, H, A] to a pure equilibrium, one agent's best response at a time.

    limit: most moves, at least 0.
    Raises InputError if the game is not tabular, naming the profile's first bad row, or where
    `certify` would.
    """
    game = as_table(game, "ascend needs")
    start = checked(profile, np.asarray(game.mask), names_of(game))
    most = whole_number(limit, "limit")
    # What overflows is refused, here or by `certify`.
    with float64_on_one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        stops = _starts(game)
        profiles, path, gains, status = _climb(game, start, np.asarray(stops.initial) > 0, most)
        gap = (certify(stops, profiles[-1]).nash_gap * (1 if not game.full_information
                                                        else np.sum(stops.initial > 0)))
        if status == NASH and not _proven(stops, profiles[-1], gap):
            status = UNPROVEN
        potential = [game.potential(each) for each in profiles]
        return Ascent(profile=profiles[-1], status=status, path=tuple(path),
                      gains=np.array(gains, np.float64),
                      values=values_at_start(game, profiles), gap=float(gap),
                      potential=None if potential[0] is None else np.array(potential, np.float64),
                      names=game.names)


def _proven(game: MarkovGame, profile: np.ndarray, gap: float) -> bool:
    return (_at_rest(game, profile) if game.full_information
            else gap <= ROUNDING * _paid(game, profile))


def _at_rest(game: MarkovGame, profile: np.ndarray) -> bool:
    """Whether nobody gains by one action, once, in any state where the game starts, beyond
    rounding."""
    table, policies, counted = game.transitions.csr(), by_state(game, profile), np.asarray(
        game.initial) > 0
    return all(_rests(agent_problem(game, table, policies, i), sizes(game, policies, i),
                      policies[i], counted)
               for i in range(game.n_agents))


def _rests(problem: Problem, size: np.ndarray, own: np.ndarray, counted: np.ndarray) -> bool:
    values = value_of(problem, own)
    gain = problem.best(problem.backup(values)) - values
    return bool(
        (gain <= 2 * sum(_around(problem, size, horizon(problem), (own, values))))[counted].all())


def _around(problem: Problem, size: np.ndarray, reach: Horizon,
            found: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """How far below and above [S] a (policy, values) pair can be off: rounding follows the rewards
    it is paid."""
    paid = np.where(found[0] > 0, size, 0.0).max(axis=1)
    return reach.around(dataclasses.replace(problem, magnitude=paid), *found)


def _paid(game: MarkovGame, profile: np.ndarray) -> float:
    """The most that the profile pays any agent in absolute value from the initial distribution."""
    absolute = dataclasses.replace(game, rewards=np.abs(np.asarray(game.rewards)))
    return float(values_at_start(absolute, [profile]).max())


def _starts(game: MarkovGame) -> MarkovGame:
    """The game started where gains count: evenly in every reachable state, or as it is for local
    policies."""
    if not game.full_information:
        return game
    reached = reachable(game)
    return dataclasses.replace(game, initial=reached / reached.sum())


def _climb(game: MarkovGame, profile: np.ndarray, counted: np.ndarray,
           most: int) -> tuple[list[np.ndarray], list[int], list[float], str]:
    """Profiles, movers and gains along the path, and why it ended."""
    table = game.transitions.csr()
    profiles, path, gains, known = [profile], [], [], {profile.tobytes()}
    agent, settled = 0, 0
    while settled < game.n_agents:
        response, gain, sure = _response(game, table, profile, agent, counted)
        if sure or not _is_pure(profile[agent]):
            if len(path) == most:
                return profiles, path, gains, LIMIT
            profile = profile.copy()
            profile[agent] = response
            profiles.append(profile)
            path.append(agent)
            gains.append(gain)
            if profile.tobytes() in known:
                return profiles, path, gains, CYCLED
            known.add(profile.tobytes())
            settled = 0
        settled += 1
        agent = (agent + 1) % game.n_agents
    return profiles, path, gains, NASH


def _is_pure(policy: np.ndarray) -> bool:
    return bool((policy.max(axis=1) == 1).all())


def _response(game: MarkovGame, table: sp.csr_array, profile: np.ndarray, agent: int,
              counted: np.ndarray) -> tuple[np.ndarray, float, bool]:
    """The agent's best response [H, A], what it gains where gains are counted, and whether it gains
    for certain."""
    policies = by_state(game, profile)
    try:
        problem, size = agent_problem(game, table, policies, agent), sizes(game, policies, agent)
        reach, seen = horizon(problem), np.asarray(game.information)[agent]
        own = profile[agent][seen, :problem.rewards.shape[1]]
        current = own, value_of(problem, own)
        respond = _full_response if game.full_information else _local_response
        policy, best = respond(game, problem, reach, current[1], agent)
    except InputError as error:
        raise InputError(f"agent {agent}: {error}") from None
    gain = best[1] - current[1]
    sure = gain - _around(problem, size, reach, best)[0] - _around(problem, size, reach, current)[1]
    response = np.zeros(profile.shape[1:])
    response[:, :policy.shape[1]] = policy
    if game.full_information:
        return response, float(gain[counted].max()), bool((sure[counted] > 0).any())
    return response, mean_at_start(game, gain), mean_at_start(game, sure) > 0


def _full_response(game: MarkovGame, problem: Problem, reach: Horizon, current: np.ndarray,
                   agent: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """A best policy by information state [H, A], and by state [S, A] with its values."""
    policy, values = best_policy(problem, current)
    by_information = np.zeros((np.asarray(game.mask).shape[1], policy.shape[1]))
    by_information[np.asarray(game.information)[agent]] = policy
    return by_information, (policy, values)


def _local_response(game: MarkovGame, problem: Problem, reach: Horizon, current: np.ndarray,
                    agent: int) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """The lumped problem's best policy by information state [H, A], and by state [S, A] with its
    values."""
    seen = np.asarray(game.information)[agent]
    mask = np.asarray(game.mask)[agent, :, :problem.rewards.shape[1]]
    policy = local.lump(problem, reach, seen, mask, np.asarray(game.initial),
                        np.asarray(game.absorbing)).best_local()
    return policy, (policy[seen], value_of(problem, policy[seen]))
