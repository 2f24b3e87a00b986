"""Routing games of agents who are alike are potential games: Rosenthal's potential, and a check of
it by automatic differentiation.

Where classes weigh differently, or value time differently, there may be a weighted potential
(`games.roads.classes.potential_of`), checked likewise; a four-cycle of two agents may then refute
that there is one without weights, or any (`road_cycles`).
"""

from __future__ import annotations

import time
from functools import partial
from itertools import islice
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.errors import InputError
from potentia.games.roads import classes as kinds
from potentia.games.roads import compiled
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.held import with_profile
from potentia.potential import road_cycles
from potentia.potential.classification import PROVEN, REFUTED, UNKNOWN, Classification, Weighted
from potentia.potential.road_witness import RoadWitness
from potentia.potential.weighted import Sums, contradiction
from potentia.profile import checked
from potentia.runtime.float64 import float64_on_one_blas_thread

PROOF = ("Rosenthal's potential: trips are independent, all agents weigh the same, and nobody "
         "takes a link twice, so that it changes by the own cost of whoever deviates")
OF_CLASSES = ("the potential of travel time, with charges by the value of time: trips are "
              "independent, nobody takes a link twice, and {why}, so that it changes by the own "
              "cost of whoever deviates, over its weight")
PROVES = REFUTES = 1e-9
DIRECTIONS = 5            # in which slopes are compared
MOST_CYCLES = 500


def classified(game: RoutingGame, policies: str | None, seed: int) -> Classification:
    """The verdict on a routing game: PROVEN by its structure, unless its own arithmetic contradicts
    that."""
    if policies == "joint":
        raise InputError("policies is 'joint', but agents of a routing game look at their own node "
                         "only; its tabular() or normal_form() has policies of the state")
    began = time.perf_counter()
    if game.classes is not None and game.classes.potential != kinds.EXACT:
        return _of_classes(game, seed, began)
    residual, tried = _compared(game, seed, began)
    proven = residual <= PROVES
    proof = PROOF if game.classes is None else OF_CLASSES.format(why=_why(game.classes))
    return _said(
        game, PROVEN if proven else UNKNOWN,
        proof if proven else "the potential's derivatives are not those of the agents' costs",
        residual=residual, alpha_upper=0.0 if proven else float("inf"), tried=(tried,),
        own_potential=partial(_potential, game) if proven else None)


def _said(game: RoutingGame, verdict: str, proof: str, **more: Any) -> Classification:
    """A classification with what is told of every routing game."""
    return Classification(**{
        "game": game, "verdict": verdict, "proof": proof, "policies": "local",
        "states": "the trips' own origins", "witness": None, "stage_potential": None,
        "alpha_lower": 0.0, "alpha_estimate": None, "cross_derivatives": None, **more})


def _compared(game: RoutingGame, seed: int, began: float) -> tuple[float, tuple[str, str, float]]:
    """What the potential leaves of the agents' costs, and what was tried."""
    residual = 0.0 if game.shared is not None else left_over(game, seed)
    return residual, ("derivatives of the potential",
                      "those of the agents' costs, by types' own policies" if game.shared is None
                      else "not compared: types share their rows", time.perf_counter() - began)


def _of_classes(game: RoutingGame, seed: int, began: float) -> Classification:
    """Of classes that have no potential without weights, as far as is known."""
    tried: list[tuple[str, str, float]] = []
    weighted = Weighted(UNKNOWN, "no weights are known to fit, and none to be refuted")
    if game.classes is not None and game.classes.potential == kinds.WEIGHTED:
        weighted, compared = _weighted(game, game.classes, seed, began)
        tried.append(compared)
    began = time.perf_counter()
    witness, count, contradicted = _refuted(game, weighted.verdict == UNKNOWN)
    if contradicted is not None:
        weighted = Weighted(REFUTED, f"no positive weights fit: {contradicted}")
    tried.append(("four-cycles of pure paths", f"{count} tried", time.perf_counter() - began))
    if witness is None:
        return _said(game, UNKNOWN, "classes differ, so that Rosenthal's potential is none; no "
                     "four-cycle was found that refutes every other", residual=0.0,
                     alpha_upper=float("inf"), weighted=weighted, tried=tuple(tried))
    return _said(game, REFUTED, "a four-cycle whose gains do not cancel, in exact rational "
                 "arithmetic: classes differ", residual=witness.residual, witness=witness,
                 alpha_lower=float(abs(witness.total)) / 4, alpha_upper=float("inf"),
                 weighted=weighted, tried=tuple(tried))


def _refuted(game: RoutingGame, weights: bool) -> tuple[RoadWitness | None, int, str | None]:
    """A four-cycle that refutes a potential, how many were tried, and, if `weights` are asked for,
    why none fit."""
    witness, why, count = None, None, 0
    told: dict[tuple[int, int], Sums] = {}
    for cycle in islice(road_cycles.cycles(game), MOST_CYCLES):
        count += 1
        if witness is None and cycle.residual > REFUTES:
            witness = cycle
        found = road_cycles.sums(cycle)
        if weights:
            why = contradiction(found, told.get(cycle.types), *cycle.names)
        if found.tells:
            told.setdefault(cycle.types, found)
        if witness is not None and (why is not None or not weights):
            break
    return witness, count, why


def _weighted(game: RoutingGame, classes: kinds.Classes, seed: int,
              began: float) -> tuple[Weighted, tuple[str, str, float]]:
    """By the potential of time, whose weights are v_k / w_k."""
    each = np.asarray(classes.value) / np.asarray(classes.weight)
    residual, tried = _compared(game, seed, began)
    if residual > PROVES:
        return Weighted(UNKNOWN, "the potential's derivatives are not those of the agents' costs",
                        residual=residual), tried
    shown = ", ".join(f"{weight:.6g} ({name})" for weight, name in zip(
        each / each.min(), classes.names, strict=True))
    return Weighted(PROVEN, f"weights {shown}; {OF_CLASSES.format(why=_why(classes))}",
                    weights=(each / each.min())[np.asarray(classes.of_type)], residual=residual,
                    own_potential=partial(_weighted_potential, game, float(each.min()))), tried


def _why(classes: kinds.Classes) -> str:
    return "all agents weigh the same" if classes.alike else "costs are affine in the load"


def _potential(game: RoutingGame, profile: object) -> float:
    """Rosenthal's potential of a profile [R, 1, A] on any links that may ever be used."""
    return -float(_own_potential(game, checked(profile, np.asarray(game.usable))))


def _weighted_potential(game: RoutingGame, unit: float, profile: object) -> float:
    """The potential of time, times the least weight, which is 1."""
    return unit * _potential(game, profile)


def _own_potential(game: RoutingGame, profile: Any) -> Any:
    """The potential of costs of a profile [R, 1, A], or where it is a weighted one that of time."""
    with float64_on_one_blas_thread():
        return compiled.totals(*with_profile(game, profile))[1]


def left_over(game: RoutingGame, seed: int) -> float:
    """How far the potential's slopes at a random profile are from what the agents' own moves are
    worth, over the weights of a weighted one, relative to it.

    A move of a type's row is made by all its agents, to each of whom it is worth (visits) (change
    of the policy) (q).
    """
    with float64_on_one_blas_thread():
        keys = jax.random.split(jax.random.key(seed), DIRECTIONS + 1)
        profile = jnp.asarray(game.initial_profile("random", keys[0]))
        found = game.evaluate(np.asarray(profile))
        moved = np.asarray(game.trips.agents)[:, None] * np.asarray(found.visitation)
        worth = moved[:, :, None] * np.asarray(found.q) / _weights_of_rows(game)
        off = size = 0.0
        for key in keys[1:]:
            # To another profile: rows go on summing to 1.
            change = jnp.asarray(game.initial_profile("random", key)) - profile
            slope = -float(jax.jvp(partial(_own_potential, game), (profile,), (change,))[1])
            off = max(off, abs(slope - float((worth * change).sum())))
            size = max(size, float(np.abs(worth * change).sum()))
        return off / max(size, np.finfo(np.float64).tiny)


def _weights_of_rows(game: RoutingGame) -> np.ndarray:
    """[R, 1, 1] v_k / w_k of a row's class where the potential is that of time; else 1."""
    if game.classes is None or game.classes.potential == kinds.EXACT:
        return np.ones((1, 1, 1))
    each = np.asarray(game.classes.value) / np.asarray(game.classes.weight)
    return each[np.asarray(game.classes.of_row)][:, None, None]
