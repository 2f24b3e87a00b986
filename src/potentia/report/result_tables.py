"""Results as pandas frames: their history in tidy form, and a row for each run."""

from __future__ import annotations

import numpy as np
import pandas as pd

from potentia.certificates.certificate import Certificate
from potentia.certificates.equilibrium import certify
from potentia.errors import InputError
from potentia.game import usable
from potentia.learning.device import BY_CHECK
from potentia.names import names_of
from potentia.result import Result

AXES = {"iteration", "check_iteration"}


def to_dataframe(result: Result) -> pd.DataFrame:
    """A tidy table: a row for each number of the history, by run, quantity and iteration.

    Columns: run (from 0 on), iteration (updates made before), quantity (a name of
    `Result.history`), value. What a run has no number for has no row, so that rows of a run end
    where it did. What is recorded at updates stands at the profile before update t, what is
    exact at the checks: often after the last update too.
    """
    frames = [_tidy(result, name) for name in result.history if name not in AXES]
    table = pd.concat(frames, ignore_index=True)
    return table.sort_values(["run"], kind="stable", ignore_index=True)


def policies(result: Result) -> pd.DataFrame:
    """A row for each probability of the final profiles: run, agent, state, action, probability.

    state: what the agent sees. Agents, states and actions are told by name where the game names
    them, by number elsewhere; actions that do not exist have no row.
    """
    mask, names = usable(result.game), names_of(result.game)
    where = np.argwhere(mask)
    agents, states, actions = where.T.tolist()
    told = pd.DataFrame({
        "agent": [names.agents[agent] for agent in agents] if names.agents else agents,
        "state": [names.states[state] for state in states] if names.states else states,
        "action": [names.action(agent, action) for agent, action in zip(agents, actions,
                                                                        strict=True)]
        if names.actions else actions})
    runs = [told.assign(run=run, probability=profile[mask])
            for run, profile in enumerate(result.profiles)]
    return pd.concat(runs, ignore_index=True).reindex(columns=["run", *told, "probability"])


def iterations_of(result: Result, quantity: str) -> np.ndarray:
    """[runs, T] the iterations at which a quantity was recorded."""
    if quantity in BY_CHECK:
        return np.atleast_2d(result.history["check_iteration"])
    at = np.atleast_2d(result.history["iteration"])
    rows = result.history[quantity].shape[-1]
    # The distance to the final profile has a row more: that of the final profile itself.
    return at if rows == at.shape[1] else np.column_stack([at, np.ravel(result.iterations)])


def summary(result: Result) -> pd.DataFrame:
    """A row for each run, by its number.

    Columns: status; iterations; nash_gap_lower and nash_gap, the bounds that `pt.certify` proves of
    the final profile (computed here, and kept nowhere); on roads relative_gap, an upper bound;
    welfare, the sum of the agents' values; potential, where the game has one; certificate, how the
    bounds were found, or why there are none (they are NaN then); message.
    """
    certified = [_certified(result, profile) for profile in result.profiles]
    columns = {"status": list(map(str, result.statuses)),
               "iterations": np.ravel(result.iterations),
               **{name: _bounds(certified, name) for name in ("nash_gap_lower", "nash_gap")}}
    if "relative_gap" in result.history:
        columns["relative_gap"] = _bounds(certified, "relative_gap")
    columns["welfare"] = [float(result.game.welfare(profile)) for profile in result.profiles]
    if "potential" in result.history:
        columns["potential"] = result.last("potential")
    columns["certificate"] = [each.method if isinstance(each, Certificate) else f"none: {each}"
                              for each in certified]
    columns["message"] = list(result.messages)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(certified), name="run"))


def _certified(result: Result, profile: np.ndarray) -> Certificate | str:
    """The certificate of one run's profile, or why there is none."""
    try:
        return certify(result.game, profile)
    except InputError as error:
        return str(error)


def _bounds(certified: list[Certificate | str], name: str) -> list[float]:
    """The bound of that name of each run; NaN where there is no certificate."""
    return [getattr(each, name) if isinstance(each, Certificate) else np.nan for each in certified]


def _tidy(result: Result, quantity: str) -> pd.DataFrame:
    """The rows of one quantity."""
    values = np.atleast_2d(result.history[quantity])
    run, at = np.nonzero(~np.isnan(values))
    return pd.DataFrame({"run": run, "iteration": iterations_of(result, quantity)[run, at],
                         "quantity": quantity, "value": values[run, at]})
