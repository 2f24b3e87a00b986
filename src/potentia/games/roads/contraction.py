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

# The largest part, in rows and entries of those of the whole, and how often that may be halved, of
# a small game and of a large one: few sizes, so that few programs serve all bushes.
ROWS, ENTRIES, HALVES = 1 / 4, 1 / 2, (1, 2)
FEWEST = 10_000            # rows, below which it saves nothing
LEVELS = 64               # of which there is room for as many at least
NEAR = 1e-3               # of its node's cost, what an unused link of a bush may cost more

Game = TypeVar("Game", bound=RoadData)


def serves(game: RoadData) -> bool:
    """Whether the game has many rows, and its types share them: loads are then sums over what rows
    do, whatever it costs (`build` takes no other costs there)."""
    return game.shared is not None and game.rows.whole and len(game.rows.node) >= FEWEST


def contracted(game: Game) -> tuple[Game, np.ndarray] | None:
    """The game reduced to the choices on its bush, and [C] which row of the whole game each of its
    rows is, R where it is none; None where that does not serve or leaves too many."""
    if not serves(game):
        return None
    rows, allowed, begun = game.rows, np.asarray(game.bush.mask), np.asarray(game.trips.start)
    passed, several = bushes.passed(rows, allowed, begun > 0), allowed.sum(axis=1) > 1
    choices, kinds = np.flatnonzero(passed & several), _kinds(game)
    if len(choices) > ROWS * len(rows.node):
        return None
    forced = _forced(rows, allowed, passed & ~several)
    # Where all come together, entries would be more than the game has: looked at before it is done.
    taken = (1 + _links_ahead(forced)[rows.following[choices]])[allowed[choices]].sum()
    return None if taken > ENTRIES * allowed.size else _reduced(game, choices, kinds, forced)


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


class _Room(NamedTuple):
    """How many rows and entries there is room for."""

    rows: int
    entries: int


def _room(rows: Rows, n_rows: int, n_entries: int) -> _Room | None:
    """The smallest that holds so many; None where the largest is too small."""
    n_whole, n_actions = rows.usable.shape
    for halves in range(HALVES[not rows.small], -1, -1):
        room = _Room(*(int(share * whole) >> halves for share, whole in (
            (ROWS, n_whole), (ENTRIES, n_whole * n_actions))))
        if room.rows >= n_rows and room.entries >= n_entries:
            return room
    return None


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


def _reduced(game: Game, choices: np.ndarray, kinds: np.ndarray,
             forced: _Forced) -> tuple[Game, np.ndarray] | None:
    """What `contracted` says, of the rows `choices` [n]; kinds: [R] class of each row."""
    rows, allowed, begun = game.rows, np.asarray(game.bush.mask), np.asarray(game.trips.start)
    end = len(choices) + int(kinds.max()) + 1             # after the rows that stand for something
    standing = np.full(len(rows.node) + 1, end)
    standing[choices] = np.arange(len(choices))
    following, *links = _actions(rows, allowed, choices, forced, standing)
    start, without = _begun(begun, kinds, rows, forced, standing)
    entries = _joined(*links, _of_kinds(without, len(choices), allowed.shape[1]))
    room = _room(rows, end, len(entries[0]))
    if room is None:
        return None
    group = rows.group.clip(0)
    agents = np.bincount(group, begun)[group[choices]]
    of_row = np.append(kinds[choices], np.arange(len(without)))
    small = _rows(rows, choices, allowed[choices], following, agents, entries, end, room)
    return (_of(game, small, _filled(start, room.rows, 0.0), _filled(of_row, room.rows, 0)),
            _filled(choices, room.rows, len(rows.node)))


def _links_ahead(forced: _Forced) -> np.ndarray:
    """[R + 1] links that lead from each row to the next choice or the end."""
    last = np.where(forced.here, forced.following, np.arange(len(forced.here)))
    found = forced.here.astype(np.int64)
    while forced.here[last].any():
        found, last = found + found[last], last[last]     # twice as far each time
    return found


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
             standing: np.ndarray) -> tuple[np.ndarray, Entries, Entries]:
    """[n, A] the choice that each action of the `choices` [n] leads to, and the links that it
    takes, the first and all others; standing: [R + 1] where rows are among the choices."""
    n_actions = allowed.shape[1]
    row, action = np.nonzero(allowed[choices])
    at, code = choices[row], row * n_actions + action
    who, link, last = _walked(forced, rows.following[at, action].astype(np.int64))
    following = np.full((len(choices), n_actions), standing[-1])
    following[row, action] = standing[last]
    first = rows.links[at // rows.size, action]
    return following, (code, first, np.ones(len(code))), (code[who], link, np.ones(len(who)))


def _begun(begun: np.ndarray, kinds: np.ndarray, rows: Rows, forced: _Forced,
           standing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Agents who come to each choice from where they begin, then 1 for each class; and
    [classes, E] the links that its agents take before they have a choice."""
    n_kinds, n_links = int(kinds.max()) + 1, rows.n_links
    at = np.flatnonzero(begun > 0)
    who, link, last = _walked(forced, at)
    start = np.bincount(standing[last], begun[at], standing[-1] + 1)[:-1]
    start[-n_kinds:] = 1.0
    taken = np.bincount(kinds[at][who] * n_links + link, begun[at][who], n_kinds * n_links)
    return start, taken.reshape(n_kinds, n_links)


def _of_kinds(without: np.ndarray, first: int, n_actions: int) -> Entries:
    """What the rows of classes take, from number `first` on: `without` [classes, E]."""
    kind, link = np.nonzero(without)
    return (first + kind) * n_actions, link, without[kind, link]


def _joined(*entries: Entries) -> Entries:
    """All of them, by action."""
    action, link, times = (np.concatenate(kind) for kind in zip(*entries, strict=True))
    order = np.argsort(action, kind="stable")
    return action[order], link[order], times[order]


def _rows(rows: Rows, choices: np.ndarray, allowed: np.ndarray, following: np.ndarray,
          agents: np.ndarray, entries: Entries, end: int, room: _Room) -> ContractedRows:
    """The rows of the `choices` [n], of which `allowed` [n, A] actions lead to the choices
    `following` [n, A]; `end` where there is none."""
    n_actions = allowed.shape[1]
    mask = _filled(allowed, room.rows, False)
    mask[len(choices):, 0] = True
    ahead = np.where(following == end, room.rows, following)
    action, link, times = entries
    return ContractedRows(
        group=_filled(rows.group[choices], room.rows, -1),
        node=_filled(rows.node[choices], room.rows, -1),
        following=_filled(ahead, room.rows, room.rows).astype(np.int32), usable=mask,
        links=np.empty((0, n_actions), np.int32), size=1, n_links=rows.n_links,
        entry_action=_filled(action, room.entries, room.rows * n_actions).astype(np.int32),
        entry_link=_filled(link, room.entries, rows.n_links).astype(np.int32),
        entry_times=_filled(times, room.entries, 0.0), agents=_filled(agents, room.rows, 0.0))


def _of(game: Game, rows: ContractedRows, start: np.ndarray, of_row: np.ndarray) -> Game:
    """The game with these rows, where `start` [C] agents begin; of_row: [C] their classes."""
    level = bushes.levels(rows, rows.usable)
    if level is None:
        raise AssertionError("what is left of a bush has no cycle")
    levels = LEVELS
    while levels <= level.max():
        levels *= 2
    bush = bushes.bush_of(rows, rows.usable, level, bushes.room_for(len(rows.node), levels))
    return dataclasses.replace(
        game, rows=rows, bush=bush,
        trips=dataclasses.replace(game.trips, start=start, agents=np.ones(len(start))),
        classes=None if game.classes is None else dataclasses.replace(game.classes, of_row=of_row))
