"""A routing game by destination, reduced to the choices that its bush leaves.

Near an equilibrium most nodes that a trip passes have one link left on it: of 320,000 rows of a
city of 916 nodes 31,000 have more. What follows such a node is no choice, so that the links up to
the next one are taken together, as one action, and an iteration is one of a game a tenth as large,
with the same costs and the same loads. (Networks are reduced so for shortest paths: Geisberger,
Sanders, Schultes and Delling 2008, "Contraction hierarchies".)

Agents make loads where they have no choice, too: for those of each class stands a row whose one
action takes each link as often as they do together.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple, TypeVar

import numpy as np

from potentia.games.roads import bushes
from potentia.games.roads.contracted_rows import ContractedRows
from potentia.games.roads.data import RoadData
from potentia.games.roads.rows import Rows

SMALLER = 4               # times as many rows as are left, at least
NEAR = 1e-3               # of its node's cost, what an unused link of a bush may cost more

Game = TypeVar("Game", bound=RoadData)


def serves(game: RoadData) -> bool:
    """Whether the game is large, and its types share rows: loads are then sums over what rows do,
    whatever it costs (`build` takes no other costs there)."""
    return game.shared is not None and not game.small


def contracted(game: Game) -> tuple[Game, np.ndarray] | None:
    """The game reduced to the choices on its bush, and [C] which row of the whole game each of its
    rows is, R where it is none; None where that does not serve or leaves too many."""
    if not serves(game):
        return None
    rows, allowed, begun = game.rows, np.asarray(game.bush.mask), np.asarray(game.trips.start)
    passed, several = bushes.passed(rows, allowed, begun > 0), allowed.sum(axis=1) > 1
    choices, kinds = np.flatnonzero(passed & several), _kinds(game)
    n_kinds = int(kinds.max()) + 1
    capacity = _rounded_up(len(choices) + n_kinds)
    if capacity * SMALLER > len(rows.node):
        return None
    forced = _forced(rows, allowed, passed & ~several)
    standing = np.full(len(rows.node) + 1, capacity)
    standing[choices] = np.arange(len(choices))
    following, entries = _actions(rows, allowed, choices, forced, standing)
    start, unchosen = _begun(begun, kinds, n_kinds, rows.n_links, forced, standing)
    without = slice(len(choices), len(choices) + n_kinds)
    start[without] = 1.0
    kind, link = np.nonzero(unchosen)
    mask = _filled(allowed[choices], capacity, False)
    mask[len(choices):, 0] = True
    group = rows.group.clip(0)
    agents = np.bincount(group, begun)[group[choices]]
    small = _rows(
        rows, choices, following, mask, _filled(agents, capacity, 0.0),
        (*entries, ((len(choices) + kind) * allowed.shape[1], link, unchosen[kind, link])))
    of_row = _filled(kinds[choices], capacity, 0)
    of_row[without] = np.arange(n_kinds)
    return (_of(game, small, start, of_row), _filled(choices, capacity, len(rows.node)))


class _Forced(NamedTuple):
    """[R + 1] rows that trips pass without a choice, not the end, R; the row that follows each and
    the link that leads there."""

    here: np.ndarray
    following: np.ndarray
    link: np.ndarray


Entries = tuple[np.ndarray, np.ndarray, np.ndarray]       # as `ContractedRows` has them


def _kinds(game: RoadData) -> np.ndarray:
    """[R] class of each row; 0 where there are none."""
    return (np.zeros(len(game.rows.node), np.int64) if game.classes is None
            else np.asarray(game.classes.of_row).astype(np.int64))


def _rounded_up(number: int) -> int:
    """To 4, 5, 6 or 7 times a power of 2, so that few programs serve all bushes."""
    unit = 1 << max((number - 1).bit_length() - 3, 0)
    return -(-number // unit) * unit


def _filled(array: np.ndarray, size: int, value: float) -> np.ndarray:
    """`array` [n, ...] as [size, ...], with `value` after what there is."""
    found = np.full((size, *array.shape[1:]), value, array.dtype)
    found[:len(array)] = array
    return found


def _forced(rows: Rows, allowed: np.ndarray, here: np.ndarray) -> _Forced:
    at = np.flatnonzero(here)
    action = allowed[at].argmax(axis=1)
    following, link = np.full((2, len(here) + 1), len(here))
    following[at] = rows.following[at, action]
    link[at] = rows.links[at // rows.size, action]
    return _Forced(np.append(here, False), following, link)


def _walked(forced: _Forced, at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The links that lead from the rows `at` to the next choice or the end, as numbers of those who
    walk and links; and the row [n] where each comes to one."""
    walkers, last = np.arange(len(at)), at.copy()
    found: list[np.ndarray] = [np.empty((2, 0), np.int64)]
    while (walkers := walkers[forced.here[last[walkers]]]).size:
        found.append(np.stack([walkers, forced.link[last[walkers]]]))
        last[walkers] = forced.following[last[walkers]]
    who, link = np.concatenate(found, axis=1)
    return who, link, last


def _actions(rows: Rows, allowed: np.ndarray, choices: np.ndarray, forced: _Forced,
             standing: np.ndarray) -> tuple[np.ndarray, tuple[Entries, Entries]]:
    """[n, A] the choice that each action of the `choices` [n] leads to, and the links that it
    takes; standing: [R + 1] where rows are among the choices."""
    n_actions = allowed.shape[1]
    row, action = np.nonzero(allowed[choices])
    at, code = choices[row], row * n_actions + action
    who, link, last = _walked(forced, rows.following[at, action].astype(np.int64))
    following = np.full((len(choices), n_actions), standing[-1])
    following[row, action] = standing[last]
    first = rows.links[at // rows.size, action]
    return following, ((code, first, np.ones(len(code))), (code[who], link, np.ones(len(who))))


def _begun(begun: np.ndarray, kinds: np.ndarray, n_kinds: int, n_links: int, forced: _Forced,
           standing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[C] agents who come to each choice from where they begin, and [kinds, E] the links that they
    take without one."""
    at = np.flatnonzero(begun > 0)
    who, link, last = _walked(forced, at)
    start = np.bincount(standing[last], begun[at], standing[-1] + 1)[:-1]
    taken = np.bincount(kinds[at][who] * n_links + link, begun[at][who], n_kinds * n_links)
    return start, taken.reshape(n_kinds, n_links)


def _rows(rows: Rows, choices: np.ndarray, following: np.ndarray, mask: np.ndarray,
          agents: np.ndarray, entries: tuple[Entries, ...]) -> ContractedRows:
    capacity, n_actions = mask.shape
    action, link, times = (np.concatenate(kind) for kind in zip(*entries, strict=True))
    order = np.argsort(action, kind="stable")
    many = _rounded_up(len(order))
    return ContractedRows(
        group=_filled(rows.group[choices], capacity, -1),
        node=_filled(rows.node[choices], capacity, -1),
        following=_filled(following, capacity, capacity).astype(np.int32), usable=mask,
        links=np.empty((0, n_actions), np.int32), size=1, n_links=rows.n_links,
        entry_action=_filled(action[order], many, capacity * n_actions).astype(np.int32),
        entry_link=_filled(link[order], many, rows.n_links).astype(np.int32),
        entry_times=_filled(times[order], many, 0.0), agents=agents)


def _of(game: Game, rows: ContractedRows, start: np.ndarray, of_row: np.ndarray) -> Game:
    """The game with these rows, where `start` [C] agents begin; of_row: [C] their classes."""
    level = bushes.levels(rows, rows.usable)
    if level is None:
        raise AssertionError("what is left of a bush has no cycle")
    room = bushes.room_for(len(rows.node), _rounded_up(int(level.max()) + 1))
    return dataclasses.replace(
        game, rows=rows, bush=bushes.bush_of(rows, rows.usable, level, room),
        trips=dataclasses.replace(game.trips, start=start, agents=np.ones(len(start))),
        classes=None if game.classes is None else dataclasses.replace(game.classes, of_row=of_row))
