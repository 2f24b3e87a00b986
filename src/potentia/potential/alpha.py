"""How far a game is from a potential game: alpha = inf over Phi of the largest |dPhi - dV_i| over
starting states, agents and deviations (Guo, Li, Maheshwari, Sastry and Wu, Markov alpha-potential
games, arXiv 2305.12553).

Above: take any stage potential phi and shaping h_i, and let e_i = r_i - phi - h_i + discount P h_i.
Then V_i - Phi = h_i + W_i, with W_i the value of e_i, and a deviation of agent i changes W_i by the
expected sum, over the play that it leads to, of e_i(a) + discount P(a) W_i - e_i(b) - discount P(b)
W_i, where a and b differ in i's action only. Each is at most

    c_i(s, a) = max over own b of |e_i(a) - e_i(b)| + discount TV(P(. | a), P(. | b)) span(W_i),

so that alpha is at most the value of the planner who is paid c_i. It is also at most what separates
the largest from the least W_i in a state, which come, as span(W_i) does, from the planners who are
paid e_i and -e_i. All are control problems over joint actions, solved with bounds on their own
error. Any phi and h_i prove something; least squares chooses them. Below: a fourth of any
four-cycle (see `cycles`).
"""

from __future__ import annotations

import itertools

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg  # noqa: F401  (lsqr is reached through sp.linalg)

from potentia.certificates.decision_problem import best_policy, horizon
from potentia.potential.residual import ROUNDING
from potentia.potential.subject import Subject
from potentia.potential.symmetry import is_symmetric, unknowns

# weights of the level of e_i beside its differences, one candidate each
LEVELS = (0.0, 0.03, 0.3, 1.0)
STEPS = 300
MOST_CELLS = 3_000_000           # agents times cells


def affordable(subject: Subject) -> bool:
    """Whether the planners' problems can be solved in seconds."""
    return subject.playable.size * len(subject.counts) <= MOST_CELLS and len(subject.states) <= 600


def upper_bound(subject: Subject) -> float:
    """The least of the bounds that least squares gives."""
    agents = [0] if is_symmetric(subject) else list(range(len(subject.counts)))
    return min(_bounds(subject, agents, *_rests(subject, agents, level)) for level in LEVELS)


def _bounds(subject: Subject, agents: list[int], rests: np.ndarray, rounding: float) -> float:
    return max(_bound(subject, agent, rest, rounding)
               for agent, rest in zip(agents, rests, strict=True))


def _rests(subject: Subject, agents: list[int], level: float) -> tuple[np.ndarray, float]:
    """Rests e_i [agents, S, J] after the phi and h_i for which the squares of their differences in
    the own action, and of `level` times themselves, are least; and how far rounding may have put
    them off."""
    phi, shaping = unknowns(subject), _shaping(subject)
    weigh = [_weigher(subject, agent, level) for agent in agents]
    rewards = np.moveaxis(subject.rewards[:, :, agents], -1, 0).reshape(len(agents), -1)
    blocks = [[weigh[k] @ phi] + [weigh[k] @ shaping if k == m else None
                                  for m in range(len(agents))]
              for k in range(len(agents))]
    right = np.concatenate([w @ r for w, r in zip(weigh, rewards, strict=True)])
    found = sp.linalg.lsmr(sp.csr_array(sp.block_array(blocks)), right, atol=1e-14, btol=1e-14,
                           maxiter=STEPS)[0]
    common, own = found[:phi.shape[1]], found[phi.shape[1]:].reshape(len(agents), -1)
    rest = rewards - phi @ common - (shaping @ own.T).T
    size = (np.abs(rewards).max() + np.abs(common).max(initial=0.0)
            + 2 * np.abs(own).max(initial=0.0))
    return np.where(subject.playable, rest.reshape(len(agents), *subject.playable.shape),
                    0.0), float(ROUNDING * size)


def _shaping(subject: Subject) -> sp.csr_array:
    """[S*J, S] h(s) - discount E h(s') of each cell; h is 0 where play has ended."""
    here = sp.kron(sp.diags_array(subject.live.astype(float)),
                   np.ones((subject.playable.shape[1], 1)))
    return sp.csr_array(here - subject.discount * subject.kernel
                        @ sp.diags_array(subject.live.astype(float)))


def _weigher(subject: Subject, agent: int, level: float) -> sp.csr_array:
    """[S*J, S*J] a cell's difference from the mean over the own actions, plus `level` times that
    mean."""
    shape = (subject.playable.shape[0], *subject.counts)
    playable = subject.playable.reshape(shape).astype(float)
    count = playable.sum(axis=agent + 1, keepdims=True)
    share = np.broadcast_to((1.0 - level) / np.maximum(count, 1), shape) * playable
    numbers = np.arange(playable.size).reshape(shape)
    first = np.broadcast_to(numbers.take([0], axis=agent + 1), shape).ravel()
    live = playable.ravel()
    gather = sp.csr_array((live, (first, numbers.ravel())), (numbers.size, numbers.size))
    shares = sp.csr_array((share.ravel(), (numbers.ravel(), first)), (numbers.size, numbers.size))
    return sp.csr_array(sp.diags_array(live) - shares @ gather)


def _bound(subject: Subject, agent: int, rest: np.ndarray, rounding: float) -> float:
    """Upper bound on |dPhi - dV_i| of one agent from its rest e_i [S, J], each off by at most
    `rounding`."""
    off = np.where(subject.playable, rounding, 0.0)
    most, least = _best(subject, rest + off), -_best(subject, off - rest)
    paid = np.zeros_like(rest)
    for a, b in itertools.permutations(range(subject.counts[agent]), 2):
        cells, other = _own_pair(subject, agent, a, b)
        apart = 0.5 * abs(subject.kernel[cells] - subject.kernel[other]).sum(axis=1) + ROUNDING
        change = (np.abs(rest.ravel()[cells] - rest.ravel()[other])
                  + subject.discount * apart * (most.max() - least.min()))
        np.maximum.at(paid.ravel(), cells, change + 2 * rounding)
    return float(min(_best(subject, paid).max(), (most - least).max()))


def _own_pair(subject: Subject, agent: int, a: int, b: int) -> tuple[np.ndarray, np.ndarray]:
    """The cells with own action a, and the same with own action b, where both exist."""
    numbers = np.arange(subject.playable.size).reshape(-1, *subject.counts)
    cells, other = (numbers.take(action, axis=agent + 1).ravel() for action in (a, b))
    both = subject.playable.ravel()[cells] & subject.playable.ravel()[other]
    return cells[both], other[both]


def _best(subject: Subject, stage: np.ndarray) -> np.ndarray:
    """[S] upper bound on the most that a planner paid `stage` [S, J] can get."""
    problem = subject.planner(stage)
    _, values = best_policy(problem, np.zeros(len(stage)))
    return values + horizon(problem).above_best(problem, values)
