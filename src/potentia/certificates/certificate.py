"""What a certificate says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

import numpy as np

from potentia.console.bounds import above, from_to
from potentia.console.text import Line, Readable
from potentia.names import NONE, Names

SHOWN_AGENTS = 8
Shown = Callable[[float], str]
Name = Callable[[int, str], str]


@dataclasses.dataclass(frozen=True)
class Certificate(Readable):
    """How far a profile is from a Nash equilibrium. All numbers are in the unit of the rewards.

    nash_gap, nash_gap_lower: bounds on the largest gain of any agent from the initial distribution.
    worst_state_gap, worst_state_gap_lower: the same, worst over the starting states (Definition 1
        of arXiv 2110.10614); None for local policies, whose best response depends on the start.
    per_agent, per_agent_lower: [N] upper and lower bounds on each agent's gain from the initial
        distribution. A lower bound may fall below 0 by rounding; a true gain never does.
    witness: [H, A] policy of agent `witness_agent` that gains at least `nash_gap_lower`; rows are
        states with full information, information states otherwise. Of a routing game, whose agents
        are told apart by type, the walk that an agent of that type would take: numbers of links,
        from its origin on.
    values: [N] the profile's values V_i(mu).
    method: how the bounds were found.
    relative_gap: of a routing game, an upper bound on the traffic literature's gap by each agent's
        own expected costs: what all agents would gain by their best responses, over what they all
        pay. None of other games.
    witness_trip: of a routing game, whose agents are told apart by type, where the trips of
        `witness_agent` begin and end, by the names of the nodes; else None.
    trips: of a routing game, [N] where the trips of each type begin and end, by the names of the
        nodes, and their class where there are any; else ().
    names: what the game calls its agents and actions.
    """

    nash_gap: float
    nash_gap_lower: float
    worst_state_gap: float | None
    worst_state_gap_lower: float | None
    per_agent: np.ndarray
    per_agent_lower: np.ndarray
    witness: np.ndarray
    witness_agent: int
    values: np.ndarray
    method: str
    relative_gap: float | None = None
    witness_trip: tuple[int | str, int | str] | None = None
    trips: tuple[tuple[int | str, ...], ...] = ()
    names: Names = NONE

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return self._of_types() if self.witness_trip else self._of_agents()

    def _of_agents(self) -> list[Line]:
        worst = "not defined for local policies"
        if self.worst_state_gap is not None and self.worst_state_gap_lower is not None:
            worst = from_to(self.worst_state_gap_lower, self.worst_state_gap)
        return [("Nash gap from the initial distribution",
                 from_to(self.nash_gap_lower, self.nash_gap)),
                ("Nash gap, worst over the states", worst),
                _gains(self.per_agent, self._of_agent, "agent"),
                ("value of each agent", _values(self.values, self._of_agent, "agent")),
                *([("best deviation found", self._deviation())]
                  if self.nash_gap_lower > 0 else []),
                ("method", self.method)]

    def _deviation(self) -> str:
        """Who deviates; to which action, if it decides once."""
        who = f"by {self.names.agent(self.witness_agent)}"
        if len(self.witness) > 1 or not self.names.actions:
            return who
        return f"{who}, to {self.names.action(self.witness_agent, int(self.witness[0].argmax()))}"

    def _of_agent(self, number: int, text: str) -> str:
        """The text of a number of an agent's; without a name where nobody named them and few are
        told in their order."""
        if self.names.agents:
            return f"{self.names.agent(number)} {text}"
        few = self.values.size <= SHOWN_AGENTS
        return text if few else f"{text} of {self.names.agent(number)}"

    def _of_type(self, number: int, text: str) -> str:
        """The text of a number of a type's, with its trips and their class."""
        if not self.trips:
            return text
        start, end, *kind = self.trips[number]
        return f"{text} from {start} to {end}" + "".join(f" ({name})" for name in kind)

    def _of_types(self) -> list[Line]:
        assert self.witness_trip is not None
        assert self.relative_gap is not None
        start, end = self.witness_trip
        return [("relative gap", f"at most {above(self.relative_gap, '.3g')}: what agents could "
                                 f"save, each alone, of what all pay"),
                ("Nash gap", from_to(self.nash_gap_lower, self.nash_gap)
                 + ": the most that any one could save, in units of cost"),
                _gains(self.per_agent, self._of_type, "type"),
                ("expected cost of each type", _values(-self.values, self._of_type, "type")),
                *([("best deviation found", f"by an agent from {start} to {end}")]
                  if self.nash_gap_lower > 0 else []),
                ("method", self.method)]


def _gains(most: np.ndarray, name: Name, noun: str) -> Line:
    """What each could gain: in their order where they are few, else the largest few."""
    if most.size <= SHOWN_AGENTS:
        return f"gain of each {noun}, at most", _told(most, range(most.size), name, above)
    largest = np.argsort(-most, kind="stable")[:SHOWN_AGENTS].tolist()
    return "largest gains, at most", _told(most, largest, name, above) + _left(most, noun)


def _values(values: np.ndarray, name: Name, noun: str) -> str:
    """In their order where they are few, else the least and the greatest."""
    if values.size <= SHOWN_AGENTS:
        return _told(values, range(values.size), name)
    ends = _told(values, [int(values.argmin()), int(values.argmax())], name, between=" up to ")
    return f"{ends} ({values.size:,} {noun}s)"


def _told(numbers: np.ndarray, chosen: Iterable[int], name: Name,
          shown: Shown = "{:.3g}".format, between: str = ", ") -> str:
    return between.join(name(k, shown(float(numbers[k]) + 0.0)) for k in chosen)


def _left(numbers: np.ndarray, noun: str) -> str:
    return f", ... ({numbers.size:,} {noun}s)"
