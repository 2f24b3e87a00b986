"""Routing games are potential games: Rosenthal's potential, and a check of it by automatic
differentiation."""

from __future__ import annotations

import time
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from potentia.errors import InputError
from potentia.games.roads.game import RoutingGame
from potentia.potential.classification import PROVEN, UNKNOWN, Classification
from potentia.profile import checked
from potentia.runtime.float64 import float64_on_one_blas_thread

PROOF = ("Rosenthal's potential: trips are independent, all agents weigh the same, and nobody "
         "takes a link twice, so that it changes by the own cost of whoever deviates")
PROVES = 1e-9
DIRECTIONS = 5            # in which slopes are compared


def classified(game: RoutingGame, policies: str | None, seed: int) -> Classification:
    """The verdict on a routing game: PROVEN by its structure, unless its own arithmetic contradicts
    that."""
    if policies == "joint":
        raise InputError("policies is 'joint', but agents of a routing game look at their own node "
                         "only; its tabular() or normal_form() has policies of the state")
    began = time.perf_counter()
    residual = 0.0 if game.shared is not None else left_over(game, seed)
    tried = ("derivatives of the potential", "those of the agents' costs, by types' own policies"
             if game.shared is None
             else "not compared: types share their rows", time.perf_counter() - began)
    proven = residual <= PROVES
    return Classification(
        game=game, verdict=PROVEN if proven else UNKNOWN, policies="local",
        states="the trips' own origins",
        proof=PROOF if proven else "the potential's derivatives are not those of the agents' costs",
        residual=residual,
        witness=None, stage_potential=None, alpha_lower=0.0, alpha_upper=0.0 if proven
        else float("inf"),
        alpha_estimate=None, cross_derivatives=None, tried=(tried,),
        own_potential=partial(_potential, game) if proven else None)


def _potential(game: RoutingGame, profile: object) -> float:
    """Rosenthal's potential of a profile [R, 1, A] on any links that may ever be used."""
    return float(game.potential(checked(profile, np.asarray(game.usable))))


def left_over(game: RoutingGame, seed: int) -> float:
    """How far the potential's slopes at a random profile are from what the agents' own moves are
    worth, relative to it.

    A move of a type's row is made by all its agents, to each of whom it is worth (visits) (change
    of the policy) (q).
    """
    with float64_on_one_blas_thread():
        keys = jax.random.split(jax.random.key(seed), DIRECTIONS + 1)
        profile = jnp.asarray(game.initial_profile("random", keys[0]))
        found = game.evaluate(np.asarray(profile))
        moved = np.asarray(game.trips.agents)[:, None] * np.asarray(found.visitation)
        worth = moved[:, :, None] * np.asarray(found.q)
        off = size = 0.0
        for key in keys[1:]:
            # To another profile: rows go on summing to 1.
            change = jnp.asarray(game.initial_profile("random", key)) - profile
            slope = float(jax.jvp(game.potential, (profile,), (change,))[1])
            off = max(off, abs(slope - float((worth * change).sum())))
            size = max(size, float(np.abs(worth * change).sum()))
        return off / max(size, np.finfo(np.float64).tiny)
