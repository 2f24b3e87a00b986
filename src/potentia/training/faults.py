"""What was not finite, in words."""

from __future__ import annotations

import numpy as np

KEPT = "; what was learnt until then is kept"


class NotFinite(str):
    """Says what was not finite; any other text is of a simulator that failed."""


def told(faults: np.ndarray, horizon: int) -> str:
    """The first fault [R, 2] by run, step and agent, as `programs.TrainState` has them; "" where
    there is none."""
    wrong = np.flatnonzero(faults[:, 0] >= 0)
    if not wrong.size:
        return ""
    step, agent = faults[wrong[0]].tolist()
    run = f"run {wrong[0]}, " if len(faults) > 1 else ""
    if step == horizon:
        return NotFinite(f"{run}what agent {agent} learnt is not finite: take smaller steps{KEPT}")
    return NotFinite(f"{run}step {step}: a reward or an observation of agent {agent} is not finite"
                     f"{KEPT}")
