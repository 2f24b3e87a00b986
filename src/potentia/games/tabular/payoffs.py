"""From payoffs, as textbooks write them, to the checked data of a `MarkovGame` of one state; and
back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError
from potentia.games.checks import array_of
from potentia.games.tabular import build
from potentia.games.tabular.data import TabularData


def from_payoffs(payoffs: Sequence[object], *, stage_potential: object, name: str,
                 agents: object, actions: object) -> TabularData:
    """What `MarkovGame.from_payoffs` says."""
    tables = [array_of(value, f"payoffs of agent {agent}") for agent, value in enumerate(payoffs)]
    _check_shapes(tables)
    for agent, table in enumerate(tables):
        if (bad := np.argwhere(~np.isfinite(table))).size:
            joint = tuple(bad[0].tolist())
            raise InputError(f"payoffs of agent {agent} at actions {joint} are {table[joint]}, "
                             f"not a finite number")
    rewards = np.stack(tables)[:, None]
    stage = None
    if stage_potential is not None:
        stage = array_of(stage_potential, "stage_potential")[None]
        if stage.shape != rewards.shape[1:]:
            raise InputError(f"stage_potential has shape {stage.shape[1:]}, but payoffs have "
                             f"{rewards.shape[2:]}")
    return build.from_arrays(
        rewards, np.zeros(rewards.shape[1:], int), discount=0.0, initial=None, mask=None,
        information=None, horizon=None, stage_potential=stage,
        accuracy=build.accuracy_of(None, *tables), name=name, agents=agents, actions=actions,
        states=None)


def tables_of(game: TabularData) -> list[np.ndarray]:
    """What `from_payoffs` takes to build a game again: the payoffs [A1, ..., AN] of each agent.

    Raises InputError for a game that is not played once, saying what of it is otherwise.
    """
    stage = "; pt.MarkovGame.from_payoffs builds such a game from the payoffs of a single step"
    if game.n_states > 1:
        raise InputError(f"the game has {game.n_states:,} states, but a strategic game is played "
                         f"once, in one state{stage}")
    if game.discount != 0:
        raise InputError(f"the game goes on, at discount {float(game.discount):g}, but a strategic "
                         f"game is played once, at discount 0{stage}")
    for agent, count in enumerate(game.action_counts):
        if not (exists := np.asarray(game.mask)[agent, 0, :count]).all():
            raise InputError(f"agent {agent} has no action {int(np.argmin(exists))} (mask), but in "
                             f"a strategic game every agent has all its actions")
    return [np.asarray(game.rewards)[0, :, agent].reshape(game.action_counts)
            for agent in range(game.n_agents)]


def _check_shapes(tables: list[np.ndarray]) -> None:
    """Refuse what is not one array [A_1, ..., A_N] for each of N agents."""
    if not tables:
        raise InputError("there are no payoffs, but there must be an array for each agent")
    shape, n_agents = tables[0].shape, len(tables)
    for agent, table in enumerate(tables):
        if table.shape != shape:
            raise InputError(f"payoffs of agent {agent} have shape {table.shape}, but those of "
                             f"agent 0 have {shape}")
    if len(shape) != n_agents:
        raise InputError(f"payoffs have shape {shape}, which is of {len(shape)} agents, but there "
                         f"{'is 1 array' if n_agents == 1 else f'are {n_agents} arrays'}, one for "
                         f"each agent{_hint(shape, n_agents)}")
    if 0 in shape:
        raise InputError(f"payoffs have shape {shape}, but every agent needs an action")


def _hint(shape: tuple[int, ...], n_agents: int) -> str:
    """What a single array was probably meant to be."""
    if n_agents > 1 or len(shape) < 2:
        return ""
    if len(shape) == shape[0] + 1:
        return "; give the agents' arrays one by one: from_payoffs(*payoffs)"
    copies = "A, A" if len(shape) == 2 else f"*[A] * {len(shape)}"
    return f"; if all agents are paid the same: from_payoffs({copies})"
