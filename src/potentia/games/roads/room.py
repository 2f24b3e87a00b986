"""Whether a network fits in memory, told before anything of its size is made, and what would fit
instead, as far as that can be told by counting."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator

import numpy as np

from potentia.console.text import counted
from potentia.errors import InputError
from potentia.games.limits import LIMIT_GB, short
from potentia.games.roads.load_windows import most_agents, window
from potentia.games.roads.reach import Reach, Types
from potentia.games.roads.row_layout import block_size
from potentia.runtime.memory import physical_memory

COPIES = 60               # numbers held for each action of a row, at most
SEARCHED = 10             # numbers held for each link of a step while paths are searched
WINDOWS = 3               # numbers held for each load in a window, of each action of a block
DETOURS = (3.0, 2.0, 1.5, 1.2, 1.1)     # that are advised; less leaves hardly a choice
ADVISED = 2               # ways out that are told


@dataclasses.dataclass(frozen=True)
class Room:
    """What was asked for. shareable: whether costs are such that policies may be by destination.
    by_table: whether means of costs are taken from a table by the number of agents."""

    policies: str
    shareable: bool
    horizon: int | None
    detour: float | None
    n_agents: int
    by_table: bool

    def refuse_large_search(self, types: Types, n_nodes: int, n_links: int) -> None:
        """Raise InputError if the distances from all origins and to all destinations, the nodes of
        each group of types, and the links of all steps do not fit."""
        steps, ends = self.horizon or 1, (np.unique(types.origin).size
                                          + np.unique(types.destination).size)
        groups = {"type": len(types.count), "agent": self.n_agents,
                  "destination": np.unique(types.destination).size}
        links = 8 * SEARCHED * n_links * steps
        size = {policies: n_nodes * (steps + 1) * (count + 8 * ends) + links
                for policies, count in groups.items()}
        if size[self.policies] <= physical_memory():
            return
        helps = [f"policies='{other}'" for other in self._others()
                 if size[other] <= physical_memory()]
        helps += ["a shorter horizon"] * (self.horizon is not None)
        raise InputError(
            f"{n_nodes:,} nodes and {counted(n_links, 'link')}"
            f"{f' at each of {steps:,} steps' if self.horizon else ''} with paths of "
            f"{short(groups[self.policies])} policies {_needs(size[self.policies])}"
            f"{'; ' + ' or '.join(helps) + ' needs less' if helps else ''}")

    def refuse_large(self, reach: Reach, widest: int, n_links: int) -> None:
        """Raise InputError if a solve on the rows of these paths, of up to so many links each, does
        not fit, or the table of costs of so many links."""
        rows, faults = reach.count_rows(self.policies, self.detour), []
        longest = int(LIMIT_GB * 1e9) // (8 * n_links)
        if self.by_table and self.n_agents > longest:
            size = 8 * n_links * self.n_agents
            faults.append(f"costs by load of {counted(n_links, 'link')} and "
                          f"{counted(self.n_agents, 'agent')} need {short(size // 10**6)} MB, but "
                          f"the limit is {LIMIT_GB * 1e3:,.0f} MB")
        size = self._solved(rows, widest, reach)
        if size > physical_memory():
            faults.append(f"{short(rows)} rows of {counted(widest, 'link')} {_needs(size)}")
        if faults:
            fitting = itertools.islice(self._fitting(reach, widest, longest), ADVISED)
            raise InputError(f"{', and '.join(faults)}; {_advice(list(fitting), self.horizon)}")

    def _others(self) -> list[str]:
        """Policies that take fewer rows and are possible."""
        return (["destination"] * (self.shareable and self.policies != "destination")
                + ["type"] * (self.policies == "agent"))

    def _solved(self, rows: int, widest: int, reach: Reach) -> int:
        """Bytes of a solve on so many rows."""
        held = 8 * COPIES * rows * widest
        return held if not self.by_table else held + self._window(rows, widest, reach) * window(
            self.n_agents)

    def _window(self, rows: int, widest: int, reach: Reach) -> int:
        """Bytes for each number in the windows of loads, where costs are by table."""
        return 8 * WINDOWS * widest * -(-rows // block_size(rows, reach.network.n_nodes))

    def _fitting(self, reach: Reach, widest: int, longest: int) -> Iterator[dict[str, object]]:
        """What could be asked for instead, as keywords: the least changes first, of each kind the
        least that fits."""
        smaller = [stretch for stretch in DETOURS if self.detour is None or stretch < self.detour]
        found: list[dict[str, object]] = []
        for others, detours, fewer in (
                (self._others(), [self.detour], False), ([self.policies], smaller, False),
                ([self.policies], [self.detour], True), ([self.policies], smaller, True),
                (self._others(), smaller, False), (self._others(), [self.detour, *smaller], True)):
            for policies in others:
                each = (self._changed(reach, widest, longest, policies, detour, fewer)
                        for detour in detours)
                changed = next((asked for asked in each if asked is not None), None)
                # What fits with less changed is no other way out.
                if changed and not any(less.items() <= changed.items() for less in found):
                    found.append(changed)
                    yield changed

    def _changed(self, reach: Reach, widest: int, longest: int, policies: str,
                 detour: float | None, fewer: bool) -> dict[str, object] | None:
        """These policies, that detour and perhaps fewer agents, if they fit."""
        rows = reach.count_rows(policies, detour)
        asked: dict[str, object] = {}
        if policies != self.policies:
            asked["policies"] = policies
        if detour != self.detour:
            asked["detour"] = f"{detour:g}"
        if not fewer:
            by_table = self.by_table and policies != "destination"
            room = dataclasses.replace(self, by_table=by_table)
            fits = (room._solved(rows, widest, reach) <= physical_memory()
                    and (not by_table or self.n_agents <= longest))
            return asked if fits else None
        left = physical_memory() - 8 * COPIES * rows * widest
        if not self.by_table or policies != "type" or left <= 0:
            return None
        most = _rounded_down(min(most_agents(left // self._window(rows, widest, reach)), longest,
                                 self.n_agents))
        # With fewer agents than types some types would be gone.
        return None if most < len(reach.types.count) else {"n_agents": most, **asked}


def refuse_long(horizon: int, n_roads: int) -> None:
    """Raise InputError if the links of all steps do not fit where trips choose when to leave: for
    each step, the roads and at least one link to arrive by."""
    n_links = n_roads + horizon
    size = 8 * SEARCHED * n_links * horizon
    if size > physical_memory():
        raise InputError(f"horizon is {short(horizon)}: with departures, {short(n_links)} links at "
                         f"each step {_needs(size)}; a shorter horizon needs less")


def _needs(size: int) -> str:
    return (f"need about {short(size // 10**6)} MB, but this machine has "
            f"{physical_memory() // 10**6:,} MB")


def _rounded_down(number: int) -> int:
    """A number of two digits and noughts, at most this one."""
    unit = 10 ** max(len(str(number)) - 2, 0)
    return number // unit * unit


def _advice(fitting: list[dict[str, object]], horizon: int | None) -> str:
    if not fitting:
        return ("a shorter horizon needs less" if horizon is not None else
                "no policies, detour or number of agents would make it fit")
    return "what fits: " + " or ".join(
        " ".join(f"-p {name}={value}" for name, value in asked.items()) for asked in fitting)
