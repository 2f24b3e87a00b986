"""Best responses of an agent that sees less than the state.

Let b(s | h) be any distributions of the state given the information, mu_H the start by information,
and p(h' | h, a) = sum_s b(s | h) P_a(s, h'), r(h, a) = sum_s b(s | h) r(s, a) the problem lumped by
b. For every local policy, with y its discounted visits to the information states of the lumped
problem,

    V(mu) = y r - e V,        e = (mu_H b - mu) + discount y (p b - b P),

so that |e V| is at most a start error plus the visits times a one-step error times a bound on |V|.
Adding that error to the lumped rewards makes their best value an upper bound for every local
policy, whatever b is. Where b does not depend on the agent's own policy the error is rounding
alone: lumping is then exact (weak lumpability; Kemeny and Snell, Finite Markov Chains, 1960,
section 6.4), as when agents move on their own in one layer. States where play has ended are worth 0
and take no part.

The lower bound is an explicit local policy, evaluated on the states.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import scipy.sparse as sp

from potentia.certificates.decision_problem import (
    UNIT,
    Horizon,
    Problem,
    System,
    best_policy,
    horizon,
)

CLIMBS = 40                       # most improvements of a witness where lumping is not exact
SHARES = 0.5 ** np.arange(12)     # how much of the improving policy is tried


@dataclasses.dataclass(frozen=True)
class Lumped:
    """An agent's problem by information state, and what lumping can hide.

    plain: the lumped problem, H states. hidden: [H, A] one-step errors. start: [H] mu by
    information.
    start_error: that of the start.
    """

    plain: Problem
    hidden: np.ndarray
    start: np.ndarray
    start_error: float

    def best_local(self) -> np.ndarray:
        """The lumped problem's best policy, [H, A]."""
        return best_policy(self.plain, np.zeros(self.start.size))[0]

    def upper(self) -> float:
        """Upper bound on V(mu) over all local policies."""
        rewards = self.plain.rewards + self.hidden
        hopeful = dataclasses.replace(self.plain, rewards=rewards,
                                      magnitude=np.abs(rewards).max(axis=1))
        _, values = best_policy(hopeful, np.zeros(self.start.size))
        above = horizon(hopeful).above_best(hopeful, values)
        reached = self.start > 0
        return math.fsum(self.start[reached] * (values + above)[reached]) + self.start_error


def lump(problem: Problem, reach: Horizon, seen: np.ndarray, mask: np.ndarray, initial: np.ndarray,
         absorbing: np.ndarray) -> Lumped:
    """Lump `problem` by `seen` [S], what the agent sees, with the beliefs of its uniform policy.

    mask: [H, A] actions by information state. initial: [S]. absorbing: [S].
    """
    n_info, n_actions = mask.shape
    # Lumping adds up the states behind one information state: that many more roundings.
    precision = problem.relative_error + UNIT * (int(np.bincount(seen).max()) + 8)
    start = np.where(absorbing, 0.0, initial)
    uniform = mask / mask.sum(axis=1, keepdims=True)
    # [H, S]
    belief = _beliefs(System(problem, uniform[seen]).visits(start), seen, n_info, absorbing)
    group = sp.csr_array((np.where(absorbing, 0.0, 1.0), (np.arange(seen.size), seen)),
                         (seen.size, n_info))
    flow = sp.csr_array(sp.kron(belief, sp.eye_array(n_actions)) @ problem.kernel)  # [H*A, S]
    lumped = sp.csr_array(flow @ group)
    largest = reach.bound(problem.magnitude)                    # of |V| under any policy, by state
    # What reaches a state where play has ended is worth 0.
    largest = np.where(absorbing, 0.0, largest)
    error = abs(sp.csr_array(lumped @ belief) - flow) @ largest
    rounding = precision * ((belief @ problem.magnitude)[:, None]
                            + problem.discount * (flow @ largest).reshape(mask.shape))
    hidden = problem.discount * error.reshape(mask.shape) + rounding
    by_info = group.T @ start
    start_error = np.abs(belief.T @ by_info - start) @ largest + precision * (start @ largest)
    rewards = belief @ problem.rewards
    plain = Problem(rewards=rewards, kernel=lumped, allowed=mask, discount=problem.discount,
                    magnitude=np.abs(rewards).max(axis=1), operations=problem.operations + n_info)
    return Lumped(plain, hidden, by_info, float(start_error))


def _beliefs(visits: np.ndarray, seen: np.ndarray, n_info: int,
             absorbing: np.ndarray) -> sp.csr_array:
    """b(s | h), [H, S]: visits normalised in each information state, uniform where it is never
    reached."""
    live = ~absorbing
    reached = np.bincount(seen, visits * live, n_info)[seen] > 0
    weights = np.where(reached, visits, 1.0) * live
    total = np.bincount(seen, weights, n_info)[seen]
    share = weights / np.where(total > 0, total, 1.0)
    return sp.csr_array((share, (seen, np.arange(seen.size))), shape=(n_info, seen.size))


def climb(problem: Problem, policy: np.ndarray, seen: np.ndarray, mask: np.ndarray,
          initial: np.ndarray) -> np.ndarray:
    """A local policy [H, A] at least as good as `policy`, by steps towards its conditional best
    actions."""
    system, value = _local_value(problem, policy, seen, initial)
    for _ in range(CLIMBS):
        target = _conditionally_best(problem, system, policy, seen, mask, initial)
        for share in SHARES:
            trial = (1 - share) * policy + share * target
            found_system, found = _local_value(problem, trial, seen, initial)
            if found > value + 1e-13 * (1 + abs(value)):
                policy, system, value = trial, found_system, found
                break
        else:
            break
    return policy


def _local_value(problem: Problem, policy: np.ndarray, seen: np.ndarray,
                 initial: np.ndarray) -> tuple[System, float]:
    system = System(problem, policy[seen])
    return system, float(initial @ system.solve((policy[seen] * problem.rewards).sum(axis=1)))


def _conditionally_best(problem: Problem, system: System, policy: np.ndarray, seen: np.ndarray,
                        mask: np.ndarray, initial: np.ndarray) -> np.ndarray:
    """In each reached information state the action of the best mean Q over its states, as a policy
    [H, A]."""
    values = system.solve((policy[seen] * problem.rewards).sum(axis=1))
    visits = system.visits(initial)
    total = np.bincount(seen, visits, mask.shape[0])
    pooled = np.zeros(mask.shape)
    np.add.at(pooled, seen, visits[:, None] * problem.backup(values))
    target = np.eye(mask.shape[1])[np.where(mask, pooled, -np.inf).argmax(axis=1)]
    return np.where(total[:, None] > 0, target, policy)
