"""Zhou, Chen, Lin and Wierman, "Convergence Rates for Localized Actor-Critic in Networked Markov
Potential Games", arXiv 2303.04865: learning on its networked traffic, and from samples of what
agents see themselves, as data."""

from __future__ import annotations

from itertools import pairwise

from potentia.experiments.arrivals import Learner, Slope, at_most
from potentia.experiments.learning_runs import Learning
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Statement
from potentia.experiments.verdicts import SAMPLED

AT = (0, 1_000, 2_000, 4_000)
BOUND = -1 / 4            # samples like eps^-4: regret like samples^-1/4
OWN_NODE = Slope(Learner("stochastic-congestion", {"n_agents": 3, "observe": "own"}, "softmax-pg",
                         {"step_size": 1.0}, "sampled", {"episodes": 10, "horizon": 20}, 2_000, 10,
                         10), after=200, regret=True)


def _falling(*gaps: float) -> bool:
    return all(later < earlier for earlier, later in pairwise(gaps))


STATEMENTS = (
    Statement("zhou-regret", "the regret of independent softmax policies falls over 4,000 updates "
              "at rate 0.001 on networked traffic, 12 agents", "experiments; published script",
              "falls", {"": Learning("networked-traffic", {}, "softmax-pg", {"step_size": 1e-3},
                                     AT)},
              lambda found: _falling(*(found[f"gap after {at:,} updates"] for at in AT))),
    Statement("zhou-samples", "the average Nash regret of softmax policies that learn from samples "
              "of what each agent sees itself falls at least like samples^-1/4: congestion, 3 "
              "agents who see their own node", "abstract", "O~(eps^-4) samples, in averaged Nash "
              "regret", {"": OWN_NODE}, lambda found: at_most(BOUND, found), BOUND, tolerance=0.5,
              kind=SAMPLED),
)
ABOUT = """`zhou-regret`: softmax policy gradient with exact values, from the uniform profile: no critic and no samples, so one course, and
nothing is random. The source measures regret by local search; here the gap is exact, what one agent could save by its
best trip, in units of cost. Policies are by node and time, and agents who start at one node share theirs. It falls all
the way, and is far from 0 at the end.

`zhou-samples`: networked traffic has no joint states to be played through, and the critic of the source, temporal
differences on the features of neighbours up to kappa links away, is not among our oracles. What can be judged is the
form of its bound where agents see nothing but their own node (kappa = 0), on a congestion game that is then a proven
potential game: mean returns of ten episodes an update, a step size of 1, ten runs from random starts. *Regret*: the mean
over the profiles at every tenth update so far of the largest exact gain. *Slope*: of its logarithm over that of the steps
all agents have played, fitted in each run from 200 of 2,000 updates on; the mean over the runs, and its 95 % interval by
Student's t. The claim holds where the whole interval is at most -1/4, and is undecided where -1/4 lies within.
"""  # noqa: E501
PAPER = Paper(
    name="zhou2023",
    title='Zhou, Chen, Lin and Wierman, "Convergence Rates for Localized Actor-Critic in Networked '
          'Markov Potential Games", arXiv 2303.04865',
    about=ABOUT, statements=STATEMENTS)
