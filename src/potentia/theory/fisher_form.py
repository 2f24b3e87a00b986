"""Natural gradient on the potential by the whole Fisher matrix: Lemma 3.2 (arXiv 2110.10614).

    theta <- theta + eta F^+ grad Phi(mu),
    F = E_{s~d} E_{a~pi(.|s)} grad log pi(a|s) grad log pi(a|s)^T   (eq. 6)

F is formed from the joint distribution, all agents' logits together, its gradients by automatic
differentiation and d by SciPy; grad Phi by automatic differentiation through the game; the
pseudo-inverse is NumPy's. What comes out is compared as policies, since F^+ fixes the logits up to
a shift: F^+ grad Phi is (A - mean_a A)/(1-gamma) where the state is visited, 0 elsewhere.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.certificates import joint_actions
from potentia.certificates.decision_problem import System
from potentia.certificates.tabular import by_state
from potentia.games.tabular.game import MarkovGame
from potentia.profile import log_normalise
from potentia.theory.trajectory import Survey, survey
from potentia.theory.verdicts import Lemma, judged, undecided

SAME = 1e-10                  # policies after one step
MOST_NUMBERS = 20_000_000     # S x J x logits of the gradients of all log-probabilities
# of the entries of D: a plain pseudo-inverse does not tell smaller ones from rounding
LEAST_BALANCE = 1e-6
_LEMMA = ("Lemma 3.2", "Lemma 3.2",
          "one step of (INPG) and one of (6), natural gradient on the potential, give the "
          "same policies where the state is visited")
_EQUATION_7 = ("Equation (7)", "Equation (7)",
               "the gradients of Phi(mu) and of V_i(mu) in agent i's logits are equal")
_PRINTED = ("Gradient before (12)", "Lemma 3.4, proof",
            "the gradient of Phi(mu) in theta_i(s, a) is d(s) pi_i(a|s) A_i(s, a)")
_SCALED = ("Gradient before (12), scaled", "Lemma 3.4, proof",
           "the gradient of Phi(mu) in theta_i(s, a) is d(s) pi_i(a|s) A_i(s, a)/(1-gamma)")


def natural_gradient(game: MarkovGame, log_profile: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """F^+ `slope`, [N, H, A], F whole and its pseudo-inverse as NumPy has it."""
    mask = np.asarray(game.mask)
    scores = np.asarray(_scores(game, np.where(mask, log_profile, 0.0)))[..., mask]     # [S, J, K]
    weights = joint_actions.product(by_state(game, np.exp(log_profile)))
    shares = visitation(game, weights)[:, None] * weights
    fisher = np.einsum("sj,sjk,sjl->kl", shares, scores, scores, optimize=True)
    direction = np.zeros(mask.shape)
    direction[mask] = np.linalg.pinv(fisher, hermitian=True) @ slope[mask]
    return direction


@jax.jit
def _scores(game: MarkovGame, logits: Array) -> Array:
    """[S, J, N, H, A] gradients of log pi(a|s) in the logits; 0 for what does not exist."""
    counts = game.action_counts
    actions = np.unravel_index(np.arange(np.prod(counts)), counts)

    def log_joint(logits: Array) -> Array:
        log_policy = jnp.where(game.mask, log_normalise(logits, jnp.asarray(game.mask)), 0.0)
        own = [log_policy[i, game.information[i]][:, actions[i]] for i in range(len(counts))]
        return jnp.sum(jnp.stack(own), axis=0)

    return jax.jacfwd(log_joint)(logits)


def visitation(game: MarkovGame, weights: np.ndarray) -> np.ndarray:
    """d [S] of eq. (3) under joint weights [S, J]; the expected number of visits at discount 1."""
    play = joint_actions.planner(game, np.zeros(weights.shape))
    visits = System(play, weights).visits(np.asarray(game.initial))
    if game.undiscounted:
        return visits
    return np.where(np.asarray(game.absorbing), visits, (1.0 - play.discount) * visits)


def lemmas(game: MarkovGame, path: np.ndarray, along: Survey, step: float,
           points: int) -> list[Lemma]:
    """Lemma 3.2 and the gradients it rests on, at so many of the iterates `path` [T+1, N, H, A] of
    steps `step`."""
    return [_same_step(game, path, along, step, points), *_gradients(game, path, along, points)]


def _same_step(game: MarkovGame, path: np.ndarray, along: Survey, step: float,
               points: int) -> Lemma:
    """Compare with the run's own next iterate; rows that no play visits are told apart."""
    size = int(np.prod(np.shape(game.rewards)[:2])) * int(np.asarray(game.mask).sum())
    if size > MOST_NUMBERS:
        return undecided(*_LEMMA,
                         f"the Fisher matrix is formed from {size:,} gradients; the limit is "
                         f"{MOST_NUMBERS:,}")
    balanced = np.flatnonzero(_balance(game, along)[:-1] >= LEAST_BALANCE)
    if not balanced.size:
        return undecided(*_LEMMA,
                         "no iterate that a step was made from has its least entry of D above "
                         f"{LEAST_BALANCE:g} of the largest, which a plain pseudo-inverse needs")
    sampled = evenly(balanced, points)
    visited = along.weights[sampled].sum(axis=-1) > 0
    off = np.stack([_difference(game, path[t], path[t + 1], along.slope[t], step) for t in sampled])
    apart, beside = float(off[visited].max()), float(off[~visited].max(initial=0.0))
    return Lemma(*_LEMMA, judged(apart <= SAME), SAME - apart,
                 {"difference of policies": apart, "points": len(sampled),
                  "unvisited rows": int((~visited).sum(axis=(1, 2)).max()),
                  "difference there": beside},
                 _unvisited(bool(visited.all()), beside))


def _balance(game: MarkovGame, along: Survey) -> np.ndarray:
    """[T] least entry of D over the largest, where play comes."""
    counted = np.asarray(game.mask) & (along.weights.sum(axis=-1, keepdims=True) > 0)
    least = np.where(counted, along.weights, np.inf).min(axis=(1, 2, 3))
    return least / along.weights.max(axis=(1, 2, 3))


def _difference(game: MarkovGame, point: np.ndarray, following: np.ndarray, slope: np.ndarray,
                step: float) -> np.ndarray:
    """[N, H] largest difference between the policies after one step of (6) and `following`."""
    logits = (np.where(np.asarray(game.mask), point, 0.0)
              + step * natural_gradient(game, point, slope))
    moved = np.exp(np.asarray(log_normalise(jnp.asarray(logits), jnp.asarray(game.mask))))
    return np.abs(moved - np.exp(following)).max(axis=-1)


def _unvisited(none: bool, difference: float) -> str:
    if none:
        return "every row is visited"
    return "where no play comes neither moves" if difference <= SAME else \
        "where no play comes (6) stays as it is and INPG moves"


def evenly(among: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the sorted `among` [K], evenly, the first and the last included."""
    return among[np.unique(np.linspace(0, among.size - 1, count).astype(int))]


def _gradients(game: MarkovGame, path: np.ndarray, along: Survey, points: int) -> list[Lemma]:
    """Three statements about the gradient of Phi(mu); errors are relative to its largest entry at
    those iterates."""
    sampled = evenly(np.arange(len(path)), points)
    slope, printed = along.slope[sampled], (along.weights * along.advantage)[sampled]
    own = np.stack([survey(_paid_as(game, i), path[sampled]).slope[:, i]
                    for i in range(game.n_agents)], axis=1)
    largest = float(np.abs(slope).max()) or 1.0
    scale = float(game.scale)

    def lemma(heading: tuple[str, str, str], other: np.ndarray) -> Lemma:
        error = float(np.abs(slope - other).max()) / largest
        numbers = {"relative difference": error, "1/(1-gamma)": scale}
        return Lemma(*heading, judged(error <= SAME), SAME - error, numbers)

    return [lemma(_EQUATION_7, own), lemma(_PRINTED, printed), lemma(_SCALED, scale * printed)]


def _paid_as(game: MarkovGame, agent: int) -> MarkovGame:
    """The game with the rewards of one agent in the place of the stage potential: Phi is then
    V_i."""
    return dataclasses.replace(
        game, stage_potential=np.ascontiguousarray(np.asarray(game.rewards)[..., agent]))
