"""Sun, Liu, Zhou, Kumar and Shahrampour, "Provably Fast Convergence of Independent Natural Policy
Gradient for Markov Potential Games", arXiv 2310.09727: the cooperative game of the published
script, as data.

Its NE-gap is the sum of all agents' gains, averaged over the updates, the start included.
"""

from __future__ import annotations

import numpy as np

from potentia.experiments.courses import Course, Read
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Statement

ACTIONS, SEED, STEP_SIZE = (3, 4, 5), 10, 0.1
LONG = 20_000


def _start() -> list[list[float]]:
    """The script's: drawn after the payoffs by the same generator, then normalised."""
    generator = np.random.RandomState(SEED)
    generator.uniform(size=ACTIONS)
    drawn = [generator.uniform(size=count) for count in ACTIONS]
    return [list(row / row.sum()) for row in drawn]


def _course(rule: str, *reads: Read, **parameters: float) -> Course:
    return Course("random-cooperative", {"actions": ACTIONS, "seed": SEED}, rule,
                  {"step_size": STEP_SIZE, **parameters}, _start(), LONG, reads)


def _cumulated(*updates: int) -> tuple[Read, ...]:
    return tuple(Read(f"cumulated gap of {at:,} updates", "cumulated sum gap", at)
                 for at in updates)


INPG = _course("inpg", Read("gap after 1,000 updates", "sum gap", 1000),
               *_cumulated(1_000, 10_000, LONG))
Q_ASCENT = _course("q-ascent", *_cumulated(10_000))
SOFTMAX_PG = _course("softmax-pg", *_cumulated(10_000, LONG))
BARRIER = _course("inpg-log-barrier", Read("gap after 10,000 updates", "sum gap", 10_000),
                  barrier=0.005)
STATEMENTS = (
    Statement("sun-rate", "the average gap of INPG falls like 1/K: the cumulated gap stays bounded",
              "abstract; game of the published script", "O(1/K)",
              {"INPG": INPG, "Q-ascent": Q_ASCENT, "softmax PG": SOFTMAX_PG, "barrier": BARRIER},
              lambda found: (found["INPG cumulated gap of 20,000 updates"]
                             < 1.001 * found["INPG cumulated gap of 1,000 updates"])),
)
ABOUT = """Seed 10 of NumPy's legacy generator draws one payoff table for 3 agents with 3, 4 and 5 actions, and the start.
Step size 0.1, discount 0, exact values; one course, nothing is random. *Gap* is the source's: the sum of all agents'
gains, here of the profile after so many updates; *cumulated*, summed over the profiles before each update. The Nash gap
at the end is the largest gain, certified, after 20,000 updates. Beside INPG, for comparison: Q-ascent and softmax PG at
the same step size (on this small game Q-ascent is the fastest), and INPG with a log-barrier of 0.005, which stalls.
"""  # noqa: E501
PAPER = Paper(
    name="sun2023",
    title='Sun, Liu, Zhou, Kumar and Shahrampour, "Provably Fast Convergence of Independent '
          'Natural Policy Gradient for Markov Potential Games", arXiv 2310.09727',
    about=ABOUT, statements=STATEMENTS)
