"""When trips leave and arrive, and what they pay for arriving early or late, as a frame of pandas.

Exact, from what agents do at each node: that a trip of each type leaves or arrives at a step is as
probable as what it does there by that it comes there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from potentia.errors import InputError
from potentia.games.roads import compiled, frames
from potentia.games.roads.data import RoadData
from potentia.games.roads.departures import told
from potentia.games.roads.held import with_profile
from potentia.games.roads.timetable import LAST
from potentia.runtime.float64 import float64_on_one_blas_thread

if TYPE_CHECKING:
    from pandas import DataFrame


def frame(game: RoadData, profile: object) -> DataFrame:
    """A row for each pair and step, see `Frames.departures`."""
    if game.horizon is None:
        raise InputError("game has no horizon, so that its trips have no steps: give "
                         "RoutingGame.from_links one")
    leaving, arriving = _by_type(game, profile)
    paid = np.zeros_like(arriving)
    for own, row in zip(told(game.wishes) or (), paid, strict=False):
        if own is not None:
            row[:] = own.costs(np.arange(paid.shape[1]))
    pairs, steps = frames.pairs_of(game), paid.shape[1]
    told_of_pairs = frames.ends_of_pairs(game)
    ends = {name: np.repeat(np.asarray(told_of_pairs[name], dtype=object), steps).tolist()
            for name in ("origin", "destination", "class") if name in told_of_pairs}
    there = [np.concatenate([table[types].sum(axis=0) for types in pairs.values()])
             for table in (leaving, arriving, arriving * paid)]
    some = there[1] > 0
    return frames.frame({
        **ends, "step": np.tile(np.arange(steps), len(pairs)), "leaving": there[0],
        "arriving": there[1],
        "schedule_cost": np.where(some, there[2] / np.where(some, there[1], 1.0), np.nan)})


def arrival_steps(game: RoadData) -> np.ndarray:
    """[E] the step at which each link ends a trip, if it does."""
    steps = np.arange(len(game.link_of)) // len(game.links) + 1
    link = np.asarray(game.link_of) - game.n_roads - LAST * game.gates
    return np.where(link >= 0, link % (game.horizon or 1) + 1, steps)


def leaving_steps(game: RoadData) -> np.ndarray:
    """[E] the step at which each link leaves a gate; -1 of links that do not."""
    link = np.asarray(game.link_of) - game.n_roads
    leaves = (link >= 0) & (link < LAST * game.gates) & (link % LAST == LAST - 1)
    return np.where(leaves, np.arange(len(link)) // len(game.links), -1)


def _by_type(game: RoadData, profile: object) -> tuple[np.ndarray, np.ndarray]:
    """[T, H + 1] vehicles of each type that leave, and that arrive, at each step."""
    held, policy = with_profile(game, profile)
    rows, steps = game.rows, range((game.horizon or 0) + 1)
    there = np.asarray(rows.usable) & (np.asarray(rows.node) >= 0)[:, None]
    ends = there & (np.asarray(rows.following) == len(rows.node))
    leaves, arrives = (np.append(of_links, -1)[rows.link] for of_links in (
        leaving_steps(game), arrival_steps(game)))
    arrives = np.where(ends, arrives, -1)
    with float64_on_one_blas_thread():
        found = np.array([[compiled.done(held, policy, jnp.asarray(at == step, dtype=float))
                           for step in steps] for at in (leaves, arrives)])
    wishes = told(game.wishes) or [None] * len(game.trips.count)
    found[0, 0] = np.where([one is None for one in wishes], 1.0, found[0, 0])
    of_class = 1.0 if game.classes is None else np.asarray(
        game.classes.weight)[np.asarray(game.classes.of_type)]
    vehicles = float(game.weight) * of_class * np.asarray(game.trips.count)
    leaving, arriving = found.transpose(0, 2, 1) * vehicles[:, None]
    return leaving, arriving
