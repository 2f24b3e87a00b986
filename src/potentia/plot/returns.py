"""What learning curves are drawn of where agents were trained: returns by agent-steps."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from potentia.plot.bands import Run
from potentia.training.trained import Trained

MEAN, OWN = "mean_return", "return_"


def names_of(trained: Trained) -> list[str]:
    """The quantities: the mean over the agents, and each agent's own."""
    return [MEAN, *(f"{OWN}{agent}" for agent in range(trained.facts.n_agents))]


def runs_of(trained: Trained, name: str) -> list[Run]:
    """Of each run that made an update, what its episodes returned before it by agent-steps."""
    if name not in names_of(trained):
        return []
    returns = trained.returns.reshape(trained.runs, -1, trained.facts.n_agents)
    values = returns.mean(axis=2) if name == MEAN else returns[:, :, int(name[len(OWN):])]
    steps = trained.agent_steps.reshape(trained.runs, -1)
    return [Run(at[known], row[known]) for at, row in zip(steps, values, strict=True)
            if (known := np.isfinite(row)).any()]


def settings_of(trained: Trained) -> dict[str, Any]:
    """What tells it from others: where, by which learner and with which parameters."""
    learner: Any = trained.learner
    own = {one.name: getattr(learner, one.name) for one in dataclasses.fields(learner)} \
        if dataclasses.is_dataclass(learner) else {}
    return {"game": trained.facts.name, "rule": type(learner).__name__,
            **{f"rule.{name}": value for name, value in own.items()}}
