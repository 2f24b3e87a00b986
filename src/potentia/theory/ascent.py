"""How the potential climbs: Lemma 3.4, equation (13), and how far one step moves the logits (arXiv
2110.10614).

With rewards of range 1, Proposition 3.3 at theta~ = theta + eta D^-1 grad Phi gives

    Phi(t+1) >= Phi(t) + (eta - eta^2 L / 2) ||grad Phi(t)||^2_{D^-1}
        >= Phi(t) + eta/2 ||grad Phi(t)||^2_{D^-1}

for every eta <= 1/L. The factor printed in (13), 1/(2L), is eta/2 at eta = 1/L only. Advantages of
rewards of range 1 are at most 1/(1-gamma), so that a step moves a logit by at most eta/(1-gamma)^2.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.console.bounds import above
from potentia.games.tabular.game import MarkovGame
from potentia.theory.trajectory import Survey, follow, rounding, survey
from potentia.theory.verdicts import FAILS, HOLDS, UNDECIDED, Lemma, judged, not_applicable

STEPS = 255                     # of each run of its own; with its start, one block
# of 1/L: the theorem's largest step, and one for which 1/(2L) is not eta/2
FRACTIONS = (0.99, 0.25)
LOST = "every change of the potential is lost in rounding"
_OWN = ("Lemma 3.4", "Lemma 3.4", "the potential never falls at steps below 1/L")
_ALONG = ("Lemma 3.4, own steps", "Lemma 3.4",
          "the potential never falls along the run itself, at its step size")
_STATED = ("Equation (13)", "Equation (13)",
           "at steps below 1/L the potential rises by at least 1/(2L) ||grad||^2_{D^-1}")
_RIGHT = ("Equation (13), eta/2", "Equation (13)",
          "at steps below 1/L the potential rises by at least eta/2 ||grad||^2_{D^-1}")
_SHORT = ("Logit step", "Lemma 3.4, proof", "one step moves no logit by more than eta/(1-gamma)")
_LONG = ("Logit step, squared", "Lemma 3.4, proof",
         "one step moves no logit by more than eta/(1-gamma)^2")


def never_falls(heading: tuple[str, str, str], potentials: Sequence[np.ndarray], allowance: float,
                step: float, smoothness: float) -> Lemma:
    """Whether Phi [T+1] of each run never falls by more than `allowance`; else the first step at
    which one does."""
    rises = [np.diff(heights) for heights in potentials]
    worst = min(float(rise.min(initial=np.inf)) for rise in rises)
    numbers = {"step size": step, "step size times L": step * smoothness,
               "steps": sum(rise.size for rise in rises),
               "rounding": allowance}
    if np.isinf(worst):
        return Lemma(*heading, UNDECIDED, None, numbers, "no step was made")
    numbers |= {"least rise": worst, "whole rise": float(sum(h[-1] - h[0] for h in potentials))}
    if worst < -allowance:
        fallen = next(rise for rise in rises if rise.min(initial=0.0) < -allowance)
        first = int(np.argmax(fallen < -allowance))
        numbers |= {"first fall at step": first, "by": float(-fallen[first]),
                    "falls": sum(int((rise < -allowance).sum()) for rise in rises)}
        return Lemma(*heading, FAILS, worst + allowance, numbers,
                     f"it falls from step {first} to {first + 1} by {-fallen[first]:.3g}, at most "
                     f"by {above(-worst, '.3g')}")
    if max(float(rise.max(initial=0.0)) for rise in rises) <= allowance:
        return Lemma(*heading, UNDECIDED, None, numbers, LOST)
    return Lemma(*heading, HOLDS, worst + allowance, numbers, "a rise below 0 is rounding"
                 if worst < 0 else "")


def along_run(game: MarkovGame, along: Survey, step: float, smoothness: float) -> Lemma:
    """Whether the potential falls along the run itself, whatever its step."""
    return never_falls(_ALONG, [along.potential], rounding(game), step, smoothness)


def lemmas(game: MarkovGame, points: Sequence[np.ndarray], smoothness: float) -> list[Lemma]:
    """Lemma 3.4 and equation (13) on runs with steps below 1/L from the log-profiles `points`, each
    [N, H, A]; rewards of range 1."""
    if np.isinf(smoothness):
        why = "L is infinite, so no step is below 1/L"
        return [not_applicable(*heading, why) for heading in (_OWN, _STATED, _RIGHT)]
    allowance, largest = rounding(game), FRACTIONS[0]
    runs = {fraction: [survey(game, follow(game, fraction / smoothness, np.exp(point), STEPS))
                       for point in points]
            for fraction in FRACTIONS}
    printed = dict.fromkeys(FRACTIONS, 1 / (2 * smoothness))
    right = {fraction: fraction / (2 * smoothness) for fraction in FRACTIONS}
    return [never_falls(_OWN, [run.potential for run in runs[largest]], allowance,
                        largest / smoothness, smoothness),
            _rises(_STATED, runs, allowance, printed), _rises(_RIGHT, runs, allowance, right)]


def _rises(heading: tuple[str, str, str], runs: dict[float, list[Survey]], allowance: float,
           factors: dict[float, float]) -> Lemma:
    """Whether every rise is at least its factor times the steepness, up to rounding."""
    slack, numbers = np.inf, {}
    for fraction, surveys in runs.items():
        rise = np.concatenate([np.diff(run.potential) for run in surveys])
        guaranteed = factors[fraction] * np.concatenate([run.steepness[:-1] for run in surveys])
        telling = guaranteed > 10 * allowance
        if telling.any():
            slack = min(slack, float((rise - guaranteed)[telling].min()))
            numbers[f"least ratio at {fraction:g}/L"] = float((
                rise / np.where(telling, guaranteed, 1.0))[telling].min(
                ))
    if np.isinf(slack):
        return Lemma(*heading, UNDECIDED, None, {"rounding": allowance}, LOST)
    return Lemma(*heading, judged(slack >= -allowance), slack + allowance,
                 {**numbers, "rounding": allowance})


def logit_steps(game: MarkovGame, along: Survey, step: float) -> list[Lemma]:
    """How far a logit moves in one step, along the run, against both bounds."""
    if game.undiscounted:
        return [not_applicable(*heading, "at discount 1 the bound is infinite")
                for heading in (_SHORT, _LONG)]
    scale = float(game.scale)
    moved = step * scale * float(np.abs(along.advantage).max())
    return [_at_most(_SHORT, moved, step * scale), _at_most(_LONG, moved, step * scale**2)]


def _at_most(heading: tuple[str, str, str], moved: float, bound: float) -> Lemma:
    return Lemma(*heading, judged(moved <= bound), bound - moved,
                 {"longest step": moved, "bound": bound, "ratio": moved / bound})
