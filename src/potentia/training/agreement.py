"""Whether a learner, a simulator and sizes go together, before anything is played."""

from __future__ import annotations

from functools import partial

from potentia.learners.base import Learner
from potentia.learners.contract import is_known, memory_of, refuse_misfit
from potentia.simulators.contract import Facts
from potentia.training.sizes import refuse_too_large
from potentia.training.subject import begun, n_features


def refuse_apart(learner: Learner, facts: Facts, runs: int, episodes: int) -> None:
    """Raise InputError for a learner that does not fit the simulator, and for what does not fit
    into memory; episodes: played at once in each run."""
    seen = n_features(facts)
    memory = memory_of(learner, partial(begun, learner, facts))
    refuse_too_large(facts, memory, runs, episodes)
    if not is_known(learner):
        refuse_misfit(learner, memory, seen, facts.n_actions, facts.horizon,
                      bool(facts.n_observations))
