"""What pyspiel calls of a game of ours that is played in steps, of its states and their observer.

Classes of pyspiel are joined to these when the first game is built: pyspiel may not be there.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from potentia.bridges.finite import Steps


class Play:
    """The game."""

    described: ClassVar[tuple[Any, Any]]
    state: ClassVar[type]
    observer: ClassVar[type]

    def __init__(self, params: dict[str, Any] | None = None) -> None:
        kind, info = self.described
        super().__init__(kind, info, params or {})  # pyright: ignore[reportCallIssue]

    def new_initial_state(self) -> Any:
        """The state in which play begins, or in which chance draws that."""
        return self.state(self)

    def make_py_observer(self, kind: Any = None, params: Any = None) -> Any:
        """What players see."""
        return self.observer()


class State:
    """Where play has come to. Only small things are the instance's own: pyspiel copies it deeply.

    Chance moves where `waiting` holds the joint action whose next state is open, or -1 at first.
    """

    steps: ClassVar[Steps]
    ids: ClassVar[Any]

    def __init__(self, game: Any) -> None:
        super().__init__(game)  # pyright: ignore[reportCallIssue]
        self.time, self.place, self.waiting = 0, 0, None
        self.paid = np.zeros(self.steps.table.n_agents)
        self.total = np.zeros(self.steps.table.n_agents)
        self._go(-1)

    def current_player(self) -> Any:
        """Chance, all at once, or nobody at the end."""
        if self.is_terminal():
            return self.ids.TERMINAL
        return self.ids.SIMULTANEOUS if self.waiting is None else self.ids.CHANCE

    def is_terminal(self) -> bool:
        """Whether the horizon is reached, or a state that is never left and pays nothing."""
        if self.time == self.steps.horizon:
            return True
        return self.waiting is None and bool(self.steps.table.absorbing[self.place])

    def _legal_actions(self, player: int) -> list[int]:
        return self.steps.legal(player, self.place).tolist()

    def chance_outcomes(self) -> list[tuple[int, float]]:
        """Each state that may come, and its probability."""
        states, shares = self._open(self.waiting)
        return list(zip(states.tolist(), shares.tolist(), strict=True))

    def _open(self, joint: Any) -> tuple[np.ndarray, np.ndarray]:
        if joint == -1:
            initial = np.asarray(self.steps.table.initial)
            states = np.flatnonzero(initial)
            return states, initial[states]
        return self.steps.following(self.place, joint)

    def _apply_action(self, action: int) -> None:
        self.place, self.waiting = action, None

    def _apply_actions(self, actions: list[int]) -> None:
        joint = self.steps.joint(actions)
        weight = float(self.steps.table.discount) ** self.time
        self.paid = weight * self.steps.rewards[self.place, joint]
        self.total = self.total + self.paid
        self.time += 1
        if self.time < self.steps.horizon:
            self._go(joint)

    def _go(self, joint: int) -> None:
        states, _ = self._open(joint)
        if len(states) == 1:
            self.place = int(states[0])
        else:
            self.waiting = joint

    def rewards(self) -> np.ndarray:
        """[N] of the last step, discounted."""
        return self.paid

    def returns(self) -> np.ndarray:
        """[N] of all steps till now, discounted."""
        return self.total

    def seen(self) -> str:
        """What every player sees: the step, and the state."""
        what = "before the first state" if self.waiting == -1 else (
            self.steps.table.names.state(self.place))
        return f"step {self.time}, {what}"

    def _action_to_string(self, player: int, action: int) -> str:
        names = self.steps.table.names
        return names.state(action) if player == self.ids.CHANCE else names.action(player, action)

    def __str__(self) -> str:
        chance = "" if self.waiting is None else f", after joint action {self.waiting}"
        return f"{self.seen()}{chance}, returns {self.total.tolist()}"


class Observer:
    """All see the same."""

    def __init__(self) -> None:
        self.tensor, self.dict = None, {}

    def set_from(self, state: State, player: int) -> None:
        """Nothing to do: there is no tensor."""

    def string_from(self, state: State, player: int) -> str:
        """What a player sees of a state. The player is named, since policies of theirs are by this
        text alone."""
        return f"player {player}: {state.seen()}"
