"""A welfare report as lines of a label and a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from potentia.lines import Line

if TYPE_CHECKING:
    from potentia.welfare.costs import WelfareReport

BAR = 30                  # characters of the longest bar


def lines_of(report: WelfareReport) -> list[Line]:
    """(label, text) of each line; bars of the histogram have no label."""
    return [("maximum welfare", f"between {report.maximum_welfare:.6g} and {report.maximum_welfare_upper:.6g}"),
            ("", report.maximum_note), *_profile(report), *_pure(report),
            ("price of anarchy", _anarchy(report)),
            ("price of stability", _number(report.price_of_stability)),
            ("", report.price_note), *_reached(report)]


def _profile(report: WelfareReport) -> list[Line]:
    if report.welfare is None:
        return []
    share = "" if report.efficiency is None else f" (efficiency {report.efficiency:.4g})"
    return [("welfare of the profile", f"{report.welfare:.6g}{share}")]


def _pure(report: WelfareReport) -> list[Line]:
    count = "unknown" if report.n_pure is None else f"{report.n_pure:,}"
    if report.worst_pure is not None:
        count += f", of welfare {report.worst_pure:.6g} to {report.best_pure:.6g}"
    return [("pure Nash profiles", count), ("", report.pure_note)]


def _reached(report: WelfareReport) -> list[Line]:
    if not report.reached.size:
        return [("welfare reached by learning", report.reached_note)]
    least, middle, most = np.quantile(report.reached, [0, 0.5, 1])
    return [("welfare reached by learning",
             f"{report.reached.size} runs: {least:.6g} to {most:.6g}, median {middle:.6g}"),
            ("", f"certified Nash gaps: {np.median(report.reached_gap):.3g} (median), "
                 f"{report.reached_gap.max():.3g} (largest)"),
            ("", report.reached_note), *_bars(report)]


def _bars(report: WelfareReport) -> list[Line]:
    """A bar for each bin that holds a run, unless the bins differ in digits only that nobody reads."""
    counts, edges = report.histogram()
    shown = [f"{edge:.6g}" for edge in edges]
    if len(set(shown)) < len(shown):
        return []
    return [("", f"{low:>12} to {high:<12} {'#' * max(1, round(BAR * count / counts.max()))} {count}")
            for count, low, high in zip(counts, shown[:-1], shown[1:], strict=True) if count]


def _anarchy(report: WelfareReport) -> str:
    """A price that rests on some pure Nash profiles, not on all, is a bound."""
    least = "at least " if report.worst_pure is None and report.price_of_anarchy is not None else ""
    return least + _number(report.price_of_anarchy)


def _number(price: float | None) -> str:
    return "none" if price is None else f"{price:.6g}"
