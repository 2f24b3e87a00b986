"""Zhou, Chen, Lin and Wierman, "Convergence Rates for Localized Actor-Critic in Networked Markov
Potential Games", arXiv 2303.04865: learning on its networked traffic, as data."""

from __future__ import annotations

from itertools import pairwise

from potentia.experiments.learning_runs import Learning
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Statement

AT = (0, 1_000, 2_000, 4_000)


def _falling(*gaps: float) -> bool:
    return all(later < earlier for earlier, later in pairwise(gaps))


STATEMENTS = (
    Statement("zhou-regret", "the regret of independent softmax policies falls over 4,000 updates "
              "at rate 0.001 on networked traffic, 12 agents", "experiments; published script",
              "falls", {"": Learning("networked-traffic", {}, "softmax-pg", {"step_size": 1e-3},
                                     AT)},
              lambda found: _falling(*(found[f"gap after {at:,} updates"] for at in AT))),
)
ABOUT = """Softmax policy gradient with exact values, from the uniform profile: no critic and no samples, so one course, and
nothing is random. The source measures regret by local search; here the gap is exact, what one agent could save by its
best trip, in units of cost. Policies are by node and time, and agents who start at one node share theirs. It falls all
the way, and is far from 0 at the end.
"""  # noqa: E501
PAPER = Paper(
    name="zhou2023",
    title='Zhou, Chen, Lin and Wierman, "Convergence Rates for Localized Actor-Critic in Networked '
          'Markov Potential Games", arXiv 2303.04865',
    about=ABOUT, statements=STATEMENTS)
