"""A welfare report as lines of a label and a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from potentia.lines import Line, between, counted, span

if TYPE_CHECKING:
    from potentia.welfare.costs import WelfareReport

BAR = 30                  # characters of the longest bar


def lines_of(report: WelfareReport) -> list[Line]:
    """(label, text) of each line; bars of the histogram have no label."""
    bound = ("at least ", "at most ") if report.worst_pure is None else ("", "")
    maximum = between(report.maximum_welfare, report.maximum_welfare_upper)
    return [("maximum welfare", f"{maximum} (welfare: the sum of the agents' values)"), ("", report.maximum_note),
            *_profile(report), *_pure(report),
            *_price("price of anarchy", bound[0], report.price_of_anarchy, report.anarchy_note),
            *_price("price of stability", bound[1], report.price_of_stability, report.stability_note),
            *_reached(report)]


def _price(label: str, bound: str, price: float | None, note: str) -> list[Line]:
    """A price that rests on some pure equilibria, not on all, is a bound; one that is missing has a note only."""
    return [(label, note)] if price is None else [(label, f"{bound}{price:.6g}"), ("", note)]


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
    alike = f"{least:.6g}" == f"{most:.6g}"
    median = "" if alike else f", median {middle:.6g}"
    mixed = "; any equilibrium is mixed" if report.n_pure == 0 else ""
    return [("welfare reached by learning", f"{counted(report.reached.size, 'run')}: {span(least, most)}{median}"),
            ("", f"certified Nash gaps: {np.median(report.reached_gap):.3g} (median), "
                 f"{report.reached_gap.max():.3g} (largest){mixed}"),
            ("", report.reached_note), *([] if alike else _bars(report))]


def _bars(report: WelfareReport) -> list[Line]:
    """A bar for each bin that holds a run, unless the bins differ in digits only that nobody reads."""
    counts, edges = report.histogram()
    shown = [f"{edge:.6g}" for edge in edges]
    if len(set(shown)) < len(shown):
        return []
    return [("", f"{low:>12} to {high:<12} {'#' * max(1, round(BAR * count / counts.max()))} {count}")
            for count, low, high in zip(counts, shown[:-1], shown[1:], strict=True) if count]
