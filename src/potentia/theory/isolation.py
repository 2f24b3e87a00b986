"""Whether the fixed point that INPG reaches is isolated: Lemma 3.6's assumption, checked where the
run ends.

    F(pi)_i(a|h) = pi_i(a|h) exp(c A_i(h, a)) / Z,   c = eta/(1-gamma)          (MWU, Remark 2)

Fox, McAleer, Overman and Panageas, arXiv 2110.10614. A fixed point is isolated if I - DF is
invertible on the tangent space of the simplices. At a fixed point an action a that is not played
moves itself alone, dF_a/dpi_a = exp(c A_a), so that DF is block triangular: its eigenvalues are
those numbers and the eigenvalues on the played face. Hence

    FAILS   an action that is not played has advantage 0 (a tie), or I - DF is singular on the face;
    HOLDS    neither; with the smallest |1 - eigenvalue|;
    UNKNOWN  too close to singular to tell, no fixed point reached, or too large a face.

It is a first-order check, in float64, at the one fixed point that a run from a random interior
start reaches. Rows that no play comes to, or where play has ended, decide nothing and are left out.
"""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.certificates.joint_actions import decision_states
from potentia.console.text import counted
from potentia.games.tabular.game import MarkovGame
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.runtime.pytree import Leaf
from potentia.theory.dynamics import Run, follow, starts, update
from potentia.theory.steps import reward_range

HOLDS, FAILS, UNKNOWN = "HOLDS", "FAILS", "UNKNOWN"
REST = 1e-10             # of the unit: advantages at which the run rests
SNAP = 1e-6              # probabilities below are taken as 0
SETTLED = 1e-8           # of the unit: advantages that may be left once they are
# of the unit: up to the first a number is 0, above the second not; between, who knows
ZERO, CLEAR = 1e-9, 1e-7
MOST_COORDINATES = 1000  # of the played face


@dataclasses.dataclass(frozen=True)
class Isolation:
    """status: HOLDS, FAILS or UNKNOWN. why: one line. distance: smallest |1 - eigenvalue|, None if
    UNKNOWN."""

    status: str
    why: str
    distance: float | None


def isolated(game: MarkovGame, step_size: float, *, seed: int = 0,
             updates: int = 10_000) -> Isolation:
    """Follow INPG at `step_size` from a random interior start, and check the fixed point that it
    reaches.

    game: with a `stage_potential`. step_size: positive, in raw reward units.
    """
    with float64_on_one_blas_thread():
        start = np.asarray(starts(game.mask, np.int64(seed), 1))[0]
        run = _follow(game, start, step_size, updates, REST * unit(game))
        if run.fell or not run.rests:
            stopped = "the potential fell" if run.fell else "the profile still moved"
            made = counted(int(run.updates), "update")
            return Isolation(UNKNOWN, f"no fixed point reached: {stopped} after {made}", None)
        return at_profile(game, np.exp(np.asarray(run.log_profile)), step_size)


def at_profile(game: MarkovGame, profile: np.ndarray, step_size: float) -> Isolation:
    """The check at a profile [N, H, A] that is a fixed point but for tiny probabilities, which are
    set to 0."""
    matters = deciding(game)[..., None]
    with float64_on_one_blas_thread(), np.errstate(divide="ignore"):
        snapped = np.where(profile < SNAP, 0.0, profile)
        snapped /= snapped.sum(axis=-1, keepdims=True)
        here = _follow(game, np.log(snapped), step_size, 0, 0.0)
        advantage = np.asarray(here.advantage)
        residual = float((snapped * np.abs(advantage) * matters).max())
        if residual > SETTLED * unit(game):
            return Isolation(UNKNOWN,
                             f"the profile reached is no fixed point once probabilities below "
                             f"{SNAP:g} are "
                                      f"0: an advantage of {residual:.3g} is left", None)
        unplayed = np.asarray(game.mask) & (snapped == 0) & matters
        blind = (np.asarray(here.visitation) == 0) & (not game.full_information)
        tie = _tie(game, advantage, unplayed, blind)
        if tie is not None:
            return tie
        escape = np.abs(np.expm1(step_size * float(game.scale) * advantage[unplayed])).min(
            initial=np.inf)
        return _on_face(game, snapped, (snapped > 0) & matters, step_size, float(escape))


def _follow(game: MarkovGame, log_profile: np.ndarray, step_size: float, updates: int,
            rest: float) -> Run:
    return follow(game, log_profile, np.float64(step_size), np.int64(updates), np.float64(rest),
                  deciding(game))


def unit(game: MarkovGame) -> float:
    """What advantages are measured by: the range of the rewards times the length of play; 1 if
    nothing is at stake."""
    return reward_range(game) * float(game.scale if game.sweeps is None else game.sweeps) or 1.0


def deciding(game: MarkovGame) -> np.ndarray:
    """[N, H] information states behind which lies a state in which actions tell profiles apart."""
    live = decision_states(game)
    matters = np.zeros(game.mask.shape[:2], bool)
    for agent, seen in enumerate(np.asarray(game.information)):
        matters[agent, seen[live]] = True
    return matters


def _tie(game: MarkovGame, advantage: np.ndarray, unplayed: np.ndarray,
         blind: np.ndarray) -> Isolation | None:
    """The tie, if there is one, between an action that is not played and those that are.

    blind: [N, H] information states of local policies that are not visited, where every action
    ties.
    """
    sizes = np.where(unplayed, np.abs(advantage), np.inf) / unit(game)
    where = tuple(int(k) for k in np.unravel_index(int(sizes.argmin()), sizes.shape))
    if sizes[where] > CLEAR:
        return None
    if sizes[where] > ZERO:
        near = f"advantage {advantage[where]:.2g}: nearly a tie"
        return Isolation(UNKNOWN, f"{_named(where)} is not played and has {near}", None)
    why = ("is free, since the play reached never comes there" if blind[where[:2]]
           else "is not played and ties at 0")
    count = int((sizes <= ZERO).sum())
    return Isolation(FAILS, f"{_named(where)} {why}" + (f" ({count} such actions)" if count > 1
                                                        else ""), 0.0)


def _on_face(game: MarkovGame, profile: np.ndarray, played: np.ndarray, step_size: float,
             escape: float) -> Isolation:
    """The check on the played face, given the least |1 - eigenvalue| of the actions that are not
    played."""
    # One played action of each row makes up for the others.
    last = profile.argmax(axis=-1)
    free = np.argwhere(played & (np.arange(profile.shape[-1]) != last[..., None]))
    if len(free) == 0:
        return Isolation(HOLDS, f"the fixed point is pure and strict: {_clear(escape)}", escape)
    if len(free) > MOST_COORDINATES:
        return Isolation(UNKNOWN,
                         f"the fixed point is mixed in {len(free):,} coordinates, more than the "
                                  f"{MOST_COORDINATES:,} that are checked", None)
    matrix = np.asarray(departure(game, profile, free, last, np.float64(step_size)))
    _, sizes, directions = np.linalg.svd(matrix / (step_size * float(game.scale) * unit(game)))
    most_free = _named(tuple(int(k) for k in free[int(np.abs(directions[-1]).argmax())]))
    if sizes[-1] <= ZERO:
        return Isolation(
            FAILS, f"the fixed point is mixed and can be moved, most of all at {most_free}", 0.0)
    if sizes[-1] <= CLEAR:
        return Isolation(UNKNOWN,
                         f"the fixed point is mixed and I - DF nearly singular, most of all at "
                         f"{most_free}",
                         None)
    distance = min(float(np.abs(np.linalg.eigvals(matrix)).min()), escape)
    return Isolation(HOLDS,
                     f"the fixed point is mixed in {counted(len(free), 'coordinate')}: "
                     f"{_clear(distance)}",
                     distance)


def _clear(distance: float) -> str:
    return (f"the smallest |1 - eigenvalue| of the update's derivative there is {distance:.3g}; 0 "
            f"if not isolated")


@jax.jit
def departure(game: MarkovGame, profile: Leaf, free: Leaf, last: Leaf, step_size: Leaf) -> Array:
    """I - DF [D, D] on the played face at a fixed point.

    free: [D, 3] agent, information state and action of each coordinate. last: [N, H] action that
    makes up the row.
    """
    agents, rows, actions = free[:, 0], free[:, 1], free[:, 2]

    def change(shift: Array) -> Array:
        """Coordinates of x - F(x) at x = profile + shift."""
        moved = jnp.asarray(profile).at[agents, rows, actions].add(shift)
        moved = moved.at[agents, rows, last[agents, rows]].add(-shift)
        log_profile = jnp.where(moved > 0, jnp.log(jnp.where(moved > 0, moved, 1.0)), -jnp.inf)
        following = jnp.exp(update(game, game.evaluate(moved), log_profile, step_size))
        return (moved - following)[agents, rows, actions]

    return jax.jacfwd(change)(jnp.zeros(free.shape[0]))


def _named(where: tuple[int, ...]) -> str:
    return f"agent={where[0]}, information state={where[1]}, action={where[2]}"
