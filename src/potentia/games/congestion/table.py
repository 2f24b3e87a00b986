"""The joint table of a small congestion game, for what needs one: the same states, the same
profiles."""

from __future__ import annotations

import numpy as np

from potentia.games.congestion.data import CongestionData
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame


def tabular(game: CongestionData) -> MarkovGame:
    """The equal tabular game, states and actions in the same order.

    Raises InputError where the table does not fit.
    """
    n_agents, n_actions = game.n_agents, game.moves.shape[1]
    check_table(n_agents, game.n_states, n_actions)
    real = game.configurations[:, 0] >= 0
    nodes = np.where(real[:, None], game.configurations, 0)
    actions = np.indices((n_actions,) * n_agents).reshape(n_agents, 1, -1)  # [N, 1, J]
    at = nodes.T[:, :, None]
    # A move that does not exist stands for the first one; it is never played.
    after = np.where(game.moves[at, actions] >= 0, game.moves[at, actions], game.moves[at, 0])
    code = np.tensordot(len(game.moves) ** np.arange(n_agents)[::-1], after, axes=1)
    following = np.asarray(game.position)[np.searchsorted(game.codes, code)]
    following[~real] = np.flatnonzero(~real)[:, None]
    rewards = np.where(real[:, None], game.pay[at, actions, _loads(nodes, actions)], 0.0)
    shape = (game.n_states, *(n_actions,) * n_agents)
    return MarkovGame.from_arrays(rewards.reshape(n_agents, *shape), following.reshape(shape),
                                  discount=float(game.discount), initial=game.initial,
                                  mask=game.mask, name=game.name)


def _loads(nodes: np.ndarray, actions: np.ndarray) -> np.ndarray:
    """[N, S, J] agents that take the same move as each agent, itself included."""
    loads = np.ones((len(actions), len(nodes), actions.shape[-1]), np.int8)
    for agent in range(1, len(actions)):
        for other in range(agent):
            together = ((nodes[:, agent] == nodes[:, other])[:, None]
                        & (actions[agent] == actions[other]))
            loads[agent] += together
            loads[other] += together
    return loads
