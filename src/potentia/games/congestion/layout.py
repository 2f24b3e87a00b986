"""How the states of a congestion game are laid out: blocks with common next nodes, grouped by
shape.

A *block* is a set of states in which every agent stands at a node with the same list of next nodes,
so that all of them share one product set of next states. The work is one multiplication for each
state and each of its next states, the least that any method can do that knows nothing of the
values. Large blocks are computed one at a time, by matrix products for all their states; small ones
with equally many choices side by side, state by state. What has one shape makes a *group*; groups
are ordered by the number of steps that play still has.

States are numbered group after group, within each of `shards` equal parts, so that a part's states
of a group are contiguous: each device then holds its own. Parts are filled up with states that
stand for nothing.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.runtime.pytree import Leaf, static, tree

SOURCES = 512  # states computed side by side; their intermediate tables fit the second-level cache
LARGE = 32                # states of a block from which matrix products pay
# of large blocks, each compiled apart; a game with more is computed state by state
MOST_SHAPES = 12


@tree
class Group:
    """States of one shape, as chunks: D shards x C rounds x m states.

    block: [D, C, m] the block of each state, or [D, C, 1] one block for each chunk. B blocks in
        all.
    order: [B, N] agents with a choice first, those with the most choices first. inverse: [B, N].
    targets: [B, M] states that the joint choices lead to, the last agent's fastest.
    places: [B, R] nodes at which the choosing agents can be.
    where: [D, C, k, m] index into `places` of each choosing agent.
    alone: [D, C, N-k, m] what the others, who have one move each, are paid.
    counts: choices of the k choosing agents. first: of the group's states within a shard. in_order:
        the agents are in order in every block.
    """

    block: Leaf
    order: Leaf
    inverse: Leaf
    targets: Leaf
    places: Leaf
    where: Leaf
    alone: Leaf
    counts: tuple[int, ...] = static()
    first: int = static()
    in_order: bool = static()

    @property
    def chunks(self) -> tuple[int, int, int]:
        """(D, C, m)."""
        return (*self.block.shape[:2], self.where.shape[-1])

    @property
    def size(self) -> int:
        """States of the group in each shard."""
        return self.where.shape[1] * self.where.shape[-1]


@dataclasses.dataclass(frozen=True)
class Layout:
    """Groups in the order of play, the rank of the configuration in each state [S] (-1: stands for
    nothing), and the position [configurations] of each configuration."""

    groups: tuple[Group, ...]
    rank: np.ndarray
    position: np.ndarray


@dataclasses.dataclass(frozen=True)
class _Plan:
    """A group before its states have numbers: configurations [Q, m] by chunk (-1: nothing), their
    blocks [Q, m] or [Q, 1], next node of each choice of each agent by block [B, N, A] (-1: none),
    `counts`, `order` [B, N]."""

    members: np.ndarray
    block: np.ndarray
    next_nodes: np.ndarray
    counts: tuple[int, ...]
    order: np.ndarray


def layout(moves: np.ndarray, digit_weights: np.ndarray, codes: np.ndarray, nodes: np.ndarray,
           level: np.ndarray,
           pay: np.ndarray, shards: int = 1) -> Layout:
    """Lay out configurations with ascending `codes` [K] and `nodes` [K, N].

    level: [K] such that every step of play lowers it; -1 where play has ended. pay: [V, A, N+1] by
    load.
    """
    plans = _plans(moves, nodes, level, shards)
    parts = [plan.members.reshape(shards, -1) for plan in plans]
    ended = np.flatnonzero(level < 0)
    parts.append(np.append(ended, np.full(-ended.size % shards, -1)).reshape(shards, -1))
    rank = np.concatenate(parts, axis=1).ravel()
    position = np.zeros(codes.size, np.int32)
    position[rank[rank >= 0]] = np.flatnonzero(rank >= 0)
    first = np.cumsum([0, *(part.shape[1] for part in parts)])
    groups = [_group(plan, moves, digit_weights, codes, position, nodes, pay, int(start), shards)
              for plan, start in zip(plans, first[:-1], strict=False)]
    return Layout(tuple(groups), rank, position)


def _plans(moves: np.ndarray, nodes: np.ndarray, level: np.ndarray, shards: int) -> list[_Plan]:
    kinds, kind = np.unique(moves, axis=0, return_inverse=True)
    n_choices = (kinds >= 0).sum(axis=1)
    playing = np.flatnonzero(level >= 0)
    blocks, block = _distinct(np.column_stack([level[playing], kind.ravel()[nodes[playing]]]))
    size, counts = np.bincount(block), n_choices[blocks[:, 1:]]
    order = np.argsort(-counts, axis=1, kind="stable")
    shape = np.column_stack([blocks[:, 0], np.take_along_axis(counts, order, axis=1)])
    large = np.where(size >= LARGE, size, 0)
    if len(np.unique(np.column_stack([shape, large])[large > 0], axis=0)) > MOST_SHAPES:
        large = np.zeros_like(size)
    shapes, number = _distinct(np.column_stack([shape, large]))
    plans = []
    for row in reversed(range(len(shapes))):
        own = np.flatnonzero(number == row)
        chosen = np.flatnonzero(number[block] == row)
        chosen = chosen[np.argsort(block[chosen], kind="stable")]
        cut = _by_block if shapes[row, -1] else _by_state
        choosing = tuple(int(count) for count in shapes[row, 1:-1] if count > 1)
        members, at = cut(playing[chosen], np.searchsorted(own, block[chosen]), shards)
        plans.append(_Plan(members, at, kinds[blocks[own, 1:]], choosing, order[own]))
    return plans


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows of whole numbers >= 0 in lexicographic order, and the number of each row's."""
    # Column by column: sorting whole rows takes twenty times longer.
    number = np.zeros(len(rows), np.int64)
    for column in rows.T:
        number = np.unique(number * (int(column.max(initial=0)) + 1) + column,
                           return_inverse=True)[1].ravel()
    _, first = np.unique(number, return_index=True)
    return rows[first], number


def _by_block(members: np.ndarray, block: np.ndarray, shards: int) -> tuple[np.ndarray, np.ndarray]:
    """Configurations of blocks of equal size as chunks of one block each, of about SOURCES."""
    rows = members.reshape(int(block[-1]) + 1, -1)
    piece, rounds = _pieces(rows.shape[1], max(1, min(SOURCES, members.size // shards)))
    rows = np.pad(rows, ((0, 0), (0, rounds * piece - rows.shape[1])), constant_values=-1)
    return (_filled_up(rows.reshape(-1, piece), shards, -1),
            _filled_up(np.repeat(np.arange(len(rows)), rounds)[:, None], shards))


def _by_state(members: np.ndarray, block: np.ndarray, shards: int) -> tuple[np.ndarray, np.ndarray]:
    """Configurations as even chunks of at most SOURCES."""
    rounds = shards * -(-members.size // (shards * SOURCES))
    piece = -(-members.size // rounds)
    members = _filled_up(members[:, None], rounds * piece, -1)
    return members.reshape(rounds, piece), _filled_up(block[:, None],
                                                      rounds * piece).reshape(rounds, piece)


def _filled_up(rows: np.ndarray, multiple: int, fill: int | None = None) -> np.ndarray:
    """Rows, a multiple of so many of them; those added are all `fill`, or repeat the last."""
    missing = -len(rows) % multiple
    added = np.repeat(rows[-1:], missing, axis=0)
    return np.concatenate([rows, added if fill is None else np.full_like(added, fill)])


def _pieces(size: int, limit: int) -> tuple[int, int]:
    """Equal pieces of a block, up to `limit` states each, and how many: exact where the size has a
    divisor near it."""
    exact = [piece for piece in range(limit, limit // 4, -1) if size % piece == 0]
    rounds = -(-size // limit)
    return (exact[0], size // exact[0]) if exact else (-(-size // rounds), rounds)


def _group(plan: _Plan, moves: np.ndarray, digit_weights: np.ndarray, codes: np.ndarray,
           position: np.ndarray,
           nodes: np.ndarray, pay: np.ndarray, first: int, shards: int) -> Group:
    k = len(plan.counts)
    # What stands for nothing computes as some other state does.
    members = np.where(plan.members >= 0, plan.members, plan.members.max())
    block = np.broadcast_to(plan.block, members.shape)
    ordered = np.take_along_axis(nodes[members], plan.order[block], axis=2)  # [Q, m, N]
    places, where = _occupied(ordered[..., :k], block, len(plan.order))
    load = (nodes[members][:, :, None, :] == ordered[..., k:, None]).sum(axis=-1)
    alone = pay[ordered[..., k:], 0, load]

    def by_round(array: np.ndarray) -> np.ndarray:
        return np.swapaxes(array, 1, 2).reshape(shards, len(members) // shards, array.shape[2],
                                                array.shape[1])

    return Group(
        block=plan.block.reshape(shards, -1, plan.block.shape[1]).astype(np.int32),
        order=plan.order.astype(np.int32),
        inverse=np.argsort(plan.order, axis=1).astype(np.int32),
        targets=_targets(plan.next_nodes, plan.order, plan.counts, digit_weights, codes, position),
        places=places, where=by_round(where), alone=by_round(alone), counts=plan.counts,
        first=first,
        in_order=bool((plan.order == np.arange(nodes.shape[1])).all()))


def _occupied(ordered: np.ndarray, block: np.ndarray,
              n_blocks: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct nodes [B, R] of the choosing agents `ordered` [Q, m, k] in each block, and their
    index [Q, m, k]."""
    if not ordered.shape[2]:
        return np.zeros((n_blocks, 0), np.int32), np.zeros(ordered.shape, np.int8)
    stands = np.zeros((n_blocks, int(ordered.max()) + 1), bool)
    stands[block[..., None], ordered] = True
    index = np.cumsum(stands, axis=1) - 1
    occupied = np.zeros((n_blocks, int(index.max()) + 1), np.int32)
    b, node = np.nonzero(stands)
    occupied[b, index[b, node]] = node
    return occupied, index[block[..., None], ordered].astype(np.min_scalar_type(-occupied.shape[1]))


def _targets(next_nodes: np.ndarray, order: np.ndarray, counts: tuple[int, ...],
             digit_weights: np.ndarray,
             codes: np.ndarray, position: np.ndarray) -> np.ndarray:
    """[B, M] states after each joint choice."""
    ordered = np.take_along_axis(next_nodes, order[:, :, None], axis=1)
    ordered = ordered * digit_weights[order][:, :, None]
    k = len(counts)
    total = ordered[:, k:, 0].sum(axis=1)[:, None]
    for agent, count in enumerate(counts):
        total = (total[:, :, None] + ordered[:, None, agent, :count]).reshape(len(total), -1)
    return position[np.searchsorted(codes, total)]
