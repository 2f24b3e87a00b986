"""The histories of a simultaneous game of pyspiel, as the states of a table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import scipy.sparse as sp

from potentia.console.log import LOG
from potentia.errors import InputError, one_line, shown
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame
from potentia.profile import SAME

MOST_HISTORIES = 20_000
Outcome = tuple[float, Any]            # a probability, and a state of theirs


class Histories:
    """The states in which players move, in the order in which they are found, and where each joint
    action leads.

    states: theirs. legal: of each state and player, its actions by their numbers. ways: of each
    state, a list of (actions, outcomes), outcomes being (probability, number of the next state or
    None at the end, returns [N] there). initial: (probability, number) of the first.
    """

    def __init__(self, game: Any, name: str) -> None:
        """Raises InputError where the game is too large, or players move alone."""
        self.n_agents, self.name = game.num_players(), name
        self.title = " ".join(game.get_type().long_name.split()) or name
        self.nameless = ""                     # why actions have no names, where they have none
        self.states: list[Any] = []
        self.legal: list[list[list[int]]] = []
        self.ways: list[list[tuple[tuple[int, ...], list]]] = []
        self.most = [1] * self.n_agents
        self.initial = [(share, self._number(state))
                        for share, state in self._settled(game.new_initial_state())]
        if any(number is None for _, number in self.initial):
            raise InputError(f"{name} may be over before anybody has moved, but every play of a "
                             f"table begins in a state")
        for state in self.states:                              # grows on the way
            self.ways.append(self._ways(state, self.legal[len(self.ways)]))
        self.actions = [sorted({action for own in self.legal for action in own[agent]})
                        for agent in range(self.n_agents)]

    @property
    def once(self) -> bool:
        """Whether the game is over after one move."""
        return len(self.states) == 1

    def _settled(self, state: Any, share: float = 1.0) -> list[Outcome]:
        """What chance leads to from a state."""
        if not state.is_chance_node():
            return [(share, state)]
        return [one for action, odds in state.chance_outcomes() if odds > 0
                for one in self._settled(state.child(action), share * odds)]

    def _number(self, state: Any) -> int | None:
        """The number that a state gets, of those in which players move; None at the end."""
        if state.is_terminal():
            return None
        if not state.is_simultaneous_node():
            raise InputError(f"{self.name} is sequential after {_history(state)}: one player moves "
                             f"there, but agents of a Markov game move at once")
        own = [list(state.legal_actions(agent)) or [0] for agent in range(self.n_agents)]
        self.most = [max(most, len(each)) for most, each in zip(self.most, own, strict=True)]
        self.states.append(state)
        self.legal.append(own)
        if len(self.states) > MOST_HISTORIES:
            raise InputError(f"{self.name} has more than {MOST_HISTORIES:,} histories, each of "
                             f"which would be a state; a game of fewer steps would serve")
        check_table(self.n_agents, len(self.states), self.most)
        return len(self.states) - 1

    def _ways(self, state: Any, own: list[list[int]]) -> list[tuple[tuple[int, ...], list]]:
        found = []
        for actions in product(*own):
            after = state.clone()
            after.apply_actions(list(actions))
            found.append((actions, [(share, self._number(then), then.returns())
                                    for share, then in self._settled(after)]))
        return found

    def table(self) -> MarkovGame:
        """The game, with a last state, which is the end."""
        counts, n_states = [len(own) for own in self.actions], len(self.states) + 1
        check_table(self.n_agents, n_states, counts)
        rewards = np.zeros((self.n_agents, n_states, *counts))
        mask = np.zeros((self.n_agents, n_states, max(counts)), bool)
        mask[:, -1, 0] = True
        entries, shares = [], []
        for number, (ways, own) in enumerate(zip(self.ways, self.legal, strict=True)):
            for agent, actions in enumerate(own):
                mask[agent, number, self._places(agent, actions)] = True
            for actions, outcomes in ways:
                joint = self._joint(actions)
                row = int(np.ravel_multi_index((number, *joint), (n_states, *counts)))
                for share, then, returns in outcomes:
                    entries.append((row, n_states - 1 if then is None else then))
                    shares.append(share)
                    if then is None:
                        rewards[(slice(None), number, *joint)] += share * np.asarray(returns)
        if self.once:
            return MarkovGame.from_payoffs(*rewards[:, 0], name=self.title, actions=self._names())
        initial = np.zeros(n_states)
        for share, number in self.initial:
            initial[number] += share
        return MarkovGame.from_arrays(
            rewards, self._moves(entries, shares, (n_states, *counts)), discount=1.0,
            initial=initial, mask=mask, name=self.title, actions=self._names())

    def _moves(self, entries: list, shares: list[float], shape: tuple[int, ...]) -> sp.csr_array:
        """[S*J, S], where what nobody can play, and the end, lead to the end."""
        rows, columns = np.array(entries).T
        idle = np.setdiff1d(np.arange(int(np.prod(shape))), rows)
        return sp.csr_array(
            (np.append(shares, np.ones(len(idle))),
             (np.append(rows, idle), np.append(columns, np.full(len(idle), shape[0] - 1)))),
            shape=(int(np.prod(shape)), shape[0]))

    def _joint(self, actions: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(self._places(agent, [action])[0] for agent, action in enumerate(actions))

    def _places(self, agent: int, actions: list[int]) -> list[int]:
        """Where actions of theirs stand among those that the agent has anywhere."""
        return np.searchsorted(self.actions[agent], actions).tolist()

    def _names(self) -> list[list[str]] | None:
        """What the players' actions are called; None where that does not serve, and why."""
        names = self._labels()
        if isinstance(names, list):
            return names
        self.nameless = names
        return None

    def _labels(self) -> list[list[str]] | str:
        """What the players' actions are called, or why that does not serve."""
        called: list[dict[int, str]] = [{} for _ in range(self.n_agents)]
        for state, own in zip(self.states, self.legal, strict=True):
            for agent, actions in enumerate(own):
                for action in actions if state.legal_actions(agent) else ():
                    name = " ".join(state.action_to_string(agent, action).split())
                    first = called[agent].setdefault(action, name)
                    if first != name:
                        return (f"action {action} of player {agent} is called {shown(first)} in "
                                f"one state and {shown(name)} in another")
        names = [[own.get(action, str(action)) for action in known]
                 for own, known in zip(called, self.actions, strict=True)]
        for agent, own in enumerate(names):
            for k, name in enumerate(own):
                if not name or name in own[:k]:
                    what = f"two actions called {shown(name)}" if name else "one without a name"
                    LOG.warning("%s: player %d has %s, so that actions have numbers here, from 0 "
                                "on, and no names", self.name, agent, what)
                    return f"player {agent} has {what}"
        return names

    def profile(self, policies: Sequence[Any]) -> np.ndarray:
        """[N, S, A] what their policies play, one of each player.

        Raises InputError naming the first history of which one says nothing that can be read.
        """
        shape = (self.n_agents, len(self.states) + 1, max(map(len, self.actions)))
        rows = np.zeros(shape)
        rows[:, -1, 0] = 1.0
        for number, (state, own) in enumerate(zip(self.states, self.legal, strict=True)):
            for agent in range(self.n_agents):
                places = self._places(agent, own[agent])
                rows[agent, number, places] = self._played(
                    policies[agent], state, agent, own[agent])
        return rows[:, :1] if self.once else rows

    def _played(self, policy: Any, state: Any, agent: int, own: list[int]) -> list[float]:
        try:
            told = dict(policy.action_probabilities(state, agent))
            if strange := [action for action, share in told.items()
                           if share and action not in own]:
                raise ValueError(f"it plays action {strange[0]}, which is not legal")
            played = [float(told.get(action, 0.0)) for action in own]
        except Exception as error:
            # A policy of a user's own may raise anything.
            raise InputError(f"policy of player {agent} after {_history(state)}: "
                             f"{type(error).__name__}: {one_line(error)}") from None
        if not abs(sum(played) - 1) <= SAME:
            raise InputError(f"policy of player {agent} after {_history(state)}: what it plays of "
                             f"the legal actions sums to {sum(played):.6g}, not to 1"
                             f"{self._same_text(state, agent, own)}")
        return played

    def _same_text(self, state: Any, agent: int, own: list[int]) -> str:
        """Who else goes by the same text as a player after a history, with other legal actions;
        nothing if nobody does."""
        text = _text(state, agent)
        for other, legal in zip(self.states, self.legal, strict=True):
            for player, actions in enumerate(legal):
                if actions != own and _text(other, player) == text:
                    return (f"; player {player} after {_history(other)} has the same text but "
                            f"other actions, and a tabular policy keeps one row for each text: "
                            f"give a list with a policy for each player, "
                            f"TabularPolicy(game, [player])")
        return ""


def _text(state: Any, agent: int) -> str:
    """What policies of theirs know a player's state by."""
    kind = state.get_game().get_type()
    if kind.provides_information_state_string:
        return state.information_state_string(agent)
    return state.observation_string(agent) if kind.provides_observation_string else str(state)


def _history(state: Any) -> str:
    return one_line(" ".join(map(str, state.history())) or "nothing", 60)
