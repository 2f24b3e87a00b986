"""Where trips on roads pass, from a profile alone."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from potentia.errors import InputError
from potentia.games.roads.data import RoadData

AT_ONCE = 1 << 21         # actions of so many rows and types
KEPT = 1 << 22            # of all that is used, so much is kept, some 170 MB


@dataclasses.dataclass(frozen=True)
class Part:
    """Types of some destinations, and their rows, which those of a destination share.

    rows: [r], of the game. types: [k]. begins: [k] where each begins, numbers within rows.
    destination: [r] number of each row's, within the part. columns: [destinations, width] which of
    `types` have the cells of a table [r, width], -1 where none. column: [k] of each.
    """

    rows: np.ndarray
    types: np.ndarray
    begins: np.ndarray
    destination: np.ndarray
    columns: np.ndarray
    column: np.ndarray


@dataclasses.dataclass(frozen=True)
class Block(Part):
    """The same, and what they do.

    row, action, kind: [U] of all that is used: numbers within rows, of the action, and within
    types. links: [U] of the actions. taken: [U] probabilities.
    """

    row: np.ndarray
    action: np.ndarray
    kind: np.ndarray
    links: np.ndarray
    taken: np.ndarray


def passed(game: RoadData, policy: np.ndarray, start: np.ndarray) -> np.ndarray:
    """[R, 1] probability to pass each row. Raises InputError for a policy that has a cycle."""
    return _reached(game, policy, np.arange(len(policy)), start[:, None])


def parts_of(game: RoadData) -> list[Part]:
    """All types, so many at once as memory takes."""
    group, row = np.asarray(game.rows.group), np.asarray(game.trips.row)
    by_group, of_type = np.argsort(group, kind="stable"), group[row]
    by_type = np.argsort(of_type, kind="stable")
    numbers = np.arange(group.max() + 2)
    rows = np.split(by_group, np.searchsorted(group[by_group], numbers))[1:-1]
    types = np.split(by_type, np.searchsorted(of_type[by_type], numbers))[1:-1]
    n_actions, found = game.rows.usable.shape[1], [_Pieces()]
    for own, all_types in zip(rows, types, strict=True):
        pieces = 1 + len(all_types) * len(own) * n_actions // AT_ONCE
        for some in np.array_split(all_types, pieces):
            joined = found[-1].joined(own, some)
            if n_actions * joined.cells <= AT_ONCE or not found[-1].rows:
                found[-1] = joined
            else:
                found.append(_Pieces().joined(own, some))
    return [pieces.part(row) for pieces in found]


@dataclasses.dataclass(frozen=True)
class _Pieces:
    """Rows and types of some destinations, one after the other."""

    rows: tuple[np.ndarray, ...] = ()
    types: tuple[np.ndarray, ...] = ()

    def joined(self, rows: np.ndarray, types: np.ndarray) -> _Pieces:
        return _Pieces((*self.rows, rows), (*self.types, types))

    @property
    def cells(self) -> int:
        """Of a table with a line for each row."""
        return sum(map(len, self.rows)) * max(map(len, self.types))

    def part(self, row: np.ndarray) -> Part:
        """row: [T] of the game, where each type begins."""
        numbers = [len(some) for some in self.types]
        which, column = np.repeat(np.arange(len(numbers)), numbers), np.concatenate(
            [np.arange(number) for number in numbers])
        columns = np.full((len(numbers), max(numbers)), -1)
        columns[which, column] = np.arange(sum(numbers))
        lengths = [len(own) for own in self.rows]
        begins = [np.searchsorted(own, row[some])
                  for own, some in zip(self.rows, self.types, strict=True)]
        return Part(np.concatenate(self.rows), np.concatenate(self.types),
                    np.concatenate(begins) + (np.cumsum(lengths) - lengths)[which],
                    np.repeat(np.arange(len(lengths)), lengths), columns, column)


def blocks_again(game: RoadData, policy: np.ndarray) -> Callable[[], Iterator[Block]]:
    """What gives all types' blocks as often as it is called, and keeps the first ones. Raises
    InputError, when called, for a policy that has a cycle."""
    parts, kept = parts_of(game), []

    def again() -> Iterator[Block]:
        yield from kept
        for number, part in enumerate(parts[len(kept):], len(kept)):
            block = _block(game, policy, part)
            if number == len(kept) and sum(len(each.taken) for each in (*kept, block)) <= KEPT:
                kept.append(block)
            yield block

    return again


def _block(game: RoadData, policy: np.ndarray, part: Part) -> Block:
    """What the types of a part do. Raises InputError for a policy that has a cycle."""
    own, start = part.rows, np.zeros((len(part.rows), part.columns.shape[1]))
    start[part.begins, part.column] = 1.0
    at, action = np.nonzero(policy[own] > 0)
    taken = _reached(game, policy, own, start)[at] * policy[own[at], action][:, None]
    entry, column = np.nonzero(taken)
    return Block(**vars(part), row=at[entry], action=action[entry],
                 kind=part.columns[part.destination[at[entry]], column],
                 links=np.asarray(game.rows.link)[own[at], action][entry],
                 taken=taken[entry, column])


def _reached(game: RoadData, policy: np.ndarray, own: np.ndarray, start: np.ndarray) -> np.ndarray:
    """[r, k] probability to pass each of the rows `own` [r], where no trip leaves them but to end,
    of k trips that begin at them with probabilities `start` [r, k]. Raises InputError for a policy
    that has a cycle.

    One level after the other, none of which leads back.
    """
    position = np.full(len(policy) + 1, -1)
    position[own] = np.arange(len(own))
    source, action = np.nonzero(policy[own] > 0)
    target = position[np.asarray(game.rows.following)[own[source], action]]
    inside = target >= 0
    source, action, target = source[inside], action[inside], target[inside]
    level = _levels(len(own), source, target)
    order = np.lexsort((target, level[target]))
    source, target, share = source[order], target[order], policy[own[source], action][order]
    ends = np.searchsorted(level[target], np.arange(1, level.max(initial=0) + 2))
    found = start.astype(np.float64)
    for begin, end in itertools.pairwise(ends):
        here = target[begin:end]
        first = np.flatnonzero(np.append(True, here[1:] != here[:-1]))
        led = share[begin:end, None] * found[source[begin:end]]
        found[here[first]] += np.add.reduceat(led, first, axis=0)
    # Rounding may leave what is sure a little above 1.
    return np.minimum(found, 1.0)


def _levels(number: int, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """[number] most links that lead to each of so many rows, from links `source` to `target`.
    Raises InputError where some lead back. Nothing is shared with the game's own order of rows,
    which is to be judged."""
    order = np.argsort(source, kind="stable")
    following, first = target[order], np.searchsorted(source[order], np.arange(number + 1))
    waiting, level = np.bincount(target, minlength=number), np.full(number, -1)
    here, depth = np.flatnonzero(waiting == 0), 0
    while here.size:
        level[here] = depth
        count = first[here + 1] - first[here]
        led = following[np.repeat(first[here] - (np.cumsum(count) - count), count)
                        + np.arange(count.sum())]
        np.subtract.at(waiting, led, 1)
        here, depth = np.unique(led[waiting[led] == 0]), depth + 1
    if (level < 0).any():
        raise InputError(
            "profile uses links that form a cycle, so that a link might be taken twice")
    return level
