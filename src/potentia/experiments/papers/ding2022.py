"""Ding, Wei, Zhang and Jovanovic, "Independent Policy Gradient for Large-Scale Markov Potential
Games: Sharper Rates, Function Approximation, and Game-Agnostic Convergence", arXiv 2202.04129: how
the regret of its algorithm on samples falls, as data.
"""

from __future__ import annotations

import numpy as np

from potentia.experiments.arrivals import Learner, Slope, at_most
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Statement
from potentia.experiments.verdicts import SAMPLED

BOUND = -1 / 5            # samples like eps^-5: regret like samples^-1/5
EACH = np.eye(8).reshape(4, 2, 8)         # a feature for each of 4 states and 2 routes
UPDATES, AFTER, RUNS = 2_000, 200, 10


def _slope(step_size: float) -> Slope:
    return Slope(Learner("markov-routing", {"pay": "own", "moved_by": "chance"}, "q-linear",
                         {"step_size": step_size, "features": EACH}, "rollouts",
                         {"episodes": 10, "cap": 40, "explore": 0.05}, UPDATES, 10, RUNS,
                         "uniform"), AFTER, regret=True)


STATEMENTS = (
    Statement("ding-samples", "the average Nash regret of independent policy gradient on samples "
              "falls at least like samples^-1/5: Markov routing, 4 agents, step size 0.01",
              "abstract; Algorithm 2", "O(1/eps^5) samples",
              {"": _slope(0.01), "at step size 0.1": _slope(0.1)},
              lambda found: at_most(BOUND, found), BOUND, tolerance=0.5, kind=SAMPLED),
)
ABOUT = """Four agents on two routes, each paid its own and moved by chance, which is a proven potential game, from the uniform
profile; ten runs of 2,000 updates. An update learns from ten rollouts that stop at random, with an exploration floor of
0.05, and fits action values by one feature for each state and action, which loses nothing. *Regret*: the mean over the
profiles at every tenth update so far of the largest exact gain of any agent, in the unit of the rewards. *Slope*: of its
logarithm over that of the steps all agents have played, fitted in each run from 200 updates on; the mean over the runs,
and its 95 % interval by Student's t. The claim holds where the whole interval is at most -1/5, and is undecided where
-1/5 lies within. The bound is for step sizes, exploration and batches that are chosen for each eps; its constants could
not be consulted. Here they are ours and fixed, so that a slope may be far steeper, until noise or the floor hold the
regret up: beside it, and not judged, stands what a step size of 0.1 comes to.
"""  # noqa: E501
PAPER = Paper(
    name="ding2022",
    title='Ding, Wei, Zhang and Jovanovic, "Independent Policy Gradient for Large-Scale Markov '
          'Potential Games: Sharper Rates, Function Approximation, and Game-Agnostic Convergence", '
          'arXiv 2202.04129',
    about=ABOUT, statements=STATEMENTS)
