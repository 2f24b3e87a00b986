"""Jordan, Barakat and He, "Independent Learning in Constrained Markov Potential Games", arXiv
2402.17885: whether its two games are potential games, as data."""

from __future__ import annotations

from potentia.experiments.paper import Paper
from potentia.experiments.potentials import Classified, Cycle
from potentia.experiments.statements import Statement

_SOURCE, _SAID = "experiments; games of the published scripts", "a Markov potential game"
# It says more than those that `classify` draws; there may be others that say more still.
CYCLE = Cycle("energy-demand-response", {"n_agents": 2}, ((0, 0, 4, 0, 0), (4, 2, 0, 3, 4)),
              ((4, 4, 4, 4, 0), (0, 0, 0, 0, 2)))
STATEMENTS = (
    Statement("jordan-energy", "energy demand response is a Markov potential game, n = 2", _SOURCE,
              _SAID, {"": Classified("energy-demand-response", {"n_agents": 2}), "cycle": CYCLE},
              lambda found: found["refuted"] == 0,
              reason="As published the reward has squares of the own choice, so that the potential "
                     "that is given belongs to another reward."),
    Statement("jordan-pollution", "the pollution tax is a Markov potential game, n = 2", _SOURCE,
              _SAID, {"": Classified("pollution-tax", {"n_agents": 2})},
              lambda found: found["refuted"] == 0,
              reason="With policies of the state, what an agent's choice is worth later depends on "
                     "how the others answer to the state that it brings about."),
)
ABOUT = """Two agents with policies of the full state, discount 0.9, without the constraint. *Refuted* is 1 where gains round a
cycle of profiles do not cancel; the residual is their sum over the largest gain, and alpha, in the unit of the rewards,
is how far from a potential game the game is at least; *cycle alpha* is the same, by one cycle of pure policies. No
learning, and so no Nash gap.
"""  # noqa: E501
PAPER = Paper(
    name="jordan2024",
    title='Jordan, Barakat and He, "Independent Learning in Constrained Markov Potential Games", '
          'arXiv 2402.17885',
    about=ABOUT, statements=STATEMENTS)
