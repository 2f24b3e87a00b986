"""The story in ten lines: what was found of `fox2021`, and why.

Numbers are read from the entries, and the story is told only where all that it rests on was run and
came out as it is on record. Why the published runs come to rest where they do was found by putting
one thing right at a time (the claims named `...-same-stop` and `...-plain-values`), and by reading
which joint action each run ends at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from potentia.experiments.record import differences
from potentia.experiments.verdicts import EXACT, PUBLISHED, SAMPLED

Entry = Mapping[str, Any]
RESTS_ON = {("fig4-inpg-iterations", PUBLISHED), ("fig4-inpg-iterations", SAMPLED),
            ("fig4-inpg-iterations", EXACT), ("fig4-inpg-iterations-plain-values", PUBLISHED),
            ("fig6-inpg-iterations", PUBLISHED), ("fig4-nash", PUBLISHED), ("fig4-nash", EXACT),
            ("fig2-faster-same-stop", PUBLISHED), ("fig2-nash", PUBLISHED),
            ("fig4-ipg-n5-iterations", EXACT), ("chaos-remark-1", EXACT)}

LINES = (
    "The paper says that INPG converges in about 50 iterations with 4 agents in the congestion "
    "game and in less than 100 with 8. The published scripts do stop there: after {n4[median]:g} "
    "iterations [{n4[min]:g}, {n4[max]:g}], and after {n8[median]:g} [{n8[min]:g}, {n8[max]:g}].",
    "By the paper's own definitions, at its step size, {sampled[stopped]} of {sampled[runs]} "
    "sampled runs and {exact[stopped]} of {exact[runs]} exact ones stop within {exact[limit]} "
    "iterations at n = 4: *about 50* holds as published only.",
    "The reason is what the scripts take for the value of a state: rewards are added to the "
    "state that is visited when they are paid, and are not divided by the visits. An action that "
    "leads to where play goes already looks better than it is, so that the first lead, a matter "
    "of chance, is kept and grows.",
    "Without that weighting, all else as published (game, step, stopping rule), "
    "{plain[stopped]} of {plain[runs]} runs stop within {plain[limit]} iterations.",
    "The published runs come to rest at a joint action that chance picked, and nothing makes that "
    "an equilibrium: {far} of {nash[runs]} runs at n = 4 end with three agents on one action and "
    "one on the other. Each of the three has 100/3 and would have 100/2 on the other: that is the "
    "gap of {nash[max]:.4g}.",
    "Of the 16 joint actions at n = 4, eight are three to one (gap 16.67), six two to two (a "
    "Nash policy) and two four to none (gap 75); {nash[within]} of {nash[runs]} published runs "
    "end within {nash_gap:g} of a Nash policy, by luck.",
    "That INPG is faster than IPG in the distancing game rests on two stopping rules, 1e-5 for "
    "INPG and 1e-15 for IPG. Under one rule, INPG takes {same[inpg_median]:g} iterations and IPG "
    "{same[ipg_median]:g}, and INPG is first in {same[share_of_pairs_inpg_first]:.0%} of all "
    "pairs.",
    "A small step is not convergence: as published INPG ends at a median gap of "
    "{distancing[median]:.2g} in the distancing game; run on to a step of 1e-15 it ends at "
    "{same_gap[inpg_median]:.2g}.",
    "What holds: with exact values INPG is within {nash_gap:g} of a Nash policy after "
    "{exact[limit]} iterations at n = 4 in all {exact_nash[runs]} runs, from the initial "
    "distribution; IPG needs more than 3000 iterations at n = 5 in all three kinds of trials; and "
    "large steps are chaotic, as Remark 1 says.",
    "Theorem 3.1 speaks of none of these games: the congestion game with policies of the joint "
    "state (n >= 3) and the distancing game are no Markov potential games (the corrections "
    "below). With policies of the own position the congestion game is one.",
)


def told(entries: Iterable[Entry], known: Mapping[str, Any], nash_gap: float) -> list[str]:
    """The ten lines, or none where something that they rest on was not run, or came out otherwise.

    known: the record. nash_gap: what counts as a Nash policy.
    """
    by_id = {(entry["id"], entry["kind"]): entry for entry in entries}
    if not by_id.keys() >= RESTS_ON:
        return []
    names = {name for name, _ in RESTS_ON}
    if differences([entry for entry in by_id.values() if entry["id"] in names], known):
        return []
    measured = {key: by_id[key]["measured"] for key in RESTS_ON}
    nash = measured["fig4-nash", PUBLISHED]
    same = by_id["fig2-faster-same-stop", PUBLISHED]
    numbers = {
        "n4": measured["fig4-inpg-iterations", PUBLISHED],
        "sampled": measured["fig4-inpg-iterations", SAMPLED],
        "exact": measured["fig4-inpg-iterations", EXACT],
        "plain": measured["fig4-inpg-iterations-plain-values", PUBLISHED],
        "n8": measured["fig6-inpg-iterations", PUBLISHED], "nash": nash,
        "far": nash["runs"] - nash["within"], "exact_nash": measured["fig4-nash", EXACT],
        "same": same["measured"], "same_gap": same["nash_gap"],
        "distancing": measured["fig2-nash", PUBLISHED], "nash_gap": nash_gap}
    return [line.format(**numbers) for line in LINES]
