"""How curved the potential is in the logits: Proposition 3.3 and the steps of its proof (arXiv
2110.10614, Appendix A).

    -Phi(theta~) <= -Phi(theta) - <grad Phi(theta), theta~ - theta> + L/2 ||theta~ - theta||^2_D,
    D = diag(d(s) pi_i(a|s)) at theta,    L = 27 n^2 Amax^2 M / (1-gamma)^3

for max |theta~ - theta| <= eta/(1-gamma), where the proof takes eta <= (1-gamma)/2. The least L for
which it holds near theta is the largest eigenvalue of D^-1/2 (-H) D^-1/2, H the Hessian of Phi at
theta~. Coordinates with D = 0 are left out: nothing depends on them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.tabular.game import MarkovGame
from potentia.profile import log_normalise
from potentia.theory.trajectory import potential, rounding, survey
from potentia.theory.verdicts import NOT_APPLICABLE, Lemma, judged, undecided

RADIUS = 0.5               # eta/(1-gamma) at the largest eta that the proof covers
PAIRS = 32                 # second points theta~ for each theta
BESIDE = 2                 # of them at which the Hessian is formed too
MOST_LOGITS = 400          # of which a Hessian is formed
TELLING = 1e-3             # relative difference of two norms that is no rounding
LEAST_WEIGHT = 1e-100      # of D: below it D^-1 H D^-1 overflows
SOURCE = "Proposition 3.3"


@dataclasses.dataclass(frozen=True)
class Curvature:
    """At one theta: weights [K] diagonal of D, hessian [K, K] at theta, beside at points near it;
    from_pairs, the least L that the pairs need; logits with D > 0 only."""

    weights: np.ndarray
    hessian: np.ndarray
    beside: list[np.ndarray]
    from_pairs: float

    def scaled(self, hessian: np.ndarray, power: float) -> np.ndarray:
        """D^-power H D^-power, [D, D] as the Hessian H is."""
        root = self.weights ** -power
        return root[:, None] * hessian * root

    def tightest(self) -> float:
        """The least L that the pairs and the Hessians near theta need."""
        tops = [np.linalg.eigvalsh(-self.scaled(h, 0.5)).max()
                for h in (self.hessian, *self.beside)]
        return float(max(self.from_pairs, *tops))

    def norm(self, power: float) -> float:
        """Spectral norm of D^-power H D^-power."""
        return float(np.linalg.norm(self.scaled(self.hessian, power), 2))


def curvature(game: MarkovGame, log_profile: np.ndarray, seed: int) -> Curvature:
    """Measure at one log-profile [N, H, A]."""
    mask = np.asarray(game.mask)
    rng = np.random.default_rng(seed)
    radii = RADIUS * rng.random((PAIRS, 1, 1, 1))
    moves = np.where(mask, radii * rng.uniform(-1, 1, (PAIRS, *mask.shape)), 0.0)
    points = np.concatenate([log_profile[None], log_profile + moves])
    seen = survey(game, np.asarray(log_normalise(jnp.asarray(points), jnp.asarray(mask))))
    below = (seen.potential[0] + (seen.slope[0] * moves).sum(axis=(1, 2, 3)) - seen.potential[1:]
             - rounding(game))
    needed = 2 * below / (seen.weights[0] * moves**2).sum(axis=(1, 2, 3))
    kept = mask & (seen.weights[0] > LEAST_WEIGHT)
    hessians = [_hessian(game, np.where(mask, point, 0.0), kept) for point in points[:1 + BESIDE]]
    return Curvature(seen.weights[0][kept], hessians[0], hessians[1:],
                     float(max(needed.max(), 0.0)))


def _hessian(game: MarkovGame, logits: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The Hessian [K, K] of Phi(mu) in the logits `kept` [N, H, A]."""
    hessian = np.asarray(_second_derivatives(game, logits))[kept][:, kept]
    return (hessian + hessian.T) / 2


@jax.jit
def _second_derivatives(game: MarkovGame, logits: Array) -> Array:
    return jax.hessian(potential, argnums=1)(game, logits)


def lemmas(game: MarkovGame, points: Sequence[np.ndarray], smoothness: float) -> list[Lemma]:
    """Proposition 3.3, footnote 2 and the quantity that the appendix bounds, at log-profiles
    `points`, each [N, H, A]."""
    if (count := int(np.asarray(game.mask).sum())) > MOST_LOGITS:
        why = f"{count} logits, but Hessians are formed of {MOST_LOGITS} at most"
        return [undecided(*heading, why) for heading in (_PROPOSITION, _FOOTNOTE, _APPENDIX)]
    found = [curvature(game, point, seed) for seed, point in enumerate(points)]
    return [_proposition(found, smoothness), _footnote(found), _appendix(found, smoothness)]


_PROPOSITION = (SOURCE, SOURCE,
                "the smoothness inequality holds with the stated L within max |theta~ - theta| <= "
                "1/2")
_FOOTNOTE = ("Footnote 2", "Appendix A, footnote 2",
             "D^-1/2 H D^-1/2 and D^-1 H have the same spectral norm")
_APPENDIX = ("Appendix A", "Appendix A",
             "v^T D^-1 H D^-1 v, v of length 1, is at most L (the proof needs D^-1/2)")


def _proposition(found: Sequence[Curvature], smoothness: float) -> Lemma:
    tightest = max(c.tightest() for c in found)
    numbers = {"tightest L": tightest, "from pairs alone": max(c.from_pairs for c in found),
               "spectral norm of D^-1/2 H D^-1/2": max(c.norm(0.5) for c in found),
               "stated L": smoothness,
               "points": len(found), "pairs": PAIRS * len(found)}
    if np.isinf(smoothness):
        return Lemma(*_PROPOSITION, NOT_APPLICABLE, None, numbers, "L is infinite")
    return Lemma(*_PROPOSITION, judged(tightest <= smoothness), smoothness - tightest, numbers,
                 f"the stated L is {smoothness / tightest:.3g} times the tightest seen"
                 if tightest > 0 else "")


def _footnote(found: Sequence[Curvature]) -> Lemma:
    """Two similar matrices: the eigenvalues agree, the norms do not."""
    def off(c: Curvature) -> float:
        return abs(_left(c) - c.norm(0.5)) / (c.norm(0.5) or 1.0)

    worst = max(found, key=off)
    same = np.sort(np.linalg.eigvals(worst.hessian / worst.weights[:, None]).real)
    apart = float(np.abs(same - np.linalg.eigvalsh(worst.scaled(worst.hessian, 0.5))).max())
    numbers = {"norm of D^-1/2 H D^-1/2": worst.norm(0.5), "norm of D^-1 H": _left(worst),
               "largest difference of eigenvalues": apart}
    return Lemma(*_FOOTNOTE, judged(off(worst) <= TELLING), TELLING - off(worst), numbers,
                 "similar matrices: the same eigenvalues")


def _left(c: Curvature) -> float:
    """Spectral norm of D^-1 H."""
    return float(np.linalg.norm(c.hessian / c.weights[:, None], 2))


def _appendix(found: Sequence[Curvature], smoothness: float) -> Lemma:
    """The first point at which the quantity exceeds L; else the point at which it is largest."""
    above = [c for c in found if c.norm(1.0) > smoothness]
    shown = above[0] if above else max(found, key=lambda c: c.norm(1.0))
    numbers = {"norm of D^-1 H D^-1": shown.norm(1.0), "norm of D^-1/2 H D^-1/2": shown.norm(0.5),
               "stated L": smoothness, "least weight in D": float(shown.weights.min())}
    if np.isinf(smoothness):
        return Lemma(*_APPENDIX, NOT_APPLICABLE, None, numbers, "L is infinite")
    return Lemma(*_APPENDIX, judged(not above), smoothness - shown.norm(1.0), numbers,
                 "it grows without bound as an action becomes rare; the norm that the proposition "
                 "needs does not")
