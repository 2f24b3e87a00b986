"""Performative games: what their induced games tell of them.

A performative game is a potential game if every game that a profile induces is one (Sahitaj et al.,
arXiv 2504.20593: a Markov potential game for whatever is deployed). One induced game that is none
refutes it; any number of induced games that are potential games proves nothing of the others, so
that nothing is PROVEN here, except where the game responds to nothing: then it is the one game that
all profiles induce.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import jax

from potentia.potential.classification import REFUTED, UNKNOWN, Classification

DRAWN = 3                 # profiles beside the uniform one


def classified(game: Any, seed: int, judged: Callable[[Any], Classification]) -> Classification:
    """The verdict on a performative game; `judged` classifies the games that profiles induce.

    Its `game` is the induced one that decided, or the last that was tried.
    """
    kinds = []
    for said, profile in _profiles(game, seed):
        kinds.append(judged(game.induced(profile)))
        if not game.responds:
            return kinds[0]
        if kinds[-1].verdict == REFUTED:
            return dataclasses.replace(
                kinds[-1], weighted=None,
                proof=f"in the game that {said} induces, {kinds[-1].proof}")
    return _unknown(kinds)


def _profiles(game: Any, seed: int) -> Iterator[tuple[str, Any]]:
    """Profiles to deploy, and what they are called."""
    yield "uniform play", game.initial_profile("uniform", None)
    for key in jax.random.split(jax.random.key(seed), DRAWN):
        yield f"a profile drawn by seed {seed}", game.initial_profile("random", key)


def _unknown(kinds: list[Classification]) -> Classification:
    """No induced game that was tried is refuted, which says nothing of the others."""
    last = kinds[-1]
    return dataclasses.replace(
        last, verdict=UNKNOWN, residual=max(kind.residual for kind in kinds), alpha_lower=0.0,
        alpha_upper=float("inf"), alpha_estimate=None, stage_potential=None, own_potential=None,
        proof=f"none of the {len(kinds)} induced games that were tried is refuted, which says "
              f"nothing of those that other profiles induce")
