"""Claims about trials and how each is judged, from numbers alone.

A claim is judged for each kind of trial, and then gets one verdict over the kinds that were run
(see `verdicts`). A run that met the iteration limit has not stopped, let alone converged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from potentia.experiments.trials import trial_name
from potentia.experiments.verdicts import (
    EXACT,
    MODES,
    NO,
    PUBLISHED,
    SAMPLED,
    UNDECIDED,
    YES,
    verdict_of,
)

# the end point counts as a Nash policy up to this gain of the best single deviation
NASH_GAP = 1e-3
ACCURATE = 0.01  # L1-accuracy that counts as having arrived, for comparisons that no stop decides
ALMOST_EVERY = 0.9       # share of the pairs of runs that "almost every run" needs


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The runs of one trial, as numbers.

    iterations: [runs]. stopped: [runs] whether the policy step fell to the trial's stop. cap: most
    iterations.
    gap, worst_gap: [runs] certified upper bounds of the Nash gap at the end, from the initial
    distribution and worst over the states. l1_accuracy: [runs, T+1], NaN after the end of a run, or
    None if not recorded.
    """

    iterations: np.ndarray
    stopped: np.ndarray
    cap: int
    gap: np.ndarray
    worst_gap: np.ndarray
    l1_accuracy: np.ndarray | None


@dataclasses.dataclass(frozen=True)
class Finding:
    """Whether a claim holds in one kind of trial, and the numbers that say so."""

    holds: str
    measured: dict[str, float]


Judge = Callable[[Sequence[Outcome]], Finding]


@dataclasses.dataclass(frozen=True)
class Claim:
    """A statement of the paper about the trials named by `stems`.

    paper: what the paper says, in words. number: the number in it, if there is one. kinds: of
    trials that it is judged in. reason: why it is not reproduced in all of them, where it is not.
    """

    id: str
    figure: str
    claim: str
    source: str
    paper: str
    stems: tuple[str, ...]
    judge: Judge
    number: float | None = None
    kinds: tuple[str, ...] = (PUBLISHED, SAMPLED, EXACT)
    reason: str = ""

    def trials(self, kind: str) -> list[str]:
        """Names of the trials that it needs in one kind."""
        return [trial_name(stem, kind) for stem in self.stems]


def summary(values: np.ndarray, prefix: str = "") -> dict[str, float]:
    """Median, least and greatest of [runs]."""
    return {f"{prefix}median": float(np.median(values)), f"{prefix}min": float(np.min(values)),
            f"{prefix}max": float(np.max(values))}


def about(target: int) -> Judge:
    """Every run stopped, and their median number of iterations is within half of `target`."""
    def judge(outcomes: Sequence[Outcome]) -> Finding:
        one, = outcomes
        near = abs(np.median(one.iterations) - target) <= target / 2
        return Finding(_yes(one.stopped.all() and near), _counts(one))
    return judge


def fewer_than(limit: int) -> Judge:
    """Every run stopped within fewer than `limit` iterations."""
    def judge(outcomes: Sequence[Outcome]) -> Finding:
        one, = outcomes
        return Finding(_yes((one.stopped & (one.iterations < limit)).all()), _counts(one))
    return judge


def more_than(limit: int) -> Judge:
    """No run stopped within `limit` iterations."""
    def judge(outcomes: Sequence[Outcome]) -> Finding:
        one, = outcomes
        return Finding(_yes((~one.stopped | (one.iterations > limit)).all()), _counts(one))
    return judge


def fewer_iterations(outcomes: Sequence[Outcome]) -> Finding:
    """The first trial stops earlier than the second, in the median and in `ALMOST_EVERY` of all
    pairs of runs."""
    first, second = (np.where(o.stopped, o.iterations, np.inf) for o in outcomes)
    share = float((first[:, None] < second[None, :]).mean())
    measured = {**_counts(outcomes[0], "inpg_"), **_counts(outcomes[1], "ipg_"),
                "share_of_pairs_inpg_first": share}
    if not any(o.stopped.any() for o in outcomes):
        return Finding(UNDECIDED, measured)
    return Finding(_yes(np.median(first) < np.median(second) and share >= ALMOST_EVERY), measured)


def sooner_accurate(outcomes: Sequence[Outcome]) -> Finding:
    """The first trial's mean L1-accuracy over the runs falls below `ACCURATE` earlier than the
    second's."""
    first, second = (_arrival(o) for o in outcomes)
    measured = {**_counts(outcomes[0], "inpg_"), **_counts(outcomes[1], "ipg_")}
    measured |= {name: arrival for name, arrival in (("inpg_arrival", first),
                                                     ("ipg_arrival", second))
                 if np.isfinite(arrival)}
    return Finding(UNDECIDED if first == second == np.inf else _yes(first < second), measured)


def nash(outcomes: Sequence[Outcome]) -> Finding:
    """Every run ended within `NASH_GAP` of a Nash policy, from the initial distribution.

    Undecided if only runs that were cut off at the limit lie farther.
    """
    one, = outcomes
    within = one.gap <= NASH_GAP
    measured = {**summary(one.gap), **summary(one.worst_gap, "worst_state_"),
                "within": int(within.sum()),
                "stopped": int(one.stopped.sum()), "runs": int(within.size), "limit": one.cap}
    cut_off = bool((within | ~one.stopped).all())
    return Finding(YES if within.all() else UNDECIDED if cut_off else NO, measured)


def _yes(holds: object) -> str:
    return YES if holds else NO


def _counts(outcome: Outcome, prefix: str = "") -> dict[str, float]:
    return {**summary(outcome.iterations, prefix), f"{prefix}stopped": int(outcome.stopped.sum()),
            f"{prefix}runs": int(outcome.stopped.size), f"{prefix}limit": outcome.cap}


def _arrival(outcome: Outcome) -> float:
    """First iteration at which the mean L1-accuracy over the runs is below `ACCURATE` (ended runs
    count as 0).

    Infinite unless every run stopped: the distance to a last iterate that was still moving (or had
    hardly moved) says nothing of arrival.
    """
    assert outcome.l1_accuracy is not None
    if not outcome.stopped.all():
        return np.inf
    mean = np.nan_to_num(outcome.l1_accuracy).mean(axis=0)
    return float(np.argmax(mean < ACCURATE))


def judged(claims: Sequence[Claim], outcomes: Mapping[str, Outcome], figures: Sequence[str],
           modes: Sequence[str]) -> list[dict[str, object]]:
    """One entry for each claim of the figures and each kind of trial, with the verdict over the
    kinds that were run."""
    entries = []
    for claim in claims:
        kinds = [(mode, kind) for mode in modes for kind in MODES[mode] if kind in claim.kinds]
        if claim.figure not in figures or not kinds:
            continue
        read = {kind: [outcomes[name] for name in claim.trials(kind)] for _, kind in kinds}
        findings = {kind: claim.judge(trials) for kind, trials in read.items()}
        verdict = verdict_of({kind: finding.holds for kind, finding in findings.items()})
        entries += [_entry(claim, mode, kind, findings[kind], read[kind], verdict)
                    for mode, kind in kinds]
    return entries


def _entry(claim: Claim, mode: str, kind: str, finding: Finding, trials: Sequence[Outcome],
           verdict: str) -> dict[str, object]:
    prefixes = [""] if len(trials) == 1 else ["inpg_", "ipg_"]
    gaps = {}
    for prefix, trial in zip(prefixes, trials, strict=True):
        gaps |= summary(trial.gap, prefix)
    return {"id": claim.id, "figure": claim.figure, "mode": mode, "kind": kind,
            "claim": claim.claim,
            "source": claim.source, "paper": claim.paper, "paper_number": claim.number,
            "measured": finding.measured,
            "nash_gap": gaps, "holds": finding.holds, "verdict": verdict, "reason": claim.reason}
