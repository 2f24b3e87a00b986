"""Alatur, Barakat and He, "Independent Policy Mirror Descent for Markov Potential Games: Scaling to
Large Number of Players", arXiv 2408.08075: iterations by agents and by actions, as data.

The paper has no experiment; the games, the starts and the thresholds are ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from potentia.experiments.paper import Paper
from potentia.experiments.scaling import Scaling, Series
from potentia.experiments.statements import Numbers, Statement

SIZES = (2, 4, 8, 16, 32, 64)
REGRET, STEP = 0.02, 4.0                     # of El Farol, where rewards lie in [0, 1]
TIME, SLOWLY = 0.04, 0.1                     # of load balancing, where they lie in [-2, -1/4]
ROOT, NONE = 0.55, 0.1                       # exponents that pass for at most 1/2, and for 0


def _bar(n_agents: int) -> Mapping[str, Any]:
    return {"n_agents": n_agents, "capacity": n_agents // 2, "good": 1.0, "home": 0.5,
            "crowded": 0.0, "representation": "loads"}


def _most_go(n_agents: int) -> np.ndarray:
    return np.array([0.1, 0.9])


def _machines(n_actions: int) -> Mapping[str, Any]:
    return {"n_agents": 2, "speeds": (4.0, *[1.0] * (n_actions - 1))}


def _uniform(n_actions: int) -> np.ndarray:
    return np.full(n_actions, 1 / n_actions)


def _half(n_actions: int) -> np.ndarray:
    return np.array([0.5, *[0.5 / (n_actions - 1)] * (n_actions - 1)])


def _series(mirror_map: str, step: Callable[[int], float]) -> Series:
    return Series("mirror-descent",
                  lambda size: {"step_size": step(size), "mirror_map": mirror_map})


AGENTS = Scaling("el-farol", SIZES, _bar, _most_go, REGRET, 500, {
    "KL": _series("kl", lambda n: STEP / np.sqrt(n)),
    "KL at step 4": _series("kl", lambda n: STEP),
    "Euclidean at step 1/sqrt N": _series("euclidean", lambda n: 1 / np.sqrt(n)),
    "Euclidean at step 4/N": _series("euclidean", lambda n: STEP / n)})


def _actions(start: Callable[[int], np.ndarray]) -> Scaling:
    return Scaling("load-balancing", SIZES, _machines, start, TIME, 2_000, {
        "KL": _series("kl", lambda n: SLOWLY),
        "Euclidean": _series("euclidean", lambda n: SLOWLY),
        "Euclidean at step 0.4/A": _series("euclidean", lambda n: 4 * SLOWLY / n)})


def _flat(found: Numbers) -> bool:
    return abs(found["KL exponent"]) <= NONE


def _tolerances(scaling: Scaling) -> Mapping[str, float]:
    """A rounding may change counts by one or two; an exponent near 0 changes with them."""
    return {name: share for label in scaling.series
            for name, share in [(f"{label} exponent", 0.5),
                                *((f"{label} iterations ({size})", 0.05) for size in SIZES)]}


def _by_actions(word: str, start: str, scaling: Scaling, reason: str = "") -> Statement:
    return Statement(
        f"alatur-actions-{word}", "with KL, the iterations to an average Nash regret of 0.04 do "
        f"not grow with the number of actions: load balancing, 2 to 64 machines, step 0.1, {start}",
        "abstract", "exponent 0", {"": scaling}, _flat, 0.0, reason, _tolerances(scaling))


STATEMENTS = (
    Statement("alatur-agents", "with KL, the iterations to an average Nash regret of 0.02 grow no "
              "faster than the root of the number of agents: El Farol, 2 to 64 agents, step "
              "4/sqrt N", "abstract", "exponent at most 1/2", {"": AGENTS},
              lambda found: found["KL exponent"] <= ROOT, 0.5, tolerances=_tolerances(AGENTS)),
    _by_actions("likely", "the fast machine at probability 1/2", _actions(_half)),
    _by_actions("uniform", "the uniform start", _actions(_uniform),
                "The best action starts at probability 1/A, which the constants of such bounds "
                "hold, and exponential weights need about log A over the step to lift it."),
)
ABOUT = """The paper proves bounds and has no experiment; the design is ours. Its abstract gives the orders, its theorems could
not be consulted: step sizes have the form that makes for these orders, with constants of ours, for KL 1/sqrt N and the
same for any number of actions A. Beside it stands the Euclidean map, at such steps and at steps as 1/N and 1/A, the form
of bounds for projected Q-ascent. Values are exact, all agents start alike, and nothing is random. *Iterations*:
profiles, from the start on, until the mean over them of the largest gain of any agent is at most 0.02, or 0.04 in units
of time; -1: not within 500 updates, or 2,000. *Exponent*: of a power law through the six counts, by least squares; at
most 0.55 passes for 1/2, and 0.1 either way for 0. The Nash gap at the end is the largest of the six last profiles.

El Farol: half of all agents fit in; rewards are 1 in the bar, 1/2 at home, 0 in a crowd; all go with probability 0.9 at
first. The more agents, the steeper is what one gains, so that the constant step 4 overshoots from 8 agents on. Where
steps are small enough, the step alone makes for the exponent: at 1/sqrt N the Euclidean map has that of KL. Load
balancing: two jobs, one machine of speed 4 and A - 1 of speed 1; the fast one is best whatever the other job does.
Bounds for INPG that we know have the least probability of a best action as a constant. With that at 1/2, A has no part
in the iterations; from the uniform start it is 1/A, and they grow like log A. From there, at the same step, the
Euclidean map needs fewer, and their number grows less.
"""  # noqa: E501
PAPER = Paper(
    name="alatur2024",
    title='Alatur, Barakat and He, "Independent Policy Mirror Descent for Markov Potential Games: '
          'Scaling to Large Number of Players", arXiv 2408.08075',
    about=ABOUT, statements=STATEMENTS)
