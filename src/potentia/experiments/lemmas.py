"""The paper's lemmas on true potential games: the games, the runs, and the page that says what was
found.

Discounts are moderate, so that what a step of 1/L changes can be told from rounding in float64.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from potentia import games, rules
from potentia.experiments.correction import Correction
from potentia.experiments.corrections import corrections
from potentia.experiments.verdicts import NO, NOT_REPRODUCED, REPRODUCED, UNDECIDED, YES
from potentia.games.tabular.game import MarkovGame
from potentia.io.atomic import write_text
from potentia.io.directories import keeping, refuse_unwritable
from potentia.learning.solver import solved
from potentia.report.lemmas import CORRECTION, LEMMA, markdown
from potentia.theory import verdicts
from potentia.theory.lemmas import check
from potentia.theory.verdicts import Lemma, LemmaReport

# states and actions of the small games: one shape, so that they share compiled programs
SHAPE = (3, 2, 2)
HOLDS = {verdicts.HOLDS: YES, verdicts.FAILS: NO}


@dataclasses.dataclass(frozen=True)
class Case:
    """A potential game and a run of exact INPG on it from a random start."""

    title: str
    build: Callable[[int], MarkovGame]
    step_size: float
    iterations: int = 1000


def congestion(**parameters: object) -> Callable[[int], MarkovGame]:
    """The stochastic congestion game at discount 1/2, whatever the seed."""
    return lambda seed: games.make("stochastic-congestion", discount=0.5, **parameters)


def common_interest(seed: int) -> MarkovGame:
    """Random common rewards, random transitions."""
    rng = np.random.default_rng(seed)
    return MarkovGame.from_arrays(np.stack([rng.random(SHAPE)] * 2),
                                  _random_transitions(rng, SHAPE), discount=0.5)


def separate_states(seed: int) -> MarkovGame:
    """Transitions that no action influences, and in each state the rewards of a potential game:
    phi(s, a) plus what only the other agent decides."""
    rng = np.random.default_rng(seed)
    stage, beside = rng.random(SHAPE), rng.random((2, 3, 2))
    rewards = np.stack([stage + beside[0][:, None, :], stage + beside[1][:, :, None]])
    transitions = np.broadcast_to(_random_transitions(rng, (3, 1, 1)), (*SHAPE, 3))
    return MarkovGame.from_arrays(rewards, transitions, discount=0.5, stage_potential=stage)


def gate(seed: int) -> MarkovGame:
    """Two agents who open a gate together stay in a state that pays both, with what follows worth
    far more than one reward: advantages above 1."""
    del seed
    rewards = np.zeros((2, *SHAPE))
    rewards[:, 1] = 1.0
    transitions = np.full((*SHAPE, 3), 0.05)
    transitions[0, :, :, 2] = transitions[1, ..., 1] = transitions[2, ..., 2] = 0.9
    transitions[0, 1, 1] = 0.05, 0.9, 0.05
    return MarkovGame.from_arrays(rewards, transitions, discount=0.9)


def coordination(seed: int) -> MarkovGame:
    """In each of three states, 1 for both if they choose alike: L = 27 n^2 Amax^2 = 432 at discount
    0, where M is 1."""
    rewards = np.broadcast_to(np.eye(2), (2, *SHAPE))
    return MarkovGame.from_arrays(rewards, _random_transitions(np.random.default_rng(seed), SHAPE),
                                  discount=0.0)


def _random_transitions(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.dirichlet(np.ones(3), size=shape)


CASES: Mapping[str, Case] = {
    "congestion-2": Case("congestion, n = 2, 1/load", congestion(n_agents=2, start="uniform"), 0.5),
    "congestion-2-large-step": Case("the same at a large step",
                                    congestion(n_agents=2, start="uniform"), 50.0, 100),
    "own-position-3": Case("congestion, n = 3, own position, from s",
                           congestion(n_agents=3, observe="own"), 0.5),
    "own-position-3-uniform": Case("congestion, n = 3, own position, from everywhere",
                                   congestion(n_agents=3, observe="own", start="uniform"), 0.5),
    "common-interest": Case("random common rewards", common_interest, 0.5),
    "separate-states": Case("random, action-independent transitions", separate_states, 0.5),
    "gate": Case("gate, common rewards, discount 0.9", gate, 0.05),
    "gate-cut-off": Case("the same, cut off", gate, 0.05, 5),
    "coordination": Case("coordination, discount 0, a step of 0.99/L as Theorem 3.1 demands",
                         coordination, 0.99 / 432,
                         10_000),
}


def run_case(case: Case, seed: int = 0) -> LemmaReport:
    """The lemmas along one run of the case."""
    game = case.build(seed)
    result = solved(game, rules.INPG(step_size=case.step_size), seed=seed,
                   max_iterations=case.iterations,
                   check_every=case.iterations, progress=False)
    return check(game, result)


def reproduce(out: Path, seed: int = 0) -> list[dict[str, object]]:
    """Check the lemmas on every case, and the corrections to the paper.

    Writes `lemmas.md` and `lemmas.json` to the directory `out`, and returns one entry for each
    lemma and case and for each correction, as `lemmas.json` holds them. Raises InputError where
    `out` cannot be written, in the end a NotWrittenError, which has the entries.
    """
    refuse_unwritable(out)
    reports = {name: run_case(case, seed) for name, case in CASES.items()}
    entries = [*_lemma_entries(reports), *map(_correction_entry, corrections(reports, seed))]
    with keeping(entries, out):
        out.mkdir(parents=True, exist_ok=True)
        write_text(out / "lemmas.json", json.dumps(entries, indent=1) + "\n")
        write_text(out / "lemmas.md",
                   markdown(entries, {name: case.title for name, case in CASES.items()}, seed))
    return entries


def _lemma_entries(reports: Mapping[str, LemmaReport]) -> list[dict[str, object]]:
    names = [lemma.name for lemma in next(iter(reports.values()))]
    entries = []
    for name in names:
        found = {case: report[name] for case, report in reports.items()}
        against = any(one.verdict == verdicts.FAILS and one.covered for one in found.values())
        verdict = NOT_REPRODUCED if against else REPRODUCED
        entries += [_lemma_entry(case, one, verdict) for case, one in found.items()]
    return entries


def _lemma_entry(case: str, lemma: Lemma, verdict: str) -> dict[str, object]:
    return {"id": f"{LEMMA}{lemma.name}", "figure": "lemmas", "mode": "as-written", "kind": case,
            "claim": lemma.statement, "source": lemma.source, "paper": lemma.statement,
            "paper_number": None,
            "measured": _finite(lemma.numbers), "nash_gap": {},
            "holds": HOLDS.get(lemma.verdict, UNDECIDED),
            "verdict": verdict, "found": lemma.verdict, "covered": lemma.covered,
            "margin": lemma.margin,
            "note": lemma.note}


def _correction_entry(correction: Correction) -> dict[str, object]:
    return {"id": f"{CORRECTION}{correction.item}", "figure": "lemmas", "mode": "as-written",
            "kind": correction.shown_on, "claim": correction.instead, "source": correction.source,
            "paper": correction.paper, "paper_number": None,
            "measured": _finite(correction.numbers), "nash_gap": {},
            "holds": YES if correction.verified else NO,
            "verdict": correction.verdict, "found": correction.verdict, "covered": True,
            "margin": None,
            "note": correction.note}


def _finite(numbers: Mapping[str, float]) -> dict[str, float | str]:
    """Numbers as JSON can hold them: what is infinite in words."""
    return {name: float(value) if np.isfinite(value) else str(float(value))
            for name, value in numbers.items()}
