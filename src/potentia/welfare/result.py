"""What a welfare report holds, and how it reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from potentia.console.bounds import above, below, between
from potentia.console.text import Line, Readable, counted, span
from potentia.errors import whole_number

BAR = 30                  # characters of the longest bar
MOST_BINS = 1_000_000
# runs are not told apart by less than this share of their welfare, or below this
ALIKE, TINY = 1e-9, 1e-200


@dataclasses.dataclass(frozen=True)
class WelfareReport(Readable):
    """What selfishness costs. Welfare is in the unit of the rewards, from the initial distribution;
    prices are >= 1.

    maximum_welfare, maximum_welfare_upper: bounds on the best that joint play can bring.
    optimal_policy: [S, N] actions of a joint policy that attains `maximum_welfare`.
    maximum_note: what the maximum is taken over.
    welfare, efficiency: of the profile asked about, the latter in (0, 1] as 1/price; None without
        one.
    n_pure, worst_pure, best_pure: how many pure equilibria there are, and the welfare of the worst
        and the best; None where that was not counted (or, of the latter two, where there are none).
    price_of_anarchy: of the worst pure equilibrium; where they were not counted, a lower bound on
        it by the worst that is known; None if none is known or undefined.
    price_of_stability: of the best pure equilibrium; where they were not counted, an upper bound on
        it by the best that is known; None if none is known or undefined.
    pure_note, anarchy_note, stability_note: where these come from, or why there is none: "unknown:
        ..." or "undefined: ...". Pure equilibria that are known without counting are those that
        best-response ascent from the profile asked about and from the runs found.
    reached, reached_gap: [starts] welfare and certified Nash gap of the profiles that learning from
        random starts reached. A run whose gap is not small is no equilibrium.
    reached_note: how the runs ran, or why they were left out.
    """

    maximum_welfare: float
    maximum_welfare_upper: float
    optimal_policy: np.ndarray
    maximum_note: str
    welfare: float | None
    efficiency: float | None
    n_pure: int | None
    worst_pure: float | None
    best_pure: float | None
    pure_note: str
    price_of_anarchy: float | None
    anarchy_note: str
    price_of_stability: float | None
    stability_note: str
    reached: np.ndarray
    reached_gap: np.ndarray
    reached_note: str

    def histogram(self, bins: int = 10) -> tuple[np.ndarray, np.ndarray]:
        """Counts [bins] and edges [bins+1] of the welfare reached. Raises InputError unless `bins`
        is in 1..1,000,000.

        Runs that agree to nine digits fall in the middle of a range of that width.
        """
        n_bins = whole_number(bins, "bins", 1, MOST_BINS)
        least, most = self.reached.min(initial=np.inf), self.reached.max(initial=-np.inf)
        largest = max(abs(least), abs(most))
        width = ALIKE * largest if largest > TINY else 0.5
        if not 0 <= most - least <= width:
            return np.histogram(self.reached, bins=n_bins)
        return np.histogram(self.reached, bins=n_bins, range=(least - width, most + width))

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return _lines_of(self)


def _lines_of(report: WelfareReport) -> list[Line]:
    """(label, text) of each line; bars of the histogram have no label."""
    least, most = (_at_least, _at_most) if report.worst_pure is None else ("{:.6g}".format,) * 2
    maximum = between(report.maximum_welfare, report.maximum_welfare_upper)
    return [("maximum welfare", f"{maximum} (welfare: the sum of the agents' values)"),
            ("", report.maximum_note),
            *_profile(report), *_pure(report),
            *_price("price of anarchy", least, report.price_of_anarchy, report.anarchy_note),
            *_price("price of stability", most, report.price_of_stability, report.stability_note),
            *_reached(report)]


def _price(label: str, shown: Callable[[float], str], price: float | None, note: str) -> list[Line]:
    """A price that rests on some pure equilibria, not on all, is a bound; one that is missing has a
    note only."""
    return [(label, note)] if price is None else [(label, shown(price)), ("", note)]


def _at_least(price: float) -> str:
    return f"at least {below(price)}"


def _at_most(price: float) -> str:
    return f"at most {above(price)}"


def _profile(report: WelfareReport) -> list[Line]:
    if report.welfare is None:
        return []
    share = "" if report.efficiency is None else f" (efficiency {report.efficiency:.4g})"
    return [("welfare of the profile", f"{report.welfare:.6g}{share}")]


def _pure(report: WelfareReport) -> list[Line]:
    if report.n_pure is None:
        return [("pure equilibria", report.pure_note)]
    count = f"{report.n_pure:,}"
    if report.worst_pure is not None and report.best_pure is not None:
        count += f", of welfare {span(report.worst_pure, report.best_pure)}"
    return [("pure equilibria", count), ("", report.pure_note)]


def _reached(report: WelfareReport) -> list[Line]:
    if not report.reached.size:
        return [("welfare reached by learning", report.reached_note)]
    least, middle, most = np.quantile(report.reached, [0, 0.5, 1])
    gap, largest = (above(float(of(report.reached_gap)), ".3g") for of in (np.median, np.max))
    alike = f"{least:.6g}" == f"{most:.6g}"
    median = "" if alike else f", median {middle:.6g}"
    mixed = "; any equilibrium is mixed" if report.n_pure == 0 else ""
    return [("welfare reached by learning",
             f"{counted(report.reached.size, 'run')}: {span(least, most)}{median}"),
            ("", f"certified Nash gaps: {gap} (median), {largest} (largest){mixed}"),
            ("", report.reached_note), *([] if alike else _bars(report))]


def _bars(report: WelfareReport) -> list[Line]:
    """A bar for each bin that holds a run, unless the bins differ in digits only that nobody
    reads."""
    counts, edges = report.histogram()
    shown = [f"{edge:.6g}" for edge in edges]
    if len(set(shown)) < len(shown):
        return []
    return [("",
             f"{low:>12} to {high:<12} {'#' * max(1, round(BAR * count / counts.max()))} {count}")
            for count, low, high in zip(counts, shown[:-1], shown[1:], strict=True) if count]
