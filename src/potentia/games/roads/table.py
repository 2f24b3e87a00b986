"""Small routing games with loads by step as tabular games of time and positions, for what needs
joint actions."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia import profile as profiles
from potentia.errors import InputError
from potentia.games.limits import check_table
from potentia.games.roads import bushes
from potentia.games.roads.cost_kinds import on_host
from potentia.games.roads.data import RoadData
from potentia.games.tabular.game import MarkovGame

INSTEAD = "; the routing game itself needs no table"


def tabular(game: RoadData) -> MarkovGame:
    """The tabular game of time and positions, for loads by step: each agent sees the time and its
    own node.

    A state is where all agents are after so many steps; the last one is the end, when all have
    arrived. Whoever has arrived before has one action, to stay; others have those of their rows.
    Agents are numbered type after type.

    Raises InputError without a horizon, where the table does not fit, for classes, and where trips
    choose when to leave.
    """
    at = _positions(game)
    if game.classes is not None:
        raise InputError("game has classes, of which no table of time and positions is made; the "
                         "routing game itself needs none")
    if game.timed:
        raise InputError("game has departures, whose trips are not all at the same step, so that "
                         "there is no table of time and positions; normal_form() fits")
    allowed, link, _ = _moves(game)
    here = at.row.T[:, :, None]  # [N, S, 1]
    taken = link[here, _joint_actions(game)[:, None]].astype(np.int32)  # [N, S, J]
    costs = np.pad(costs_by_number(game), ((0, 1), (0, 0)))
    rewards, stage = np.zeros(taken.shape), np.zeros(taken.shape[1:])
    for agent, own in enumerate(taken):
        together = [other == own for other in taken]
        rewards[agent] = -costs[own, np.sum(together, axis=0, dtype=np.int8)]
        # The first on a link adds c(w), the next one c(2 w), ...
        stage -= costs[own, np.sum(together[:agent + 1], axis=0, dtype=np.int8)]
    shape = (len(at.row), *(allowed.shape[1],) * len(taken))
    information = np.stack([np.unique(seen, return_inverse=True)[1] for seen in at.seen])
    return MarkovGame.from_arrays(
        rewards.reshape(len(taken), *shape), at.following.reshape(shape), discount=1.0,
        initial=np.eye(1, len(at.row))[0], mask=allowed[at.row.T], information=information,
        stage_potential=stage.reshape(shape), name=game.name)


def by_position(game: RoadData, profile: object) -> np.ndarray:
    """[N, H, A] the profile [R, 1, A] as the agents of `tabular` play it."""
    at, (allowed, _, _) = _positions(game), _moves(game)
    policy = np.concatenate([checked_policy(game, profile), np.eye(1, allowed.shape[1])])
    found = [np.unique(seen, return_index=True)[1] for seen in at.seen]
    played = np.tile(policy[-1], (len(found), max(map(len, found)), 1))
    for agent, first in enumerate(found):
        played[agent, :len(first)] = policy[at.row[first, agent]]
    return played


@dataclasses.dataclass(frozen=True)
class _Positions:
    """row: [S, N] of each agent, R once it has arrived. following: [S, J] next states. seen: [N, S]
    what each agent sees, as any numbers."""

    row: np.ndarray
    following: np.ndarray
    seen: np.ndarray


def _positions(game: RoadData) -> _Positions:
    """The states that can be reached, step after step, and the end."""
    if game.horizon is None:
        raise InputError(
            "game has no horizon: its loads are of all trips, whenever they pass; normal_form() "
            "fits")
    agents, (allowed, _, leads) = type_of_agents(game), _moves(game)
    arrived = len(allowed) - 1
    states, following, passed = [np.asarray(game.trips.row)[None, agents]], [], 0
    while len(states[-1]):
        here = states[-1]
        passed += len(here)
        check_table(len(agents), passed + 1, allowed.shape[1], INSTEAD)
        joint = _joint_actions(game)
        playable = np.all([allowed[row[:, None], own]
                           for row, own in zip(here.T, joint, strict=True)], axis=0)
        ahead = np.stack([leads[row[:, None], own][playable]
                          for row, own in zip(here.T, joint, strict=True)], axis=-1)
        ahead, number = np.unique(ahead, axis=0, return_inverse=True)
        goes_on = (ahead != arrived).any(axis=1)
        # All arrived is the last of them; what cannot be played may lead anywhere.
        target = np.full(playable.shape, -1)
        target[playable] = np.where(goes_on[number], passed + number, -1)
        following.append(target)
        states.append(ahead[goes_on])
    row = np.concatenate([*states, np.full((1, len(agents)), arrived)])
    time = np.repeat(np.arange(len(states) + 1), [*map(len, states), 1])
    target = np.concatenate([*following, np.full((1, following[0].shape[1]), -1)])
    # Whoever has arrived sees the time, so that what it knows of the others does not depend on its
    # own trip.
    seen = np.where(row == arrived, arrived + time[:, None], row).T
    return _Positions(row, np.where(target < 0, len(row) - 1, target), seen)


def _moves(game: RoadData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """[R + 1, A] actions that exist, their links and the rows that they lead to; the last row is of
    the arrived."""
    usable, n_rows = np.asarray(game.rows.usable), len(game.rows.node)
    allowed = np.concatenate([usable, np.eye(1, usable.shape[1], dtype=bool)])
    link = np.pad(game.rows.link, ((0, 1), (0, 0)), constant_values=len(game.link_of))
    return allowed, np.where(allowed, link, len(game.link_of)), np.pad(
        game.rows.following, ((0, 1), (0, 0)), constant_values=n_rows)


def _joint_actions(game: RoadData) -> np.ndarray:
    """[N, J]."""
    return np.indices((game.rows.usable.shape[1],) * game.n_agents).reshape(game.n_agents, -1)


def type_of_agents(game: RoadData) -> np.ndarray:
    """[N]."""
    return np.repeat(np.arange(len(game.trips.count)), game.trips.count)


def costs_by_number(game: RoadData) -> np.ndarray:
    """[E, N + 1] what each link costs each of so many agents; 0 at none."""
    load = np.broadcast_to(game.weight * np.arange(1, game.n_agents + 1),
                           (len(game.links), game.n_agents))
    return np.pad(on_host(game.costs, load), ((0, 0), (1, 0)))[game.link_of]


def checked_policy(game: RoadData, profile: object) -> np.ndarray:
    """[R, A] a profile that holds to the game's actions and has no cycle."""
    checked = profiles.checked(profile, np.asarray(game.usable))
    policy = checked[:, 0]
    bushes.bush_holding(game.rows, game.bush, policy > 0)
    return policy
