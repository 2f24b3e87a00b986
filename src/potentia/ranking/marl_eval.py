"""A sweep's curves as the JSON that marl-eval reads.

The form is that of Gorsane, Mahjoub, de Kock, Dubb, Singh, Pretorius, Towards a standardised
performance evaluation protocol for cooperative MARL, NeurIPS 2022 (arXiv 2209.10485), as the
package describes it: environment, task, algorithm, run, and of each run the same numbers of steps,
then absolute_metrics. Tasks are games, algorithms are rules with their settings, and steps are
iterations at which all runs are told; a run that has ended is told as it ended.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from potentia.errors import InputError
from potentia.ranking.arrivals import named
from potentia.ranking.tables import checked
from potentia.sweeps.columns import PACE

ENVIRONMENT = "potentia"
STEPS = 50                      # at most, besides the start
LEAST_GAP = 1e-16               # below it there are no more digits


def exported(table: pd.DataFrame, curves: pd.DataFrame) -> tuple[str, list[str]]:
    """The JSON document, and notes of what is left out.

    Metrics: digits, minus the decimal logarithm of the Nash gap, rounding included, of which more
    is better; nash_gap; welfare. Of a run, absolute_metrics are those of its last profile. A rule
    that has no curve somewhere is left out, since marl-eval needs every one on every task.
    """
    known = checked(table)
    runs = named(known).assign(cell=known["cell"], pace=known[PACE])
    parts: dict[Any, Any] = dict(iter(curves.groupby(["cell", "seed"], sort=False)))
    runs["algorithm"] = [f"{rule} ({setting})" if setting else rule for rule, setting
                         in zip(runs["rule"], runs["setting"], strict=True)]
    left_out = _incomplete(runs, set(parts))
    told: Any = runs[~runs["algorithm"].isin(left_out)]
    if told.empty:
        raise InputError("no rule has curves on all games and seeds, so marl-eval has nothing to "
                         "compare")
    last = max(int(part["iteration"].max()) for part in parts.values())
    steps = np.unique(np.linspace(0, last, STEPS + 1).round().astype(int))
    tasks: dict[str, dict[str, dict[str, Any]]] = {}
    for row in told.to_dict("records"):
        task = tasks.setdefault(_no_comma(row["game"]), {})
        task.setdefault(_no_comma(row["algorithm"]), {})[f"seed_{row['seed']}"] = _run(
            parts[row["cell"], row["seed"]], steps, row["pace"])
    return (json.dumps({ENVIRONMENT: tasks}, indent=1, allow_nan=False) + "\n",
            [f"{algorithm} is left out: it has no curve on some game" for algorithm in left_out])


def _run(curve: pd.DataFrame, steps: np.ndarray, pace: float) -> dict[str, Any]:
    """The steps of one run, then its last profile."""
    at = curve["iteration"].to_numpy()
    held = np.searchsorted(at, steps, side="right") - 1
    ended = int(at[-1])
    found = {f"step_{number}": {"step_count": int(step),
                                "elapsed_time": float(min(step, ended) * pace),
                                **_metrics(curve, place)}
             for number, (step, place) in enumerate(zip(steps, held, strict=True))}
    # With the time, since all steps of a run must have the same metrics.
    return found | {"absolute_metrics": {"elapsed_time": [float(ended * pace)],
                                         **_metrics(curve, -1)}}


def _metrics(curve: pd.DataFrame, place: int) -> dict[str, list[float]]:
    gap, error, welfare = (float(curve[name].iloc[place])
                           for name in ("nash_gap", "nash_gap_error", "welfare"))
    return {"digits": [float(-np.log10(max(gap + error, LEAST_GAP)))], "nash_gap": [gap],
            "welfare": [welfare]}


def _incomplete(runs: pd.DataFrame, curves: set[Any]) -> list[str]:
    """Algorithms without a curve of some game and seed that others have."""
    tasks = set(zip(runs["game"], runs["seed"], strict=True))
    had: dict[str, set[Any]] = {algorithm: set() for algorithm in runs["algorithm"]}
    for row in runs.to_dict("records"):
        if (row["cell"], row["seed"]) in curves:
            had[row["algorithm"]].add((row["game"], row["seed"]))
    return [algorithm for algorithm, own in had.items() if own != tasks]


def _no_comma(name: str) -> str:
    """marl-eval splits names of algorithms at commas."""
    return name.replace(",", ";")
