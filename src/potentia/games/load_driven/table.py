"""The table of joint actions of a small load-driven game: the same states, the same profiles."""

from __future__ import annotations

import numpy as np

from potentia.games.counts import rank
from potentia.games.load_driven.data import LoadData
from potentia.games.tabular.game import MarkovGame


def tabular(game: LoadData) -> MarkovGame:
    """The same game with a table of joint actions."""
    n_agents, n_states, n_facilities = game.mask.shape
    choices = np.indices((n_facilities,) * n_agents).reshape(n_agents, -1)  # [N, J]
    # [A, J]
    held = np.stack([(choices == facility).sum(axis=0) for facility in range(n_facilities)])
    index = rank(held.T, n_agents)
    load = np.take_along_axis(held, choices, axis=0)
    owner = np.arange(n_agents) % len(game.pay)
    # [N, S, J]
    rewards = np.moveaxis(np.asarray(game.pay)[owner[:, None], :, choices, load], -1, 1)
    if game.common is not None:
        rewards = rewards + np.asarray(game.common)[:, index]
    stage = None if game.stage_potential is None else np.asarray(game.stage_potential)[:, index]
    joint = (n_states, *(n_facilities,) * n_agents)
    following = _by_joint_action(np.asarray(game.following), index)
    return MarkovGame.from_arrays(
        rewards.reshape(n_agents, *joint), following.reshape(*joint, *following.shape[2:]),
        discount=float(game.discount), initial=game.initial, mask=game.mask,
        stage_potential=None if stage is None else stage.reshape(joint), name=game.name)


def _by_joint_action(following: np.ndarray, index: np.ndarray) -> np.ndarray:
    """[S, J, S] probabilities; or [S, J] next states where all are certain."""
    certain = following.max(axis=2) == 1
    return following.argmax(axis=2)[:, index] if certain.all() else following[:, index]
