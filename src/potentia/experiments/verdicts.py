"""The words of verdicts, the same for all papers.

A claim is judged for each kind of trial as yes, no or undecided, and then gets one verdict over the
kinds that were run: REPRODUCED if it holds with the paper's own definitions, sampled and exact;
else REPRODUCED ONLY AS PUBLISHED if it holds with the published scripts' quirks; else NOT
REPRODUCED. A correction to a paper is VERIFIED or WITHDRAWN.

The kinds of trials:

as published: the game, estimators, stopping rules and step sizes of the published experiment
    scripts, with every quirk;
as written, sampled: the paper's own definitions, values estimated from play;
as written, exact: the same with exact values.
"""

from __future__ import annotations

from collections.abc import Mapping

YES, NO, UNDECIDED = "yes", "no", "undecided"
PUBLISHED, SAMPLED, EXACT = "as published", "as written, sampled", "as written, exact"
MODES = {"as-published": (PUBLISHED,), "as-written": (SAMPLED, EXACT)}

REPRODUCED = "REPRODUCED"
ONLY_AS_PUBLISHED = "REPRODUCED ONLY AS PUBLISHED"
NOT_REPRODUCED = "NOT REPRODUCED"
VERIFIED, WITHDRAWN = "VERIFIED", "WITHDRAWN"
AGAINST = (NOT_REPRODUCED, WITHDRAWN)        # what speaks against a paper, or against us


def verdict_of(holds: Mapping[str, str]) -> str:
    """The verdict from what was found in each kind that was run."""
    written = [held for kind, held in holds.items() if kind != PUBLISHED]
    if written and all(held == YES for held in written):
        return REPRODUCED
    return ONLY_AS_PUBLISHED if holds.get(PUBLISHED) == YES else NOT_REPRODUCED
