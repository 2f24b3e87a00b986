"""Fox, McAleer, Overman and Panageas, "Independent Natural Policy Gradient Always Converges in
Markov Potential Games", arXiv 2110.10614: Section 4 as data, the studies of the rest, and what
Section 5 leaves to future work.

A trial is one algorithm on one game, run several times. There are three kinds:

as published: the game, estimators, stopping rules and step sizes of the published experiment
    scripts, with every quirk (see `oracles.published_congestion`, `oracles.published_distancing`);
as written, sampled: the paper's own definitions; T = 20 step episodes in mini-batches of 20,
    uniform start, stop when the mean L1 change is below 10e-16 (Section 4.1), at most 3,000
    iterations;
as written, exact: the same with exact values, from random starts, since exact runs of identical
    agents from the uniform start are all the same run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from potentia.experiments.arrivals import Arrivals, Learner, all_came, comes_first
from potentia.experiments.claims import (
    Claim,
    about,
    fewer_iterations,
    fewer_than,
    more_than,
    nash,
    sooner_accurate,
)
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Statement
from potentia.experiments.trials import Figure, Trial
from potentia.experiments.verdicts import EXACT, PUBLISHED, SAMPLED

STEP_SIZE = 1e-4                          # Section 4.1: eta = 0.0001 throughout
_STEP = {"step_size": STEP_SIZE}
PAPER_STOP = 1e-15                        # Section 4.1: "less than 10e-16"
SCRIPT_STOP_INPG = 1e-5                   # the published scripts stop INPG here, IPG at PAPER_STOP
CAP = 3000                                # the paper's own horizon for IPG at n >= 5 (Section 4.2)


def _distancing(kind: str, rule: str, cap: int, stop: float, check_every: int) -> Trial:
    oracle, parameters = _oracle(kind, "published-distancing")
    # Exact values from counts take a tenth of the time of those from the table of joint actions.
    game = {"representation": "loads"} if kind == EXACT else {}
    return Trial("distancing", game, rule, _STEP, oracle, parameters, kind, _start(kind), stop, cap,
                 check_every)


def _congestion(kind: str, rule: str, n_agents: int, cap: int, stop: float,
                check_every: int) -> Trial:
    oracle, parameters = _oracle(kind, "published-congestion")
    game = "stochastic-congestion-published" if kind == PUBLISHED else "stochastic-congestion"
    return Trial(game, {"n_agents": n_agents}, rule, _STEP, oracle, parameters, kind,
                 _start(kind), stop, cap, check_every)


def _oracle(kind: str, published: str) -> tuple[str, dict[str, Any]]:
    return {PUBLISHED: (published, {"samples": 10, "horizon": 20}),
            SAMPLED: ("sampled", {"episodes": 20, "horizon": 20}),
            EXACT: ("exact", {})}[kind]


def _start(kind: str) -> str:
    return "random" if kind == EXACT else "uniform"


def _plain_values() -> Trial:
    """As published, but for values: returns from each state, not weighted by visits."""
    published = _congestion(PUBLISHED, "inpg", 4, 500, SCRIPT_STOP_INPG, 50)
    return dataclasses.replace(published, oracle="sampled",
                               oracle_parameters={"episodes": 10, "horizon": 20})


TRIALS: dict[str, Trial] = {                # the dearest first, so that none is left to run alone
    # Caps of the scripts: distancing 500 (INPG) and 1,000 (IPG), congestion 500 (INPG). Their cap
    # of 2,000 for congestion IPG is lifted to 3,000, because that many iterations are what the
    # claim is about. The exact run at n = 8 ends at 200: the claim is about 100, and an iteration
    # there is 15 times dearer than at n = 4.
    "distancing-ipg-sampled": _distancing(SAMPLED, "ipg", CAP, PAPER_STOP, 100),
    "congestion-8-inpg-sampled": _congestion(SAMPLED, "inpg", 8, CAP, PAPER_STOP, 100),
    "distancing-inpg-exact": _distancing(EXACT, "inpg", 1000, PAPER_STOP, 20),
    "congestion-8-inpg-exact": _congestion(EXACT, "inpg", 8, 200, PAPER_STOP, 10),
    "distancing-ipg-exact": _distancing(EXACT, "ipg", 1000, PAPER_STOP, 20),
    "congestion-8-inpg-published": _congestion(PUBLISHED, "inpg", 8, 500, SCRIPT_STOP_INPG, 5),
    "congestion-5-ipg-published": _congestion(PUBLISHED, "ipg", 5, CAP, PAPER_STOP, 500),
    "distancing-inpg-published": _distancing(PUBLISHED, "inpg", 500, SCRIPT_STOP_INPG, 10),
    "distancing-inpg-same-stop-published": _distancing(PUBLISHED, "inpg", 1000, PAPER_STOP, 100),
    "distancing-ipg-published": _distancing(PUBLISHED, "ipg", 1000, PAPER_STOP, 10),
    "distancing-inpg-sampled": _distancing(SAMPLED, "inpg", CAP, PAPER_STOP, 100),
    "congestion-4-inpg-published": _congestion(PUBLISHED, "inpg", 4, 500, SCRIPT_STOP_INPG, 2),
    "congestion-4-inpg-plain-values-published": _plain_values(),
    "congestion-4-ipg-published": _congestion(PUBLISHED, "ipg", 4, CAP, PAPER_STOP, 50),
    "congestion-4-inpg-sampled": _congestion(SAMPLED, "inpg", 4, CAP, PAPER_STOP, 50),
    "congestion-4-ipg-sampled": _congestion(SAMPLED, "ipg", 4, CAP, PAPER_STOP, 50),
    "congestion-5-ipg-sampled": _congestion(SAMPLED, "ipg", 5, CAP, PAPER_STOP, 500),
    "congestion-4-inpg-exact": _congestion(EXACT, "inpg", 4, CAP, PAPER_STOP, 50),
    "congestion-4-ipg-exact": _congestion(EXACT, "ipg", 4, CAP, PAPER_STOP, 50),
    "congestion-5-ipg-exact": _congestion(EXACT, "ipg", 5, CAP, PAPER_STOP, 500),
}


_DISTANCING = {"INPG": "distancing-inpg", "IPG": "distancing-ipg"}
_CONGESTION = {"INPG": "congestion-4-inpg", "IPG": "congestion-4-ipg"}
_N4 = {50: "INPG about 50", 2000: "IPG about 2000"}            # Section 4.2
FIGURES: dict[str, Figure] = {
    "fig2": Figure("Distancing game, 8 agents: every run", _DISTANCING, mean=False),
    "fig3": Figure("Distancing game, 8 agents: mean and one standard deviation", _DISTANCING,
                   mean=True),
    "fig4": Figure("Stochastic congestion game, 4 agents: every run", _CONGESTION, mean=False,
                   marks=_N4),
    "fig5": Figure("Stochastic congestion game, 4 agents: mean and one standard deviation",
                   _CONGESTION, mean=True, marks=_N4),
    "fig4-n5": Figure("Stochastic congestion game, 5 agents: every IPG run",
                      {"IPG": "congestion-5-ipg"}, mean=False, marks={3000: "more than 3000"}),
    "fig6": Figure("Stochastic congestion game, 8 agents: every INPG run",
                   {"INPG": "congestion-8-inpg"}, mean=False, marks={100: "less than 100"}),
}


_S41, _S42 = "Section 4.1, Results", "Section 4.2, Results"
_NASH = "a Nash policy (Theorem 3.1, for far smaller steps; Section 4 gives no gap)"
_WEIGHTED = "The scripts weight the values of states by visits, which makes policies pure at once; "
CLAIMS: tuple[Claim, ...] = (
    Claim("fig2-faster", "fig2",
          "INPG stops earlier than IPG in the distancing game, on average and in almost every run",
          _S41, "INPG faster", ("distancing-inpg", "distancing-ipg"), fewer_iterations,
          reason="It rests on a looser stop for INPG as published, and as sampled on batches in "
                 "which nobody tries anything new; with exact values IPG stops first."),
    Claim("fig2-faster-same-stop", "fig2",
          "INPG stops earlier than IPG under one and the same stopping rule (an L1 change below "
          "10e-16 for both, as the paper states; the scripts stop INPG at 1e-5)", _S41,
          "INPG faster", ("distancing-inpg-same-stop", "distancing-ipg"), fewer_iterations,
          kinds=(PUBLISHED,),
          reason="INPG is slower at the end, since its steps shrink with the probabilities, while "
                 "a projection takes them to 0 at once."),
    Claim("fig3-faster", "fig3", "the mean L1-accuracy of INPG falls faster than that of IPG", _S41,
          "INPG faster", ("distancing-inpg", "distancing-ipg"), sooner_accurate,
          reason="With exact values the slowest run decides over the mean, and it is one of INPG."),
    Claim("fig2-nash", "fig2", "INPG ends at a Nash policy in the distancing game", _S41, _NASH,
          ("distancing-inpg",), nash,
          reason="As published it is stopped at a step of 1e-5, before it has arrived; sampled "
                 "runs stop on batches in which nobody tries anything new."),
    Claim("fig4-inpg-iterations", "fig4", "INPG takes about 50 iterations at n = 4", _S42,
          "about 50", ("congestion-4-inpg",), about(50), 50,
          reason=_WEIGHTED + "with the paper's own values a step of 1e-4 takes thousands of "
                             "iterations."),
    Claim("fig4-inpg-iterations-plain-values", "fig4",
          "INPG takes about 50 iterations at n = 4 in the published game, all "
          "else as published, if the values of states are not weighted by "
          "visits", _S42, "about 50",
          ("congestion-4-inpg-plain-values",), about(50), 50, kinds=(PUBLISHED,),
          reason="Without the weights no action is taken for better than it is, and steps of 1e-4 "
                 "do not bring the policies to rest."),
    Claim("fig4-ipg-iterations", "fig4", "IPG takes about 2000 iterations at n = 4", _S42,
          "about 2000", ("congestion-4-ipg",), about(2000), 2000,
          reason="The published values are weighted by visits; as written no run stops within "
                 "3000 iterations."),
    Claim("fig4-ipg-n5-iterations", "fig4-n5",
          "IPG needs more than 3000 iterations at n = 5 (the paper: n >= 5)", _S42,
          "more than 3000", ("congestion-5-ipg",), more_than(3000), 3000),
    Claim("fig4-nash", "fig4", "INPG ends at a Nash policy in the congestion game, n = 4", _S42,
          _NASH, ("congestion-4-inpg",), nash,
          reason="The published runs come to rest at a joint action that chance picked, mostly "
                 "three agents on one action; sampled runs are still on their way when cut off."),
    Claim("fig5-faster", "fig5",
          "the mean L1-accuracy of INPG falls faster than that of IPG, n = 4", _S42,
          "INPG about 50, IPG about 2000", ("congestion-4-inpg", "congestion-4-ipg"),
          sooner_accurate,
          reason="As written nearly all runs, of both, are cut off before they stop."),
    Claim("fig6-inpg-iterations", "fig6", "INPG converges in less than 100 iterations at n = 8",
          _S42, "less than 100", ("congestion-8-inpg",), fewer_than(100), 100,
          reason=_WEIGHTED + "as written no run stops."),
    Claim("fig6-nash", "fig6", "INPG ends at a Nash policy in the congestion game, n = 8", _S42,
          _NASH, ("congestion-8-inpg",), nash,
          reason="The published runs come to rest at a joint action that chance picked; as written "
                 "all are cut off."),
)

LEVELS, CLOSE = (0.1, 0.01), 0.01
LARGER = 0.01                             # with 1e-4 a thousand updates are too few
BATCH: dict[str, Any] = {"episodes": 20, "horizon": 20}          # Section 4.1


def _learner(rule: str, game: str, parameters: Mapping[str, Any], step_size: float, oracle: str,
             updates: int = 1_000, runs: int = 20) -> Learner:
    return Learner(game, parameters, rule, {"step_size": step_size}, oracle,
                   BATCH if oracle == "sampled" else {}, updates, 5, runs)


def _congestion_race(labels: tuple[str, ...], **parameters: Any) -> Arrivals:
    return _race(labels, "stochastic-congestion", parameters, LARGER)


def _race(labels: tuple[str, ...], game: str, parameters: Mapping[str, Any], step_size: float,
          **lengths: int) -> Arrivals:
    """By labels: a rule, which learns from samples, or with `exact` before it from exact values."""
    return Arrivals(LEVELS, {
        label: (_learner(label.split()[-1].lower(), game, parameters, step_size,
                         "exact" if label.startswith("exact") else "sampled", **lengths),)
        for label in labels})


def _tuned(n_agents: int) -> Arrivals:
    return Arrivals(LEVELS, {
        label: tuple(_learner(label.lower(), "stochastic-congestion", {"n_agents": n_agents}, step,
                              "sampled") for step in steps)
        for label, steps in (("INPG", (1e-3, 1e-2, 1e-1)), ("IPG", (1e-2, 1e-1, 1.0)))})


_S5 = "Section 5, future work: learners that estimate their advantages"
_UNTRIED = ("Not every run is there when it is cut off: batches say little of an action that is "
            "hardly played any more, so that more updates might decide it.")
_NO_MPG = " Nor do all exact runs arrive: with three agents or more this is no potential game."
_ONE_OVER_T = ("Where it is small, the gap falls about like one over the updates, and is still "
               "above when the runs are cut off; exact runs all arrive.")
_PROJECTED = ("A projection takes probabilities to 0 at once, while steps of INPG shrink with "
              "them; with exact values IPG is earlier in this game too.")


def _comes(word: str, subject: str, measure: Arrivals, reason: str = "") -> Statement:
    runs = measure.learners["INPG"][0].runs
    return Statement(f"samples-{word}", f"with advantages that agents estimate, INPG comes to a "
                     f"gap of {CLOSE:g} and stays: {subject}", _S5, "left to future work",
                     {"": measure}, lambda found: all_came(runs, CLOSE, found, "INPG"),
                     reason=reason, tolerance=0.5, kind=SAMPLED)


def _faster(word: str, subject: str, measure: Arrivals, section: str,
            reason: str = "") -> Statement:
    """That INPG is before IPG, which the section says of iterations."""
    return Statement(f"samples-{word}", f"INPG needs fewer agent-steps than IPG to a gap of "
                     f"{CLOSE:g}, {subject}", f"{section}, of iterations", "INPG faster",
                     {"": measure}, lambda found: comes_first(found, "INPG", "IPG", CLOSE),
                     reason=reason, tolerance=0.5, kind=SAMPLED)


_BOTH, _ALONE = ("INPG", "IPG", "exact INPG"), ("INPG", "exact INPG")
_OF_4 = _congestion_race(_BOTH, n_agents=4)
_DISTANCED = _race(_BOTH, "distancing", {"n_agents": 4}, STEP_SIZE, updates=1_500, runs=5)
_AT, _SLOWLY = f"step size {LARGER:g}", f"step size {STEP_SIZE:g}"
STATEMENTS = (                            # the dearest first
    _comes("distancing-4", f"distancing, n = 4, {_SLOWLY}", _DISTANCED, _ONE_OVER_T),
    _faster("distancing-4-faster", f"at one step size: distancing, n = 4, {_SLOWLY}", _DISTANCED,
            _S41, _PROJECTED),
    _comes("congestion-2", f"congestion, n = 2, {_AT}", _congestion_race(_ALONE, n_agents=2)),
    _comes("congestion-3", f"congestion, n = 3, {_AT}", _congestion_race(_ALONE, n_agents=3),
           _UNTRIED + _NO_MPG),
    _comes("congestion-4", f"congestion, n = 4, {_AT}", _OF_4, _UNTRIED),
    _comes("congestion-4-own", f"congestion, n = 4, policies of the own position, {_AT}",
           _congestion_race(("INPG",), n_agents=4, observe="own")),
    _faster("congestion-4-faster", f"at one step size: congestion, n = 4, {_AT}", _OF_4, _S42),
    _faster("congestion-4-tuned", "each at the best of three step sizes: congestion, n = 4",
            _tuned(4), _S42,
            "A step of 1 projects IPG onto pure policies within a few updates, a third of what "
            "INPG takes; which step is best is known with hindsight only."),
)

ABOUT = """Section 4 (`fig*`): {runs} runs a trial, seed {seed}. Remark 1 (`chaos-*`): both agents start alike, at probability
0.3 of the first link, with exact values; single measurements over 800 step sizes. Section 3 and the appendix, where
they were asked for, are the lemmas at the end of this section. Three kinds of trials, the second and third as the
paper is written:

- **as published**: the game, estimators, stopping rules and step sizes of the published experiment scripts, with
  every quirk (listed in the docstrings of `PublishedCongestion` and `PublishedDistancing`).
- **as written, sampled**: the paper's own definitions. Agents learn from mini-batches of 20 episodes, returns are
  summed over T = 20 steps, the start is uniform, a run stops when the policies change by less than 10e-16 (mean L1),
  or at 3,000 iterations. Congestion: all agents start at s, and play ends at t. A batch in which nobody tries
  anything new changes nothing and so stops a run: stopping is not convergence, and the Nash gap tells them apart.
- **as written, exact**: the same with exact values, from random starts. In both congestion games the uniform start
  is itself a Nash policy (gap 0), because all agents and edges are alike: sampled runs leave it by noise alone.

How to read the tables: numbers are the median over the runs with the least and the greatest in brackets; "7/10
stopped" counts the runs that ended by their own stopping rule, the others met the limit.

A claim holds *about* N if every run stopped and their median is within half of N. It holds in *almost every run* if
{almost_every:.0%} of all pairs of runs agree. L1-accuracy has *arrived* when its mean over the runs is below
{accurate:g}, which counts only where every run stopped. An end point is *a Nash policy* up to a gap of {nash_gap:g};
where only runs that were cut off lie farther, that is undecided.

What agents that estimate their advantages need (`samples-*`), which Section 5 leaves to future work: batches and
horizon of Section 4.1 and random starts: 20 runs of 1,000 updates at a step size of 0.01 in the congestion game (with
the paper's 1e-4 they are too few), five of 1,500 at 1e-4 in the distancing game. *Agent-steps*: of all agents of a run
together, until the exact gap, which nobody who learns is told, is at most 0.1, or 0.01, at every later check too; read
every five updates; median, least and most over the runs, -1: not in so many updates. Beside most stand the updates of
exact runs from the same starts. A claim that all runs arrive is undecided where some do not; of two rules that one needs
fewer which does in the median. The best of three step sizes is chosen by these same runs: 0.001, 0.01 and 0.1 for
INPG, 0.01, 0.1 and 1 for IPG.
"""  # noqa: E501

PAPER = Paper(
    name="fox2021",
    title='Fox, McAleer, Overman and Panageas, "Independent Natural Policy Gradient Always '
          'Converges in Markov Potential Games", arXiv 2110.10614',
    about=ABOUT, figures=FIGURES, trials=TRIALS, claims=CLAIMS, studies=("chaos", "lemmas"),
    statements=STATEMENTS, statements_word="samples")
