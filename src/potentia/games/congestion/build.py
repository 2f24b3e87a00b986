"""Checks and lays out what a congestion game is built from."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.errors import InputError, known_name, one_line, whole_number
from potentia.games.checks import array_of, discount_of, distribution, name_of
from potentia.games.congestion import configurations
from potentia.games.congestion.data import CongestionData
from potentia.games.congestion.layout import layout
from potentia.games.limits import COPIES, check_agents, short
from potentia.runtime.memory import physical_memory

MOST_SHARDS = 1024  # each adds states that stand for nothing, and no machine has so many devices


@dataclasses.dataclass(frozen=True)
class _Play:
    """How play goes on from each configuration: level [K] (-1: ended) that every step lowers, most
    steps until it ends or is back (None: neither need happen), steps until it is surely back [K]
    (or None)."""

    level: np.ndarray
    depth: int | None
    back: np.ndarray | None


def from_network(moves: object, rewards: object, *, n_agents: int, discount: float,
                 start: object = None,
                 states: str = "reachable", initial: object = None, shards: int = 1,
                 name: str = "congestion") -> CongestionData:
    """What `CongestionGame.from_network` says."""
    n_agents, shards = whole_number(n_agents, "n_agents", 1), whole_number(shards, "shards", 1)
    check_agents(n_agents)
    if shards > MOST_SHARDS:
        raise InputError(
            f"shards is {short(shards)}, but states are split in at most {MOST_SHARDS:,} parts")
    moves = _checked_moves(moves)
    starts = _checked_start(start, n_agents, len(moves))
    every = known_name(states, ("reachable", "all"), "states") == "all"
    check_states(len(moves)**n_agents if every else configurations.most(moves, starts), n_agents,
                 moves.shape[1])
    digit_weights = configurations.digit_weights(len(moves), n_agents)
    codes = (np.arange(len(moves)**n_agents) if every
             else configurations.reachable(moves, digit_weights, starts @ digit_weights))
    nodes = configurations.nodes_of(codes, len(moves), digit_weights)
    pay = _checked_pay(rewards, moves, nodes)
    gamma = discount_of(discount)
    play = _play(moves, pay, nodes, starts)
    if gamma == 1 and (play.depth is None or play.back is not None):
        raise InputError(
            "discount is 1, but play need not end: the network has a cycle; give a discount below "
            "1")
    plan = layout(moves, digit_weights, codes, nodes, play.level, pay, shards)
    real = plan.rank >= 0
    mask = np.zeros((n_agents, plan.rank.size, moves.shape[1]), bool)
    mask[:, ~real, 0] = True
    mask[:, real] = (moves >= 0)[nodes[plan.rank[real]].T]
    by_state = np.zeros(plan.rank.size)
    by_state[plan.position] = _checked_initial(initial, nodes,
                                               np.searchsorted(codes, starts @ digit_weights))
    return CongestionData(
        moves=moves.astype(np.int64), pay=pay, initial=by_state, discount=gamma, mask=mask,
        configurations=np.where(real[:, None], nodes[plan.rank], -1).astype(np.int32), codes=codes,
        position=plan.position, groups=plan.groups, depth=play.depth, undiscounted=bool(gamma == 1),
        shards=shards,
        back=None if play.back is None else np.where(real, gamma ** play.back[plan.rank], 0.0),
        home=None if play.back is None
        else int(plan.position[np.searchsorted(codes, starts[0] @ digit_weights)]),
        starts=tuple(map(tuple, starts.tolist())), states=states, name=name_of(name))


def check_states(n_states: int, n_agents: int, n_actions: int) -> None:
    """Refuse a game whose solve would not fit in the machine's memory, with the numbers."""
    size = solve_bytes(n_states, n_agents, n_actions)
    if size > physical_memory():
        raise InputError(f"{n_agents:,} agents have {short(n_states)} joint states, whose profiles "
                         f"and values need {short(size // 10**6)} MB, but this machine has "
                         f"{physical_memory() // 10**6:,} MB; 'anonymous-congestion' fits "
                         f"identical agents that play alike")


def solve_bytes(n_states: int, n_agents: int, n_actions: int) -> int:
    """What a solve holds at most, in bytes: arrays as large as a profile, and what each agent is
    paid or where it stands in each state."""
    return 8 * n_states * n_agents * (COPIES * n_actions + 2)


def _play(moves: np.ndarray, pay: np.ndarray, nodes: np.ndarray, starts: np.ndarray) -> _Play:
    used = np.zeros(len(moves), bool)
    used[nodes] = True
    ends = ((moves[:, 0] == np.arange(len(moves))) & (moves[:, 1:] < 0).all(axis=1)
            & (pay[:, 0] == 0).all(axis=1))
    left = configurations.steps_left(moves, ends | ~used)
    if left is not None:
        level = left[1][nodes].max(axis=1)
        return _Play(level - 1, int(level.max()), None)
    home = starts[0, 0]
    if len(starts) == 1 and (starts == home).all():
        leads_home = ((moves == home) | (moves < 0)).all(axis=1)
        left = configurations.steps_left(moves, leads_home | ~used)
        if left is not None and (left[0] == left[1])[used].all() and np.ptp(left[1][nodes],
                                                                            axis=1).max() == 0:
            level = left[1][nodes[:, 0]]
            return _Play(level, int(level.max()) + 1, level + 1)
    return _Play(np.zeros(len(nodes), int), None, None)


def _checked_moves(moves: object) -> np.ndarray:
    array = array_of(moves, "moves", whole=True)
    if array.ndim != 2 or not array.size:
        raise InputError(f"moves has shape {array.shape}, but it must be a table [V, A]")
    for node, move in np.argwhere((array < -1) | (array >= len(array))):
        raise InputError(f"moves[node={node}, move={move}] is {array[node, move]}, but there are "
                         f"nodes 0 to {len(array) - 1}")
    missing = array < 0
    for node, move in np.argwhere(missing[:, :-1] & ~missing[:, 1:]):
        raise InputError(f"moves[node={node}, move={move}] is -1, but another move comes after it")
    for node, in np.argwhere(missing.all(axis=1)):
        raise InputError(f"node {node} has no move; an end has one, to itself")
    return array.astype(np.int64)


def _checked_start(start: object, n_agents: int, n_nodes: int) -> np.ndarray:
    array = np.atleast_2d(array_of([0] * n_agents if start is None else start, "start", whole=True))
    if array.ndim != 2 or array.shape[1] != n_agents or not array.size:
        raise InputError(
            f"start has shape {array.shape}, but it must be one node for each of {n_agents} agents")
    for row, agent in np.argwhere((array < 0) | (array >= n_nodes)):
        raise InputError(f"start[{row}] puts agent {agent} on node {array[row, agent]}, but there "
                         f"are nodes 0 to {n_nodes - 1}")
    return array


def _checked_pay(rewards: object, moves: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """[V, A, N+1] pay by load 0..N, 0 where a load cannot be."""
    n_agents = nodes.shape[1]
    array = array_of(rewards, "rewards")
    if array.shape != (*moves.shape, n_agents):
        raise InputError(f"rewards has shape {array.shape}, but it must be "
                         f"{(*moves.shape, n_agents)}, by node, move and load")
    most = np.zeros(len(moves), int)
    for node in np.unique(nodes):
        most[node] = (nodes == node).sum(axis=1).max()
    pay = np.concatenate([np.zeros((*moves.shape, 1)), array], axis=2)
    possible = (moves >= 0)[..., None] & (np.arange(n_agents + 1) <= most[:, None, None])
    for node, move, load in np.argwhere(possible & ~np.isfinite(pay)):
        raise InputError(
            f"rewards[node={node}, move={move}] at load {load} is {pay[node, move, load]}, not "
            f"finite")
    return np.where(possible, pay, 0.0)


def _checked_initial(initial: object, nodes: np.ndarray, starts: np.ndarray) -> np.ndarray:
    if initial is None:
        weight = np.zeros(len(nodes))
        np.add.at(weight, starts, 1.0 / starts.size)
        return weight
    try:
        weights = initial(nodes) if callable(initial) else initial
    except Exception as error:
        raise InputError(
            f"initial cannot be computed: "
            f"{one_line(f'{type(error).__name__}: {error}')}") from error
    return distribution(weights, len(nodes))
