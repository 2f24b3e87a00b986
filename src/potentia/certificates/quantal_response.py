"""How far a profile is from a quantal response equilibrium, by the certificate's evaluators.

A logit quantal response equilibrium at temperature tau is a profile with

    pi_i(.|s) = softmax(Q_i(s, .) / tau),
    Q_i(s, a) = E [r_i(s, a) + discount V_i(s')],
    V_i(s) = sum over a of pi_i(a|s) (Q_i(s, a) - tau log pi_i(a|s))

(McKelvey and Palfrey 1995 for games of one state; the soft values are those of Cen, Cheng, Chen,
Wei and Chi, arXiv 2007.06558). Q and V are found from each agent's decision problem, one linear
system in float64, by code that no oracle shares. Where play has ended V is 0.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.certificates.decision_problem import Problem, System, value_of
from potentia.certificates.equilibrium import (
    equal_table,
    only_profile,
    problems_of,
    with_states,
)
from potentia.errors import InputError, positive_number
from potentia.game import HasStates
from potentia.games.roads.data import RoadData
from potentia.profile import checked
from potentia.result import Result
from potentia.runtime.float64 import float64_on_one_blas_thread

SOURCE = "McKelvey, Palfrey 1995, Games and Economic Behavior 10; Cen et al., arXiv 2007.06558"


def quantal_response_residual(game: object, profile: object, temperature: float) -> float:
    """The largest |pi_i(a|h) - softmax(Q_i(h, .)/tau)(a)|, over agents, information states and
    actions: 0 at a quantal response equilibrium, at most 1.

    game: any but roads; a user's own is read by its `tabular()`. profile: [N, H, A], or
        the `Result` of one run.
    temperature: tau, positive, in units of the reward.

    With full information all states count, visited or not, save those in which play has ended.
    Where an agent sees less, Q(h, .) is the mean over the states behind h by how often play comes
    there, as in learning, and information states that play never comes to do not count.
    It is a number found in float64, not a bound. Raises InputError as `certify` does, and naming a
    temperature that is not positive.
    """
    tau = positive_number(temperature, "temperature")
    if isinstance(profile, Result):
        profile = only_profile(profile)
    if isinstance(game, RoadData):
        raise InputError(f"game is a {type(game).__name__}, whose agents have no table of states; "
                         f"give its normal_form() or, with a horizon, its tabular()")
    problems = problems_of(game)
    if problems is None:
        return quantal_response_residual(equal_table(game), profile, tau)
    states = with_states(game)
    array = checked(profile, np.asarray(states.mask))
    with float64_on_one_blas_thread():
        return max(_residual(states, problem, array[agent], agent, tau)
                   for agent, problem in enumerate(problems(game, array)))


def _residual(game: HasStates, problem: Problem, own: np.ndarray, agent: int,
              tau: float) -> float:
    """Of one agent with the policy `own` [H, A]."""
    n_actions = problem.rewards.shape[1]
    own, seen = own[:, :n_actions], np.asarray(game.information)[agent]
    mask = np.asarray(game.mask)[agent][:, :n_actions]
    live = ~np.asarray(game.absorbing)
    q = _soft_action_values(problem, own[seen], live, tau)
    if game.full_information:
        weights = live.astype(np.float64)
    else:
        weights = System(problem, own[seen]).visits(np.asarray(game.initial)) * live
    total = np.bincount(seen, weights, len(own))
    pooled = np.zeros(own.shape)
    np.add.at(pooled, seen, weights[:, None] * np.where(problem.allowed, q, 0.0))
    counts = total > 0
    from scipy.special import softmax  # 0.03 s that few certificates need
    logits = np.where(mask, pooled, -np.inf)[counts] / (total[counts, None] * tau)
    response = softmax(logits, axis=1)
    return float(np.abs(own[counts] - response).max(initial=0.0))


def _soft_action_values(problem: Problem, policy: np.ndarray, live: np.ndarray,
                        tau: float) -> np.ndarray:
    """[S, A] of a policy [S, A]: the bonus is part of the values, which no action changes, and not
    of the rewards that they are backed up with."""
    from scipy.special import entr
    bonus = tau * entr(policy).sum(axis=1) * live
    paid = dataclasses.replace(problem, rewards=problem.rewards + bonus[:, None])
    return problem.backup(value_of(paid, policy))
