"""Where statements of the paper need care, each verified by a computation, or else withdrawn.

Fox, McAleer, Overman and Panageas, arXiv 2110.10614. A correction that concerns a lemma reads the
lemma's verdicts along the runs of `experiments.lemmas`; the others compute what they need.
"""

from __future__ import annotations

from potentia.experiments import corrections_of_games as of_games
from potentia.experiments import corrections_of_runs as of_runs
from potentia.experiments.correction import Correction, Reports
from potentia.theory.verdicts import FAILS, HOLDS


def corrections(reports: Reports, seed: int) -> list[Correction]:
    """All of them; `reports` by case."""
    return [
        of_games.example_1(seed), of_games.distancing(seed), of_games.deterministic_cycles(seed),
        of_runs.isolated(seed),
        _of_lemma(reports, "supremum", "Lemma 3.5, inf", None,
                  "Phi^(infinity) is the supremum of Phi^(t)"),
        _of_lemma(reports, "logit step", "Logit step", "Logit step, squared",
                  "the step is bounded by eta/(1-gamma)^2: advantages of rewards in [0, 1] reach "
                  "1/(1-gamma)"),
        _of_lemma(reports, "factor in (13)", "Equation (13)", "Equation (13), eta/2",
                  "a step eta < 1/L yields the factor eta/2, which is less than 1/(2L)"),
        of_games.step_sizes(seed), of_games.rescaling(seed), of_games.mismatch_coefficients(seed),
        of_runs.unvisited(reports), of_runs.fisher_breakdown(seed),
        _of_lemma(reports, "gradient before (12)", "Gradient before (12)",
                  "Gradient before (12), scaled",
                  "the gradient carries a factor 1/(1-gamma)"),
        _of_lemma(reports, "matrix in the appendix", "Appendix A", "Proposition 3.3",
                  "what has to be bounded is v^T D^-1/2 H D^-1/2 v; the appendix's quantity is "
                  "larger, and exceeds L"),
        _of_lemma(reports, "footnote 2", "Footnote 2", None,
                  "similar matrices have the same eigenvalues, not the same norm"),
        of_runs.local_policies(reports), of_runs.symmetry(seed), of_runs.small_steps(seed),
    ]


def _of_lemma(reports: Reports, item: str, stated: str, right: str | None,
              instead: str) -> Correction:
    """Verified if the lemma as stated fails on some run, and what should stand there (`right`)
    holds on some and fails on none."""
    fails = [case for case, report in reports.items() if report[stated].verdict == FAILS]
    shown = reports[fails[0] if fails else next(iter(reports))][stated]
    found = [HOLDS] if right is None else [report[right].verdict for report in reports.values()]
    return Correction(item, shown.source, shown.statement, instead, ", ".join(fails) or "none",
                      bool(fails) and HOLDS in found and FAILS not in found, shown.numbers,
                      f"fails on {len(fails)} of {len(reports)} runs; numbers of the first")
