"""Where a run ends: fixed points (Lemma 3.5) and equilibria (Lemma 3.6), arXiv 2110.10614.

A fixed point has pi_i(a|s) = 0 or A_i(s, a) = 0 for every i, s, a, so pi |A| measures how far one
is. Limits are for t -> infinity: a run that ended while moving decides nothing, unless it is seen
to go round in a cycle. That the potential converges to its supremum along the run is read off the
run too: the paper writes inf.
"""

from __future__ import annotations

import numpy as np

from potentia.certificates.equilibrium import certify
from potentia.games.tabular.game import MarkovGame
from potentia.theory.trajectory import Survey, rounding
from potentia.theory.verdicts import FAILS, HOLDS, UNDECIDED, Lemma, judged, not_applicable

# pi |A| of a fixed point, and the gap of a Nash policy: both per unit of reward range
RESTING = 1e-6
ORBIT = 16                # longest cycle of profiles that is looked for
MOVING = f"the run ended before it came to rest, which is pi |A| of at most {RESTING:g}"
ISOLATED = (
    "that fixed points are isolated is a further assumption of Lemma 3.6, which Theorem 3.1 does "
    "not name")
LOCAL = (
    "with local policies a fixed point need not be Nash, where the own policy changes what its "
    "information means")
_FIXED = ("Lemma 3.5", "Lemma 3.5", "the run converges to a fixed point")
_NASH = ("Lemma 3.6", "Lemma 3.6", "from the interior, the limit is a Nash policy")
_INFIMUM = ("Lemma 3.5, inf", "Lemma 3.5, proof",
            "the potential converges to its infimum over the run")


def lemmas(game: MarkovGame, path: np.ndarray, along: Survey) -> list[Lemma]:
    """On a game with rewards of range 1, along log-profiles `path` [T, N, H, A]."""
    motion = float(along.motion[-1])
    rests = motion <= RESTING
    return [_fixed(path, motion, rests), _infimum(game, along, rests),
            _nash(game, path, motion, rests)]


def _fixed(path: np.ndarray, motion: float, rests: bool) -> Lemma:
    last = np.exp(path[-min(2, len(path)):])
    numbers = {"largest pi |A|": motion,
               "last policy step": float(np.abs(last[-1] - last[0]).max())}
    if rests:
        return Lemma(*_FIXED, HOLDS, RESTING - motion, numbers)
    if period := _period(np.exp(path[-2 * ORBIT:])):
        return Lemma(*_FIXED, FAILS, RESTING - motion, {**numbers, "period": period},
                     f"the run cycles through {period} profiles")
    return Lemma(*_FIXED, UNDECIDED, None, numbers, MOVING)


def _period(profiles: np.ndarray) -> int:
    """The length of the cycle that the last profiles are seen to go round twice; 0 if none."""
    for period in range(2, min(ORBIT, len(profiles) // 2) + 1):
        apart = np.abs(profiles[-period:] - profiles[-2 * period:-period]).max()
        if apart <= RESTING < np.abs(profiles[-1] - profiles[-2]).max():
            return period
    return 0


def _nash(game: MarkovGame, path: np.ndarray, motion: float, rests: bool) -> Lemma:
    if (path[0][np.asarray(game.mask)] == -np.inf).any():
        return not_applicable(*_NASH,
                              "the start plays some action never: it is not in the interior")
    certificate = certify(game, np.exp(path[-1]))
    upper, lower = certificate.worst_state_gap, certificate.worst_state_gap_lower
    where = "worst over the states"
    if upper is None or lower is None:
        upper, lower, where = (certificate.nash_gap, certificate.nash_gap_lower,
                               "from the start (local policies)")
    allowed = RESTING * float(game.scale)
    numbers = {"Nash gap": upper, "Nash gap, at least": lower, "allowed": allowed}
    if not rests:
        return Lemma(*_NASH, UNDECIDED, None, {**numbers, "largest pi |A|": motion},
                     f"{MOVING}; {ISOLATED}")
    if lower <= allowed < upper:
        return Lemma(*_NASH, UNDECIDED, None, numbers,
                     "the bounds on the gap lie on both sides of what is allowed")
    why = ISOLATED if game.full_information else LOCAL
    return Lemma(*_NASH, judged(upper <= allowed), allowed - upper, numbers, f"gap {where}; {why}")


def _infimum(game: MarkovGame, along: Survey, rests: bool) -> Lemma:
    heights = along.potential
    numbers = {"last potential": float(heights[-1]), "infimum": float(heights.min()),
               "supremum": float(heights.max())}
    if not rests:
        return Lemma(*_INFIMUM, UNDECIDED, None, numbers, MOVING)
    above = float(heights[-1] - heights.min())
    return Lemma(*_INFIMUM, judged(above <= rounding(game)), rounding(game) - above, numbers,
                 "it converges to the supremum")
