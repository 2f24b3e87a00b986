"""How far the flows of a profile are from published ones."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.console.text import Line, Readable
from potentia.report.road_flows import LinkFlows


@dataclasses.dataclass(frozen=True)
class Differences(Readable):
    """relative_difference: sum over links of |difference| over the sum of the published flows.
    root_mean_square, largest_difference: in vehicles. largest_link, largest_id: from and to, and
    id, of the link with the largest; its flow there and as published."""

    relative_difference: float
    root_mean_square: float
    largest_difference: float
    largest_link: tuple[int | str, int | str]
    largest_id: int | str
    largest_flow: float
    largest_published: float

    def lines(self) -> list[Line]:
        """What it says, for people."""
        start, end = self.largest_link
        return [("difference from the published flows",
                 f"{self.relative_difference:.3g} of their sum, all links' taken absolutely"),
                ("  root mean square", f"{self.root_mean_square:,.3f} vehicles"),
                ("  largest", f"{self.largest_difference:,.3f} vehicles on {start} -> {end}: "
                              f"{self.largest_flow:,.3f}, published {self.largest_published:,.3f}")]


def differences(flows: LinkFlows, published: np.ndarray) -> Differences:
    """Of these flows from published ones [links], in the same order; where all published flows are
    0 the first is infinite, or 0 if there is no difference."""
    off = np.abs(flows.flow - published)
    total, worst = float(published.sum()), int(off.argmax())
    relative = float(off.sum()) / total if total > 0 else (np.inf if off.any() else 0.0)
    return Differences(
        relative_difference=float(relative), root_mean_square=float(np.sqrt(np.mean(off ** 2))),
        largest_difference=float(off[worst]), largest_link=flows.ends[worst],
        largest_id=flows.table["id"][worst], largest_flow=float(flows.flow[worst]),
        largest_published=float(published[worst]))
