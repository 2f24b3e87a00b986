"""Whether a game of a user's own may be said to have CONVERGED: not by its own word, but by the
certificate's.

Potentia's games answer for their best responses, and tests hold them against certificates. A user's
game could say anything. So where the loop ended on its word, `certify`, which reads arrays only, is
asked about the very game that was given. A game that it cannot judge stays UNVERIFIED.
"""

from __future__ import annotations

import numpy as np

from potentia.certificates.equilibrium import certify
from potentia.errors import InputError
from potentia.game import Game
from potentia.result import Status
from potentia.runtime.own import is_own

Verdict = tuple[Status, str]


def confirmed(game: Game, profiles: np.ndarray, statuses: tuple[Status, ...],
              tolerance: float | None) -> list[Verdict]:
    """The statuses of the runs, of which those of a user's game that CONVERGED are confirmed or
    not, and why not.

    profiles: [runs, N, H, A].
    """
    return [_judged(game, profile, tolerance)
            if is_own(game) and tolerance is not None and status is Status.CONVERGED
            else (status, "") for profile, status in zip(profiles, statuses, strict=True)]


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
                                     f"{certificate.nash_gap_lower:g}")
    return Status.UNVERIFIED, f"{said}bounds it by {certificate.nash_gap:g} only"
