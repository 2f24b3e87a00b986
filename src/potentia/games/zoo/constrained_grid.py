"""Two agents walk over a grid from one corner to a target, and should not meet on the way.

Cell c is row c // size, column c % size. Actions: 0 up, 1 right, 2 down, 3 left; a step into a wall
stays. In each of `horizon` steps an agent is paid by the cell in which it stands, whatever it does:
2 in cell 1, right of the start; 1 in cell `size`, below it; 10 at the target, in the last column of
the last row but one. The start is cell 0. States are the times and pairs of cells that play can
reach, in order, and the end.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import known_name, not_negative_number, whole_number
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Alatur, Ramponi, He, Krause: Provably Learning Nash Policies in Constrained Markov "
          "Potential Games (arXiv 2306.07749); numbers from the published experiment scripts of "
          "that paper, with a price of collisions in place of the constraint")

STEPS = np.array([(-1, 0), (0, 1), (1, 0), (0, -1)])                    # up, right, down, left
RIGHT, BELOW, TARGET = 2.0, 1.0, 10.0


def build(price: float = 1.0, size: int = 4, horizon: int | None = None,
          observe: str = "own") -> MarkovGame:
    """Two agents walk over a grid to a target, and both pay where they collide on the way.

    price: >= 0, what a collision costs either agent, in each step in which both stand in the same
        cell, the start and the target apart.
    size: of the grid, 3 to 6; 4 in the source. horizon: number of steps, 1 to 20; as many as
        lead to the target, 2 size - 2, if omitted: 6 in the source.
    observe: "own", policies of the own cell and the time, as in the source; or "state", of both
        cells.

    Undiscounted. The source has a constraint instead of a price: expected collisions of at most .1.
    Potentia has no constraints, and the price is its Lagrange multiplier; at 0 there is no
    constraint either.

    The best way alone leads over cell 1 and pays 12, that over the cell below the start 11. At
    price 0 all equilibria pay 12 and 12, and the pure ones of size 4 have one to four collisions.
    Both together do best at 24 and one collision below price 1, at 23 and none above, where one of
    them goes the other way. There are worse equilibria: above price 2 one may stay in cell 1, for
    10, while the other walks round it, for 11. At price 1, the multiplier of every budget between 0
    and 1, an agent does not mind to share cell 1: to do so with probability .1 is an equilibrium
    that spends the source's budget, at 23.1.

    With policies of the own cell it is a potential game and carries its potential: the rewards of
    both, less the price once for each collision. With those of both cells it is none, at price 0
    neither: an agent may walk by where the other stands.

    Raises InputError for parameters out of range.
    """
    cost = not_negative_number(price, "price")
    side = whole_number(size, "size", 3, 6)
    steps = 2 * side - 2 if horizon is None else whole_number(horizon, "horizon", 1, 20)
    own = known_name(observe, ("state", "own"), "observe") == "own"
    times, here = _reached(side, steps)
    paid, met = _paid(side)[here], _met(side, here)
    return MarkovGame.from_arrays(
        _of_actions(paid - cost * met), _following(side, times, here), discount=1.0,
        initial=np.eye(times.size + 1)[0],
        information=_own(times * side**2 + here) if own else None,
        stage_potential=_of_actions(paid.sum(axis=0) - cost * met) if own else None,
        name="constrained-grid")


def _reached(side: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """[S-1] time of each state before the end, and [2, S-1] the cells of the agents then."""
    away = np.add(*np.divmod(np.arange(side**2), side))          # steps from the start to each cell
    reached = np.arange(steps)[:, None] >= away
    times, first, second = np.nonzero(reached[:, :, None] & reached[:, None, :])
    return times, np.stack([first, second])


def _target(side: int) -> int:
    return side * (side - 1) - 1


def _paid(side: int) -> np.ndarray:
    """[cells] what an agent is paid in each."""
    paid = np.zeros(side**2)
    paid[[1, side, _target(side)]] = RIGHT, BELOW, TARGET
    return paid


def _met(side: int, here: np.ndarray) -> np.ndarray:
    """[S-1] where the agents collide."""
    return (here[0] == here[1]) & ~np.isin(here[0], [0, _target(side)])


def _following(side: int, times: np.ndarray, here: np.ndarray) -> np.ndarray:
    """[S, 4, 4] the next state; the end is the last and leads to itself."""
    row, column = np.divmod(np.arange(side**2)[:, None], side)
    moved = (np.clip(row + STEPS[:, 0], 0, side - 1) * side
             + np.clip(column + STEPS[:, 1], 0, side - 1))                          # [cells, 4]
    states = np.full((times[-1] + 2, side**2, side**2), times.size)
    states[times, *here] = np.arange(times.size)
    first, second = moved[here]
    following = states[times[:, None, None] + 1, first[:, :, None], second[:, None, :]]
    return np.pad(following, [(0, 1), (0, 0), (0, 0)], constant_values=times.size)


def _own(seen: np.ndarray) -> np.ndarray:
    """[2, S] what is seen of each state, numbered without gaps and the end last; `seen` [2, S-1]
    may have gaps."""
    known, numbers = np.unique(seen, return_inverse=True)
    return np.pad(numbers.reshape(seen.shape), [(0, 0), (0, 1)], constant_values=known.size)


def _of_actions(by_state: np.ndarray) -> np.ndarray:
    """[..., S-1] to [..., S, 4, 4], alike for all actions and 0 at the end."""
    ended = np.concatenate([by_state, np.zeros((*by_state.shape[:-1], 1))], axis=-1)
    return np.broadcast_to(ended[..., None, None], (*ended.shape, len(STEPS), len(STEPS)))
