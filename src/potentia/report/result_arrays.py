"""Results as labelled arrays of xarray, which is an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from potentia.errors import InputError
from potentia.learning.device import BY_CHECK
from potentia.report.result_tables import to_dataframe
from potentia.result import Result

if TYPE_CHECKING:
    import xarray as xr

PROFILE = ("agent", "information_state", "action")


def to_xarray(result: Result) -> xr.Dataset:
    """A dataset with the dimension `run`, also of a single one.

    What is recorded at updates has the dimension `iteration`, what is exact the dimension
    `check_iteration`: the iterations at which any run has a number, NaN where another has none.
    status, iterations and message are of each run, profile is [run, agent, information_state,
    action]; snapshots, if there are any, are [run, snapshot, agent, information_state, action]
    with snapshot_iteration [run, snapshot]. Attributes: the game's name and the settings.

    Raises InputError if xarray is not installed.
    """
    try:
        import xarray as xr  # an extra
    except ImportError:
        raise InputError("to_xarray needs xarray, which is not installed: "
                         "pip install 'potentia[xarray]'") from None
    runs = np.arange(len(result.statuses))
    table = to_dataframe(result)
    found = {"status": ("run", list(map(str, result.statuses))),
             "iterations": ("run", np.ravel(result.iterations)),
             "message": ("run", list(result.messages)),
             "profile": (("run", *PROFILE), result.profiles)}
    coordinates = {"run": runs}
    for axis, exact in (("iteration", False), ("check_iteration", True)):
        rows = table.loc[table["quantity"].isin(BY_CHECK) == exact]
        coordinates[axis] = np.unique(rows["iteration"])
        for quantity, part in rows.groupby("quantity", sort=False):
            found[str(quantity)] = (("run", axis), _on_grid(part, runs, coordinates[axis]))
    return xr.Dataset({**found, **_snapshots(result)}, coordinates,
                      {"game": result.game.name, **_plain(result.settings)})


def _on_grid(rows: pd.DataFrame, runs: np.ndarray, iterations: np.ndarray) -> np.ndarray:
    """[runs, iterations] the values of one quantity, NaN where there is none."""
    grid = np.full((len(runs), len(iterations)), np.nan)
    grid[rows["run"], np.searchsorted(iterations, rows["iteration"])] = rows["value"]
    return grid


def _snapshots(result: Result) -> dict:
    kept = result.snapshots
    if kept is None:
        return {}
    count = kept.iteration.shape[-1]
    return {"snapshot_iteration": (("run", "snapshot"), kept.iteration.reshape(-1, count)),
            "snapshots": (("run", "snapshot", *PROFILE),
                          kept.profile.reshape(-1, count, *kept.profile.shape[-3:]))}


def _plain(settings: dict) -> dict:
    """Settings as attributes that every file format for arrays takes: numbers and text."""
    return {name: value if isinstance(value, int | float | str) and not isinstance(value, bool)
            else str(value) for name, value in settings.items()}
