"""Whether a run may be said to have CONVERGED where the loop cannot know: the certificate says.

Potentia's games answer for their best responses, and tests hold them against certificates. A user's
game could say anything. So where the loop ended on its word, `certify`, which reads arrays only, is
asked about the very game that was given. A game that it cannot judge stays UNVERIFIED.

On roads with policies by destination the loop bounds what types would gain by what links cost those
who take them for sure, which is more than a small relative gap. Where agents see no more than half
of what is asked for, the certificate, which tells types apart, has the last word.
"""

from __future__ import annotations

import numpy as np

from potentia.certificates.equilibrium import certify
from potentia.console.bounds import above, below
from potentia.errors import InputError
from potentia.game import Game
from potentia.result import Status
from potentia.runtime.own import is_own

Verdict = tuple[Status, str]


def confirmed(game: Game, profiles: np.ndarray, statuses: tuple[Status, ...],
              tolerance: float | None, relative_tolerance: float | None) -> list[Verdict]:
    """The statuses of the runs, of which those of a user's game that CONVERGED are confirmed or
    not, and those that are UNVERIFIED; and why not.

    profiles: [runs, N, H, A].
    """
    def verdict(profile: np.ndarray, status: Status) -> Verdict:
        if is_own(game) and tolerance is not None and status is Status.CONVERGED:
            return _judged(game, profile, tolerance)
        if relative_tolerance is not None and status is Status.UNVERIFIED:
            return _of_all(game, profile, relative_tolerance)
        return status, ""

    return [verdict(*run) for run in zip(profiles, statuses, strict=True)]


def _of_all(game: Game, profile: np.ndarray, relative_tolerance: float) -> Verdict:
    said = (f"agents who share policies see a relative gap of at most half of "
            f"{relative_tolerance:g}, but certify ")
    try:
        bound = certify(game, profile).relative_gap
    except InputError as error:
        return Status.UNVERIFIED, f"{said}cannot say so too: {error}"
    assert bound is not None            # of roads, which alone have policies that are shared
    if bound <= relative_tolerance:
        return Status.CONVERGED, ""
    return Status.UNVERIFIED, (f"{said}bounds it by {above(bound)} only: as price-takers they "
                               f"do not see what they themselves add to the load")


def _judged(game: Game, profile: np.ndarray, tolerance: float) -> Verdict:
    said = (f"{type(game).__name__}.best_response says that the gap is within the tolerance of "
            f"{tolerance:g}, but certify ")
    try:
        certificate = certify(game, profile)
    except InputError as error:
        return Status.UNVERIFIED, f"{said}cannot say so too: {error}"
    if certificate.nash_gap <= tolerance:
        return Status.CONVERGED, ""
    if certificate.nash_gap_lower > tolerance:
        return Status.INCONSISTENT, (f"{said}finds that agent {certificate.witness_agent} gains "
                                     f"{below(certificate.nash_gap_lower)}")
    return Status.UNVERIFIED, f"{said}bounds it by {above(certificate.nash_gap)} only"
