"""What an ascent and an enumeration of pure equilibria return, and how they read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from potentia.console.bounds import above
from potentia.console.text import Line, Readable, counted, span
from potentia.errors import InputError, shown, whole_number
from potentia.names import NONE, Names

NASH, CYCLED, LIMIT, UNPROVEN = "NASH", "CYCLED", "LIMIT", "UNPROVEN"
SHOWN = 8                # agents, moves or equilibria
LONGEST = 24             # actions of one profile
ROUNDING = 1e-9          # of the largest value: a gain below 0 by no more is shown as 0
ENDINGS = {NASH: "nobody gains beyond rounding",
           CYCLED: "a profile came back, so the game is no potential game",
           LIMIT: "the limit of moves was reached",
           UNPROVEN: "nobody's response gains for certain, but somebody may gain"}


@dataclasses.dataclass(frozen=True)
class Ascent(Readable):
    """A path of best responses. Values, gains and the gap are in the unit of the rewards.

    profile: [N, H, A] the last profile; pure unless the limit fell within the first round.
    status: "NASH": nobody gains beyond rounding; "CYCLED": a profile came back, so the game is no
        potential game; "LIMIT": the limit of moves was reached; "UNPROVEN": nobody's response gains
        for certain, but somebody may gain (local policies where lumping is not exact).
    path: the agents that moved, in order. An agent whose start is mixed moves once even if it gains
        nothing.
    gains: [moves] the movers' gains: the largest over the reachable states, or from the initial
        distribution for local policies.
    values: [moves+1, N] V_i(mu) along the path.
    potential: [moves+1] the potential along the path, where the game knows one; else None.
    gap: upper bound on what any agent could still gain: at most the sum over the reachable states,
        or from the initial distribution for local policies.
    names: what the game calls its agents.
    """

    profile: np.ndarray
    status: str
    path: tuple[int, ...]
    gains: np.ndarray
    values: np.ndarray
    potential: np.ndarray | None
    gap: float
    names: Names = NONE

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return _lines_of_ascent(self)


@dataclasses.dataclass(frozen=True)
class PureEquilibria(Readable):
    """All pure equilibria of a game, E of them, in lexicographic order of their actions.

    actions: [E, N, H] what each agent plays in each information state; the first action that exists
        where play never comes or has ended.
    values: [E, N] V_i(mu), in the unit of the rewards.
    n_profiles: how many pure profiles were tried.
    tolerance: [E, N] nobody gains more than this, by one action (by one policy for local policies):
        rounding, which cannot tell it from 0.
    note: what "Nash" means here, with the largest tolerance.
    n_actions: A, the most actions of any agent.
    names: what the game calls its actions.
    """

    actions: np.ndarray
    values: np.ndarray
    n_profiles: int
    tolerance: np.ndarray
    note: str
    n_actions: int
    names: Names = NONE

    def __len__(self) -> int:
        return len(self.actions)

    def __iter__(self) -> Iterator[np.ndarray]:
        """Each equilibrium as a profile [N, H, A]."""
        return map(self.profile, range(len(self)))

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return _lines_of_pure(self)

    @property
    def welfare(self) -> np.ndarray:
        """[E] sums of the agents' values."""
        return self.values.sum(axis=1)

    def profile(self, number: int) -> np.ndarray:
        """The equilibrium of that number as a profile [N, H, A]. Raises InputError if there is none
        of that number."""
        number = whole_number(number, "number")
        if number >= len(self):
            raise InputError(
                f"number is {shown(number)}, but there are {len(self)} equilibria, counted from 0")
        return np.eye(self.n_actions)[self.actions[number]]


def _lines_of_ascent(ascent: Ascent) -> list[Line]:
    """(label, text) of each line."""
    moves = len(ascent.path)
    rise = ([] if ascent.potential is None
            else [("potential", _from_to(ascent.potential[0], ascent.potential[-1]))])
    return [("best-response ascent", f"{ascent.status}: {ENDINGS[ascent.status]}"),
            ("moves", f"{moves:,}, by {_movers(ascent)}" if moves
             else "none"),
            *([("gains of the movers", _gains(ascent))] if moves else []),
            ("welfare (sum of the agents' values)",
             _from_to(ascent.values[0].sum(), ascent.values[-1].sum())), *rise,
            ("value of each agent at the end", _numbers(ascent.values[-1])),
            ("what any agent could still gain", f"at most {above(ascent.gap, '.3g')}")]


def _lines_of_pure(found: PureEquilibria) -> list[Line]:
    """(label, text) of each line; of many equilibria the first few."""
    n_found, welfare = len(found), found.welfare
    worth = (f", of welfare (sum of the agents' values) {span(welfare.min(), welfare.max())}"
             if n_found else ": any equilibrium is mixed")
    left = [("", f"... ({n_found:,} in all)")] if n_found > SHOWN else []
    return [("pure equilibria",
             f"{n_found:,} of {counted(found.n_profiles, 'pure profile')}{worth}"),
            ("", found.note), *(_equilibrium(found, number)
                                for number in range(min(n_found, SHOWN))), *left]


def _equilibrium(found: PureEquilibria, number: int) -> Line:
    """What each agent plays, one digit or number for each of its information states, and its
    value."""
    actions = found.actions[number]
    played = ("" if actions.size > LONGEST
              else "; actions " + ", ".join(" ".join(found.names.action(agent, action)
                                                     for action in own)
                                            for agent, own in enumerate(actions.tolist())))
    return f"number {number}", f"values {_numbers(found.values[number])}{played}"


def _movers(ascent: Ascent) -> str:
    if ascent.names.agents:
        return _listed([ascent.names.agent(agent) for agent in ascent.path])
    return f"agents {_listed(list(map(str, ascent.path)))}"


def _gains(ascent: Ascent) -> str:
    """Gains in order; one just below 0 is that of a first move, off a mixed policy that was as
    good."""
    gains = ascent.gains
    rounded = (gains < 0) & (gains >= -ROUNDING * np.abs(ascent.values).max())
    return _numbers(np.where(rounded, 0.0, gains)) + (" (up to rounding)" if rounded.any() else "")


def _from_to(start: float, end: float) -> str:
    return f"from {start:.6g} to {end:.6g}"


def _numbers(values: np.ndarray) -> str:
    return _listed([f"{value:.6g}" for value in values])


def _listed(items: Sequence[str]) -> str:
    return (", ".join(items[:SHOWN]) + (f", ... ({len(items):,} in all)" if len(items) > SHOWN
                                        else ""))
