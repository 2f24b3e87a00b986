"""Maheshwari, Wu, Pai and Sastry, "Independent and Decentralized Learning in Markov Potential
Games", arXiv 2205.14590: its two-timescale learning on Markov routing, as data."""

from __future__ import annotations

from collections.abc import Mapping

from potentia.experiments.arrivals import Learner, Slope, at_most
from potentia.experiments.claims import NASH_GAP
from potentia.experiments.learning_runs import Learning
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Numbers, Statement
from potentia.experiments.verdicts import SAMPLED

UPDATES, EARLY, HORIZON, RUNS = 5_000, 500, 20, 5          # 5,000 x 20 transitions: their 1e5
TRANSITIONS, LATE, FLOOR, NEAR = 100_000, 1_000, 0.05, 0.1
_DRAWN = 0.5              # a rounding may change what is drawn, and with it all that follows
_FELL = ("It falls about like one over the square root of the updates, of which there are 5,000 "
         "here, one an episode, where the source makes one a transition.")
_STUCK = ("In some runs an action that looked worse while the others still learnt is tried too "
          "rarely to be seen anew: without a floor it is played with a probability of about one "
          "over the updates, some ten times in all.")


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
    tolerances = {f"gap after {at:,} updates": _DRAWN for at in (EARLY, UPDATES)}
    subject = f"two-timescale learning on Markov routing, 4 agents, {words}"
    return (Statement(f"{claim}-nash", f"{subject}, is at a Nash policy after 1e5 transitions",
                      figure, "the gap tends to 0, in 1e5 steps", measures, _arrives, 0.0,
                      reason=_FELL, tolerances=tolerances, kind=SAMPLED),
            Statement(f"{claim}-falls", f"the gap of {subject}, falls, and goes on falling after "
                      f"{EARLY} updates", figure, "it falls", measures, _falls,
                      tolerances=tolerances, kind=SAMPLED))


def _trajectory(parameters: Mapping[str, str], explore: float) -> Slope:
    """One transition an update, and estimates that are those of the oracle (fast = 0)."""
    return Slope(Learner("markov-routing", parameters, "q-two-timescale",
                         {"temperature": 1e-6, "fast": 0.0, "slow": 1.0}, "trajectory",
                         {"steps": 1, "power": 0.51, "explore": explore}, TRANSITIONS, 1_000, 10,
                         "uniform"), LATE)


def _every_run(found: Numbers) -> bool | None:
    """A run that is far off may yet come: a limit is not refuted by so many steps."""
    return True if at_most(0.0, found) and found["gap at the end, most"] <= NEAR else None


def _along(claim: str, words: str, figure: str, parameters: Mapping[str, str]) -> tuple[
        Statement, ...]:
    subject = f"after 1e5 transitions of one trajectory of Markov routing, 4 agents, {words}"
    return tuple(
        Statement(f"{claim}-trajectory{suffix}", "every run of two-timescale learning is within a "
                  f"gap of {NEAR:g} {subject}{how}", figure, "the gap tends to 0, in 1e5 steps",
                  {"": _trajectory(parameters, explore)}, _every_run, reason=_STUCK, tolerance=1.0,
                  kind=SAMPLED)
        for suffix, how, explore in (("", "", 0.0),
                                     ("-floor", f", played with a floor of {FLOOR:g}", FLOOR)))


_COMMON = "maheshwari-common", "everybody paid the sum", "Figure 1", {"pay": "common"}
_OWN = ("maheshwari-own", "each paid its own and moved by chance", "Figure 5",
        {"pay": "own", "moved_by": "chance"})
STATEMENTS = (*_statements(*_COMMON), *_statements(*_OWN), *_along(*_COMMON))
ABOUT = """Temperature 1e-6, exponents 0.5 of the estimates and 1 of the policies, discount 0.5, from the uniform profile; five
runs, of which the worst counts. The source learns from each single transition of one endless play; here an update learns
from one episode of 20 steps, and 5,000 updates see as many transitions as theirs, 1e5. Gaps are exact, in the unit of the
rewards; *a Nash policy* is one with a gap of at most {nash_gap:g}.

`...-trajectory`: play that is never set back, one transition an update as in the source; ten runs. Estimates are of all
that was played so far, by temporal differences whose steps fall like (1 + n)^-0.51 with the plays n of an action; unlike
in the source, the policies of all states seen so far move in each update, not of the visited one alone. *Slope*: of the
logarithm of the exact gap over that of the steps all agents have played, fitted in each run from 1,000 updates on; the
mean over the runs, and its 95 % interval by Student's t. The claim holds where that interval is below 0 and every run is
within 0.1 at the end. Else it is undecided: so many steps refute no limit.
"""  # noqa: E501
PAPER = Paper(
    name="maheshwari2022",
    title='Maheshwari, Wu, Pai and Sastry, "Independent and Decentralized Learning in Markov '
          'Potential Games", arXiv 2205.14590',
    about=ABOUT, statements=STATEMENTS)
