"""Maheshwari, Wu, Pai and Sastry, "Independent and Decentralized Learning in Markov Potential
Games", arXiv 2205.14590: its two-timescale learning on Markov routing, as data."""

from __future__ import annotations

from collections.abc import Mapping

from potentia.experiments.claims import NASH_GAP
from potentia.experiments.learning_runs import Learning
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Numbers, Statement

UPDATES, EARLY, HORIZON, RUNS = 5_000, 500, 20, 5          # 5,000 x 20 transitions: their 1e5
_SAMPLED = 0.5            # a rounding may change what is drawn, and with it all that follows
_FELL = ("It falls about like one over the square root of the updates, of which there are 5,000 "
         "here, one an episode, where the source makes one a transition.")


def _learning(parameters: Mapping[str, str]) -> Learning:
    return Learning("markov-routing", parameters, "q-two-timescale",
                    {"temperature": 1e-6, "fast": 0.5, "slow": 1.0}, (0, EARLY, UPDATES),
                    "sampled", {"episodes": 1, "horizon": HORIZON}, runs=RUNS)


def _falls(found: Numbers) -> bool:
    start, early, late = (found[f"gap after {at:,} updates"] for at in (0, EARLY, UPDATES))
    return late < early < start


def _arrives(found: Numbers) -> bool:
    return found[f"gap after {UPDATES:,} updates"] <= NASH_GAP


def _statements(claim: str, words: str, figure: str,
                parameters: Mapping[str, str]) -> tuple[Statement, Statement]:
    measures = {"": _learning(parameters)}
    tolerances = {f"gap after {at:,} updates": _SAMPLED for at in (EARLY, UPDATES)}
    subject = f"two-timescale learning on Markov routing, 4 agents, {words}"
    return (Statement(f"{claim}-nash", f"{subject}, is at a Nash policy after 1e5 transitions",
                      figure, "the gap tends to 0, in 1e5 steps", measures, _arrives, 0.0,
                      reason=_FELL, tolerances=tolerances),
            Statement(f"{claim}-falls", f"the gap of {subject}, falls, and goes on falling after "
                      f"{EARLY} updates", figure, "it falls", measures, _falls,
                      tolerances=tolerances))


STATEMENTS = (
    *_statements("maheshwari-common", "everybody paid the sum", "Figure 1", {"pay": "common"}),
    *_statements("maheshwari-own", "each paid its own and moved by chance", "Figure 5",
                 {"pay": "own", "moved_by": "chance"}),
)
ABOUT = """Temperature 1e-6, exponents 0.5 of the estimates and 1 of the policies, discount 0.5, from the uniform profile; five
runs, of which the worst counts. The source learns from each single transition of one endless play; here an update learns
from one episode of 20 steps, and 5,000 updates see as many transitions as theirs, 1e5. Gaps are exact, in the unit of the
rewards; *a Nash policy* is one with a gap of at most {nash_gap:g}.
"""  # noqa: E501
PAPER = Paper(
    name="maheshwari2022",
    title='Maheshwari, Wu, Pai and Sastry, "Independent and Decentralized Learning in Markov '
          'Potential Games", arXiv 2205.14590',
    about=ABOUT, statements=STATEMENTS)
