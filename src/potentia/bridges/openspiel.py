"""OpenSpiel's simultaneous games (pyspiel) as ours, and ours as theirs, of so many steps.

A policy of theirs is certified as it stands, `pt.certify(pyspiel_game, policy)`, and so is a list
of policies, one for each player.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import numpy as np

from potentia.bridges.finite import Steps, steps_of
from potentia.bridges.packages import package
from potentia.bridges.spiel_histories import Histories
from potentia.bridges.spiel_play import Observer, Play, State
from potentia.errors import InputError, one_line, shown
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.payoffs import tables_of
from potentia.names import labels_of

_NUMBERS = count(1)
STRATEGIC = ("pyspiel.extensive_to_tensor_game gives its strategic form, which is played once and "
             "fits")


def to_pyspiel(game: object, horizon: int | None = None) -> Any:
    """The game as a simultaneous `pyspiel.Game`, at whose end each player's return is its
    discounted sum of rewards, so that the expected returns are our values.

    horizon: steps after which play stops, as in `MarkovGame.from_arrays`; may be left out where
        every play ends by itself. A game that is played once becomes a matrix or tensor game then.

    Chance draws the first state and next states where they are random. Policies of theirs see the
    step and the state. The game is registered with pyspiel, under a short name of its own, for as
    long as the process lives, so that states can be written as text and read again.

    Raises InputError for a game without a table, one that may go on without a horizon, and one
    whose agents do not see the state.
    """
    theirs = package("pyspiel", "openspiel", "Game")
    table = as_table(game, "to_pyspiel needs")
    if horizon is None and table.n_states == 1 and table.discount == 0:
        return _strategic(theirs, table)
    if not table.full_information:
        raise InputError("agents do not see the state of the game, but to_pyspiel gives games of "
                         "perfect information; pt.bridges.pettingzoo takes any")
    return _registered(theirs, steps_of(table, horizon, "to_pyspiel needs"))


def _strategic(theirs: Any, table: MarkovGame) -> Any:
    """A game that is played once."""
    payoffs = tables_of(table)
    known = table.names.actions or [()] * table.n_agents
    actions = [labels_of(own, size) for own, size in zip(known, table.action_counts, strict=True)]
    short = f"potentia_{next(_NUMBERS)}"
    if table.n_agents == 2:
        return theirs.create_matrix_game(short, table.name, *actions, *payoffs)
    return theirs.create_tensor_game(short, table.name, actions,
                                     [payoff.ravel().tolist() for payoff in payoffs])


def _registered(theirs: Any, steps: Steps) -> Any:
    """A game of several steps, of a class of its own."""
    kind, info = _type(theirs, steps), _info(theirs, steps)
    state = type("MarkovState", (State, theirs.State), {"steps": steps, "ids": theirs.PlayerId})
    game = type("MarkovPlay", (Play, theirs.Game), {
        "described": (kind, info), "state": state, "observer": Observer})
    theirs.register_game(kind, game)
    return game()


def _type(theirs: Any, steps: Steps) -> Any:
    kinds, n_agents = theirs.GameType, steps.table.n_agents
    chance = np.count_nonzero(steps.table.initial) > 1 or bool((steps.moves.data < 1).any())
    return kinds(
        short_name=f"python_potentia_{next(_NUMBERS)}", long_name=steps.table.name,
        dynamics=kinds.Dynamics.SIMULTANEOUS,
        chance_mode=(kinds.ChanceMode.EXPLICIT_STOCHASTIC if chance
                     else kinds.ChanceMode.DETERMINISTIC),
        information=kinds.Information.PERFECT_INFORMATION, utility=_utility(kinds, steps.rewards),
        reward_model=kinds.RewardModel.REWARDS, max_num_players=n_agents, min_num_players=n_agents,
        provides_information_state_string=True, provides_information_state_tensor=False,
        provides_observation_string=True, provides_observation_tensor=False,
        provides_factored_observation_string=False, parameter_specification={})


def _utility(kinds: Any, rewards: np.ndarray) -> Any:
    """What is known of the players' rewards [S, J, N] together."""
    if not rewards.sum(axis=-1).any():
        return kinds.Utility.ZERO_SUM
    same = (rewards == rewards[..., :1]).all()
    return kinds.Utility.IDENTICAL if same else kinds.Utility.GENERAL_SUM


def _info(theirs: Any, steps: Steps) -> Any:
    weights = float(steps.table.discount) ** np.arange(steps.horizon)
    most = float(weights.sum() * np.abs(steps.rewards).max())
    zero = _utility(theirs.GameType, steps.rewards) == theirs.GameType.Utility.ZERO_SUM
    return theirs.GameInfo(
        num_distinct_actions=max(steps.table.action_counts),
        max_chance_outcomes=steps.table.n_states, num_players=steps.table.n_agents,
        min_utility=-most, max_utility=most, utility_sum=0.0 if zero else None,
        max_game_length=steps.horizon)


def from_pyspiel(game: Any) -> MarkovGame:
    """The table of a small simultaneous game: a state for each history in which players move, and
    one for the end; returns are paid with the last move, at discount 1. A game that is over after
    one move becomes one that is played once.

    Chance, at first or after a move, becomes part of the transitions. Actions that the players have
    anywhere are numbered in the order of theirs.

    Raises InputError, saying which property of the game does not fit and what would serve: players
    who move in turns, imperfect information, chance that tells no probabilities; and for more than
    20,000 histories.
    """
    return _histories(game).table()


def certifiable(game: Any, policy: Any) -> tuple[MarkovGame, Any]:
    """The table of a game of theirs, and the profile in it that is their policy.

    policy: with `action_probabilities`, as their tabular policies have; a list of such policies,
        one for each player; or a profile as ours.
    """
    found = _histories(game)
    table = found.table()
    if _theirs(policy):
        _refuse_another(game, [policy])
        return table, found.profile([policy] * found.n_agents)
    if isinstance(policy, list | tuple) and any(map(_theirs, policy)):
        if len(policy) != found.n_agents or not all(map(_theirs, policy)):
            raise InputError(f"policy is {shown(policy)}, but a policy for each of the "
                             f"{found.n_agents} players of {found.name} was expected")
        _refuse_another(game, policy)
        return table, found.profile(policy)
    if found.nameless and _has_text(policy):
        raise InputError(f"policy calls actions by names, but {found.name} has none: "
                         f"{found.nameless}; call them by numbers from 0 on")
    return table, policy


def _has_text(policy: object) -> bool:
    """Whether it calls anything by a name."""
    if isinstance(policy, Mapping):
        return any(map(_has_text, (*policy, *policy.values())))
    return isinstance(policy, str) or (isinstance(policy, list | tuple)
                                       and any(map(_has_text, policy)))


def _refuse_another(game: Any, policies: Sequence[Any]) -> None:
    """Raise InputError for a policy that says it is of another game; some say nothing."""
    theirs = package("pyspiel", "openspiel", "Game")
    for policy in policies:
        own = getattr(policy, "game", None)
        if isinstance(own, theirs.Game) and str(own) != str(game):
            raise InputError(f"policy is of another game, {one_line(own, 60)}, than "
                             f"{one_line(game, 60)}")


def _theirs(policy: object) -> bool:
    """Whether it is a policy of theirs: any class will do that answers like one."""
    return hasattr(policy, "action_probabilities")


def _histories(game: Any) -> Histories:
    theirs = package("pyspiel", "openspiel", "Game")
    if not isinstance(game, theirs.Game):
        raise InputError(f"game is {shown(game)}, but a pyspiel.Game was expected")
    kind = game.get_type()
    name = one_line(kind.short_name, 40)
    if kind.dynamics == kind.Dynamics.MEAN_FIELD:
        raise InputError(f"{name} is a mean field game, but agents are counted here; "
                         f"pt.SymmetricCongestionGame takes many alike")
    if kind.dynamics != kind.Dynamics.SIMULTANEOUS:
        raise InputError(f"{name} is sequential: its players move in turns, but agents of a Markov "
                         f"game move at once; {STRATEGIC}")
    if kind.information == kind.Information.IMPERFECT_INFORMATION:
        raise InputError(f"{name} has imperfect information: its players do not see all of the "
                         f"past, but states are seen here; {STRATEGIC}")
    if kind.chance_mode == kind.ChanceMode.SAMPLED_STOCHASTIC:
        raise InputError(f"{name} has chance that is sampled and tells no probabilities, which a "
                         f"table needs; a variant with explicit chance would serve")
    return Histories(game, name)
