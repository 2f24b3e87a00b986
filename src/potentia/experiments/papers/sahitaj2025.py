"""Sahitaj, Sasnauskas, Yalin, Mandal and Radanovic, "Independent Learning in Performative Markov
Potential Games", arXiv 2504.20593: its two games without their performative term, and the second
with it, as data.

Step sizes, barrier, runs and updates are those of the published scripts for Figure 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from potentia.experiments.claims import NASH_GAP
from potentia.experiments.learning_runs import Learning
from potentia.experiments.paper import Paper
from potentia.experiments.statements import Numbers, Statement

NEAR = 1e-3                  # of the start's gap: near enough to a Nash policy for a barrier
_TURNED = 0.5                # on the way a rounding may turn a run; at the end it is at 0
RULES: Mapping[str, tuple[str, Mapping[str, float]]] = {
    "INPG": ("inpg", {}), "Q-ascent": ("q-ascent", {}),
    "barrier": ("inpg-log-barrier", {"barrier": 0.003})}


def _learnings(game: str, parameters: Mapping[str, Any], step_size: float, at: tuple[int, ...],
               runs: int) -> Mapping[str, Learning]:
    return {label: Learning(game, parameters, rule, {"step_size": step_size, **more}, at,
                            runs=runs, initial="random", level=NASH_GAP)
            for label, (rule, more) in RULES.items()}


def _arrives(found: Numbers, last: int) -> bool:
    return found[f"INPG gap after {last:,} updates"] <= NASH_GAP


def _sooner(found: Numbers) -> bool:
    inpg, ascent = (found[f"{label} gap last above {NASH_GAP:g} after"]
                    for label in ("INPG", "Q-ascent"))
    return inpg < ascent


def _rests(found: Numbers, last: int) -> bool:
    name = f"barrier gap after {last:,} updates"
    return name in found and found[name] <= NEAR * found["barrier gap after 0 updates"]


def _tolerances(label: str, at: tuple[int, ...]) -> dict[str, float]:
    early = {f"{label} gap after {when:,} updates": _TURNED for when in at[1:-1]}
    return early | {f"{label} gap last above {NASH_GAP:g} after": _TURNED}


def _statements(word: str, subject: str, learnings: Mapping[str, Learning],
                reason: str) -> tuple[Statement, ...]:
    at = learnings["INPG"].at
    last = at[-1]
    tolerances = {label: _tolerances(label, at) for label in RULES}
    two = {label: learnings[label] for label in ("INPG", "Q-ascent")}
    return (
        Statement(f"sahitaj-{word}-nash", f"the last profile of INPG tends to a Nash policy: "
                  f"{subject}", "abstract: a stable equilibrium, which is a Nash policy where "
                  "nothing is performative", "gap 0 in the limit", {"INPG": learnings["INPG"]},
                  lambda found: _arrives(found, last), 0.0, tolerances=tolerances["INPG"]),
        Statement(f"sahitaj-{word}-sooner", f"INPG settles sooner than Q-ascent at one step size: "
                  f"{subject}", "Figure 2, by its published commands", "compared there", two,
                  _sooner, tolerances=tolerances["INPG"] | tolerances["Q-ascent"]),
        Statement(f"sahitaj-{word}-barrier", f"INPG with a barrier of 0.003 comes near a Nash "
                  f"policy: {subject}", "Figure 2, by its published commands", "compared there",
                  {"barrier": learnings["barrier"]}, lambda found: _rests(found, last),
                  reason=reason, tolerances=tolerances["barrier"]))


DISTANCING = _learnings("distancing", {"weights": (4, 3, 2, 1), "penalised": "next",
                                       "representation": "loads"}, 1e-4,
                        (0, 100, 300, 1_000, 10_000), 10)
LOOP = _learnings("loop-congestion", {}, 6e-4, (0, 20, 100, 2_000), 5)
OMEGA, RESPONSE_AT = {"omega_r": 0.03, "omega_p": 0.03}, (0, 20, 100, 2_000)
RESPONSE, OF_TWO = (
    {"INPG": Learning("performative-loop", {"n_agents": n_agents, **OMEGA}, "inpg",
                      {"step_size": 6e-4}, RESPONSE_AT, runs=runs, initial="random",
                      level=NASH_GAP)} for n_agents, runs in ((4, 5), (2, 20)))


def _stable(word: str, subject: str, measured: Mapping[str, Learning], reason: str) -> Statement:
    return Statement(
        f"sahitaj-{word}-stable", f"the last profile of INPG tends to a performatively stable "
        f"equilibrium: {subject}", "abstract: INPG asymptotically converges to one, in the last "
        "iterate", "gap 0 in the limit, in the game that the last profile induces", measured,
        lambda found: _arrives(found, RESPONSE_AT[-1]), 0.0, reason,
        _tolerances("INPG", RESPONSE_AT) | {"INPG gap after 2,000 updates": _TURNED})


STATEMENTS = (
    *_statements("distancing", "safe distancing, step size 0.0001", DISTANCING, ""),
    *_statements("loop", "loop congestion, step size 0.0006", LOOP,
                 "Where the step size times what the wrong action loses, over 1 - gamma, is above "
                 "2, steps of a barrier overshoot; here 35 and more is lost, and step sizes of "
                 "0.0003 and below do come near."),
    _stable("response", "the loop with omega 0.03 and four agents, step size 0.0006", RESPONSE,
            "Three runs of five arrive; two go from one profile that is all but pure to another, "
            "with gaps of up to 57, for 20,000 updates, and have not arrived by steps of 0.0001 "
            "either. The theorem is about potential games, and this is none."),
    _stable("response-of-two", "the loop with omega 0.03 and two agents, who are paid alike but "
            "for the response, step size 0.0006", OF_TWO, ""),
)
ABOUT = """The source's experiments have a performative term, by which policies change the game (alpha = 0.01, omega = 0.03).
First it is 0 here, and what the abstract promises then is the convergence of INPG to a Nash policy. Discount 0.99, exact
values, random starts: ten runs of safe distancing over the 10,000 updates of the source, five of the loop over 2,000 of
its 20,000 (there nothing moves any more after 500). The source learns from ten episodes of 20 steps, all from uniform
policies; with exact values those are a Nash policy of the loop. It plots how far policies are from their own last ones,
and no gap; which rule is first there could not be consulted. Gaps are exact, in the unit of the rewards, the largest of any run; *last above 0.001* is read every 100
updates, of the loop every 20.

Neither game is a Markov potential game, as `pt.potential.classify` shows; INPG arrives all the same. On the way it may
be behind: after 300 updates of safe distancing its worst run is farther from a Nash policy than that of Q-ascent. A
barrier pays for probability, so that it comes to rest near a Nash policy, within a thousandth of the first gap, and not
at one. The published scripts put 2 for a factor that overflows; here such a run ends.

Then the loop has its term, as `performative-loop`, with gaps in the game that the last profile induces itself: five runs
of four agents and twenty of two. Two agents arrive from all twenty starts; with four some runs have not come to rest after
20,000 updates. The term of safe distancing is left out: what the published scripts replace actions by comes from values
that they estimate from ten plays, of weights drawn at random.

An update takes about 3 ms for the ten runs of safe distancing and 0.7 ms for the five of the loop on two cores, exact
values included; the source tells of 0.7 s and 1.6 s on an A100, with its values from samples.
"""  # noqa: E501
PAPER = Paper(
    name="sahitaj2025",
    title='Sahitaj, Sasnauskas, Yalin, Mandal and Radanovic, "Independent Learning in Performative '
          'Markov Potential Games", arXiv 2504.20593',
    about=ABOUT, statements=STATEMENTS)
