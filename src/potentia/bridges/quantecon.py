"""QuantEcon's normal-form games as games that are played once, and back; and what one agent faces
as its dynamic programs.

In QuantEcon each player's payoffs are by its own action first, then by those of the players after
it and, in a circle, before it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse as sp

from potentia.bridges.packages import package
from potentia.certificates.equilibrium import only_profile
from potentia.certificates.tabular import agent_problem, by_state
from potentia.errors import InputError, known_name, shown, whole_number
from potentia.games.joint_table import as_table
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.payoffs import tables_of
from potentia.names import names_of
from potentia.profile import checked
from potentia.result import Result


def to_quantecon(game: object) -> Any:
    """The `NormalFormGame` of a game that is played once.

    Raises InputError for a game that is not, or has no table.
    """
    theirs = package("quantecon.game_theory", "quantecon", "NormalFormGame", "Player")
    tables = tables_of(as_table(game, "to_quantecon needs"))
    return theirs.NormalFormGame(np.stack(tables, axis=-1))


def from_quantecon(game: Any, name: str = "game") -> MarkovGame:
    """The game of a `NormalFormGame`, played once: one state, discount 0."""
    theirs = package("quantecon.game_theory", "quantecon", "NormalFormGame", "Player")
    if not isinstance(game, theirs.NormalFormGame):
        raise InputError(f"game is {shown(game)}, but a quantecon.game_theory.NormalFormGame was "
                         f"expected")
    n_agents = game.N
    return MarkovGame.from_payoffs(
        *(np.moveaxis(table, range(n_agents), np.roll(range(n_agents), -agent))
          for agent, table in enumerate(game.payoff_arrays)), name=name)


def best_response_problem(game: object, profile: object, agent: int | str) -> Any:
    """The `DiscreteDP` that `agent` faces when the others keep to `profile`
    [N, H, A], or to the profile of a result of one run. agent: its number, or its name.

    States and actions are the game's; a state in which play has ended leads to itself, at reward 0.
    Its optimal values are those of the agent's best response, by state.

    Raises InputError for a game without a table, at discount 1, and where the agent does not see
    the state: what it faces then is no decision process of its information states alone.
    """
    theirs = package("quantecon.markov", "quantecon", "DiscreteDP")
    table = as_table(game, "best_response_problem needs")
    if not table.full_information:
        raise InputError("agents do not see the state of the game, but a DiscreteDP is of states "
                         "that are seen; pt.certify bounds what local policies gain")
    if table.undiscounted:
        raise InputError("the game is at discount 1, but a DiscreteDP is discounted; pt.certify "
                         "and game.best_response serve")
    named = isinstance(agent, str) and table.names.agents
    number = (table.names.agents.index(known_name(str(agent), table.names.agents, "agent")) if named
              else whole_number(agent, "agent", 0, table.n_agents - 1))
    rows = checked(only_profile(profile) if isinstance(profile, Result) else profile,
                   np.asarray(table.mask), names_of(table))
    problem = agent_problem(table, table.transitions.csr(), by_state(table, rows), number)
    state, action = np.nonzero(problem.allowed)
    onward = sp.csr_array(problem.kernel[state * problem.rewards.shape[1] + action])
    ended = np.asarray(table.absorbing)[state]
    stay = sp.csr_array((ended.astype(float), (np.arange(state.size), state)), shape=onward.shape)
    return theirs.DiscreteDP(problem.rewards[state, action], sp.csr_matrix(onward + stay),
                             problem.discount, state, action)


def from_discrete_dp(problem: Any, initial: object = None, name: str = "game") -> MarkovGame:
    """The game of one agent of a `DiscreteDP`; actions of reward -inf do not
    exist.

    initial: [S] distribution of the first state; uniform if omitted.
    """
    if not isinstance(problem, package("quantecon.markov", "quantecon", "DiscreteDP").DiscreteDP):
        raise InputError(f"problem is {shown(problem)}, but a quantecon.markov.DiscreteDP was "
                         f"expected")
    n_states = int(problem.num_states)
    if problem.s_indices is None:
        rewards, table = problem.R, problem.Q.reshape(-1, n_states)
        state, action = np.indices(rewards.shape).reshape(2, -1)
    else:
        state, action = problem.s_indices, problem.a_indices
        rewards, table = problem.R, problem.Q
    n_actions = int(np.max(action)) + 1
    check_table(1, n_states, n_actions)
    exists = np.zeros((n_states, n_actions), bool)
    paid = np.zeros((n_states, n_actions))
    exists[state, action] = ~np.isneginf(rewards.ravel())
    paid[state, action] = np.where(np.isneginf(rewards.ravel()), 0.0, rewards.ravel())
    moves = sp.coo_array(table)
    rows = (np.asarray(state) * n_actions + np.asarray(action))[moves.row]
    onward = sp.csr_array((moves.data, (rows, moves.col)), shape=(exists.size, n_states))
    return MarkovGame.from_arrays(paid[None], onward, discount=float(problem.beta),
                                  mask=exists[None], initial=initial, name=name)
