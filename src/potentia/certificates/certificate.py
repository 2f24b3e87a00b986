"""What a certificate says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from potentia.console.bounds import above, from_to
from potentia.console.text import Line, Readable
from potentia.names import NONE, Names

SHOWN_AGENTS = 8
Shown = Callable[[float], str]


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
                ("gain of each agent, at most", self._by_agent(self.per_agent, above)),
                ("value of each agent", self._by_agent(self.values)),
                *([("best deviation found", self._deviation())]
                  if self.nash_gap_lower > 0 else []),
                ("method", self.method)]

    def _deviation(self) -> str:
        """Who deviates; to which action, if it decides once."""
        who = f"by {self.names.agent(self.witness_agent)}"
        if len(self.witness) > 1 or not self.names.actions:
            return who
        return f"{who}, to {self.names.action(self.witness_agent, int(self.witness[0].argmax()))}"

    def _by_agent(self, numbers: np.ndarray, shown: Shown = "{:.3g}".format) -> str:
        if not self.names.agents:
            return _listed(numbers, shown=shown)
        told = [f"{self.names.agent(agent)} {shown(number)}"
                for agent, number in enumerate(numbers[:SHOWN_AGENTS])]
        return ", ".join(told) + _left(numbers, "agent")

    def _of_types(self) -> list[Line]:
        assert self.witness_trip is not None
        assert self.relative_gap is not None
        start, end = self.witness_trip
        return [("relative gap", f"at most {above(self.relative_gap, '.3g')}: what agents could "
                                 f"save, each alone, of what all pay"),
                ("Nash gap", from_to(self.nash_gap_lower, self.nash_gap) + ": the most that any "
                                                                            "one could save"),
                ("gain of each type, at most", _listed(self.per_agent, "type", above)),
                ("value of each type", _listed(self.values, "type")),
                *([("best deviation found", f"by an agent from {start} to {end}")]
                  if self.nash_gap_lower > 0 else []),
                ("method", self.method)]


def _listed(numbers: np.ndarray, noun: str = "agent", shown: Shown = "{:.3g}".format) -> str:
    told = [shown(number) for number in numbers[:SHOWN_AGENTS]]
    return ", ".join(told) + _left(numbers, noun)


def _left(numbers: np.ndarray, noun: str) -> str:
    return f", ... ({numbers.size} {noun}s)" if numbers.size > SHOWN_AGENTS else ""
