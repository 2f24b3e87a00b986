"""The decision problem of one agent in a game of identical agents, from its arrays alone.

The others' next counts are found by letting one agent after another choose: n - 1 convolutions of
positive numbers, each of a few roundings, and the same for their number on the own edge. What the
agent faces is written out as one `Problem` on its information states; for n = 1,000 on two layers
of two it holds four million probabilities.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from potentia.certificates.decision_problem import Problem
from potentia.games.symmetric.data import SymmetricData


@dataclasses.dataclass(frozen=True)
class _Crowd:
    """The others, for R information states of one agent, before they choose among W moves.

    numbers: [R, U] at each node. probabilities: [R, U, W] of each one's moves. own: [R] the agent's
    own node.
    pay: [R, W, n+1] of its moves, by load.
    """

    numbers: np.ndarray
    probabilities: np.ndarray
    own: np.ndarray
    pay: np.ndarray


def problems(game: SymmetricData, profile: np.ndarray) -> Iterator[Problem]:
    """What one agent faces when the n - 1 others play `profile` [1, H, A]: one problem that stands
    for all agents."""
    n, width, n_states = game.n_agents, game.width, game.n_states
    others = _vectors(n - 1, width)
    rewards, sizes, blocks = [], [], []
    first = 1                                              # information state of the next layer
    for crowd in _crowds(game, profile[0], others):
        for found, mean in zip((rewards, sizes), _mean_pay(crowd), strict=True):
            found.append(mean)
        blocks.append(_leading_to(_next_counts(crowd)[:, _inside(n - 1, width)], width, first,
                                  n_states))
        first += width * len(others)
    last = np.zeros((width * len(others), width))
    last[:, 0] = [game.pay[len(game.pay) - width + v, 0, x[v] + 1] for v in range(width)
                  for x in others]
    at_sink = np.full((1, width), float(game.loop_reward))
    blocks += [_certain(width * len(others), width, n_states - 1, n_states),
               _certain(1, width, 0, n_states) if game.loops else sp.csr_array((width, n_states))]
    magnitude = np.concatenate([*sizes, np.abs(last), np.abs(at_sink)])
    yield Problem(
        rewards=np.concatenate([*rewards, last, at_sink]), kernel=sp.csr_array(sp.vstack(blocks)),
        allowed=np.asarray(game.mask)[0], discount=float(game.discount),
        magnitude=magnitude.max(axis=1),
        operations=n * (2 * width + 3) + len(others) + 8)


def _crowds(game: SymmetricData, policy: np.ndarray, others: np.ndarray) -> Iterator[_Crowd]:
    """The others at the source, then in each layer but the last; policy: [H, W]."""
    n, width, size = game.n_agents, game.width, game.width * len(others)
    pay = np.asarray(game.pay)
    yield _Crowd(np.array([[n - 1]]), policy[:1, None], np.array([0]), pay[:1])
    own, numbers = np.repeat(np.arange(width), len(others)), np.tile(others, (width, 1))
    # Who stands at u sees all but itself: others + e_v - e_u; where nobody is at u it does not
    # matter what.
    seen = numbers[:, None] + np.eye(width, dtype=int)[own][:, None] - np.eye(width, dtype=int)
    index = np.searchsorted(_codes(others, n), _codes(np.maximum(seen, 0), n)) % len(others)
    for layer in range(game.layers - 1):
        rows = policy[1 + layer * size:1 + (layer + 1) * size].reshape(width, -1, width)
        yield _Crowd(numbers, rows[np.arange(width), index], own, pay[1 + layer * width + own])


def _mean_pay(crowd: _Crowd) -> tuple[np.ndarray, np.ndarray]:
    """Mean pay of each move, and the mean of its size, [R, W]."""
    rows = np.arange(len(crowd.own))
    number, probability = crowd.numbers[rows, crowd.own], crowd.probabilities[rows, crowd.own]
    # Ordered so that the states with an agent left to choose come first.
    order, width, most = np.argsort(-number,
                                    kind="stable"), probability.shape[-1], int(number.max())
    number, probability = number[order], probability[order]
    elsewhere = np.stack([np.delete(probability, move, axis=1).sum(axis=1)
                          for move in range(width)], axis=1)
    found = np.zeros((len(rows), width, most + 1))
    found[..., 0] = 1.0
    for chosen in range(most):
        some, upto = slice(0, int((number > chosen).sum())), chosen + 1
        there = found[some, :, :upto] * probability[some, :, None]
        found[some, :, :upto] *= elsewhere[some, :, None]
        found[some, :, 1:upto + 1] += there
    paid, back = crowd.pay[order][..., 1:most + 2], np.argsort(order)
    return (found * paid).sum(axis=-1)[back], (found * np.abs(paid)).sum(axis=-1)[back]


def _next_counts(crowd: _Crowd) -> np.ndarray:
    """Probabilities of the others' next counts, [R, n^(W-1)] by the counts at all nodes but the
    last."""
    upto = crowd.numbers.cumsum(axis=1)
    rows, width = np.arange(len(upto)), crowd.probabilities.shape[-1]
    found = np.ones((len(upto), *[1] * (width - 1)))
    for agent in range(int(upto[0, -1])):
        probability = crowd.probabilities[rows, (upto <= agent).sum(axis=1)]
        grown = np.zeros((len(upto), *[agent + 2] * (width - 1)))
        for move in range(width):
            to = tuple(slice(int(axis == move), agent + 1 + int(axis == move))
                       for axis in range(width - 1))
            grown[:, *to] += found * probability[:, move].reshape(-1, *[1] * (width - 1))
        found = grown
    return found.reshape(len(upto), -1)


def _leading_to(probabilities: np.ndarray, width: int, first: int, n_states: int) -> sp.csr_array:
    """[R*W, H] next information states (move, others' counts) of a layer that begins at `first`."""
    n_rows, size = probabilities.shape
    columns = np.broadcast_to(first + np.arange(width * size).reshape(width, size),
                              (n_rows, width, size))
    data = np.broadcast_to(probabilities[:, None], columns.shape)
    block = sp.csr_array((data.flatten(), columns.flatten(), np.arange(0, columns.size + 1, size)),
                         shape=(n_rows * width, n_states))
    block.eliminate_zeros()
    return block


def _certain(n_rows: int, width: int, target: int, n_states: int) -> sp.csr_array:
    rows = np.arange(n_rows * width)
    return sp.csr_array((np.ones(rows.size), (rows, np.full(rows.size, target))),
                        shape=(rows.size, n_states))


def _vectors(n_agents: int, width: int) -> np.ndarray:
    """[Y, W] counts of so many agents at W nodes, ascending."""
    counted = _counted(n_agents, width)[_inside(n_agents, width)]
    return np.column_stack([counted, n_agents - counted.sum(axis=1)])


def _inside(n_agents: int, width: int) -> np.ndarray:
    """Which counts at all nodes but the last leave no less than nobody there."""
    return _counted(n_agents, width).sum(axis=1) <= n_agents


def _counted(n_agents: int, width: int) -> np.ndarray:
    shape = (n_agents + 1,) * (width - 1)
    return np.indices(shape).reshape(width - 1, math.prod(shape)).T


def _codes(vectors: np.ndarray, n_agents: int) -> np.ndarray:
    """Numbers in the order of the vectors of up to so many agents."""
    return vectors @ (n_agents + 1) ** np.arange(vectors.shape[-1])[::-1]
