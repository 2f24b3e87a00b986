"""Totals h(k) = k t(w k) of links where they are convex, by the number k of agents: their slopes,
and what lies below them.

Loads are whole numbers, so that only these count: at a mean load between two of them, the side of
the hull of h is the chord between them.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.games.roads import evaluation
from potentia.games.roads.data import RoadData

HALVINGS = 64             # of the loads among which one of a given slope is sought


def slopes(game: RoadData, mean: Array) -> tuple[Array, Array]:
    """[E] slopes, not negative, at mean loads [E] of agents: of the chords between whole numbers,
    and of h itself where somebody goes."""
    whole = jnp.minimum(jnp.floor(mean), game.n_agents - 1.0)
    chord = jnp.maximum(_total(game, whole + 1.0) - _total(game, whole), 0.0)
    return chord, jnp.where(mean < 1.0, chord, _slope(game, mean))


def below(game: RoadData, slope: Array) -> Array:
    """[E] min over k of h(k) - g k; slope: [E] g.

    It is at one of the whole numbers about the load at which h has that slope.
    """
    def halved(_: Array, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        middle = (ends[0] + ends[1]) / 2.0
        flatter = _slope(game, middle) < slope
        return jnp.where(flatter, middle, ends[0]), jnp.where(flatter, ends[1], middle)

    least, most = jnp.zeros_like(slope), jnp.full_like(slope, game.n_agents)
    load = jnp.round(jax.lax.fori_loop(0, HALVINGS, halved, (least, most))[0])
    about = [jnp.clip(load + step, 0.0, game.n_agents) for step in (-1.0, 0.0, 1.0)]
    return jnp.min(jnp.stack([_total(game, number) - slope * number for number in about]), axis=0)


def _total(game: RoadData, load: Array) -> Array:
    """[E] h at loads [E] of agents."""
    return load * evaluation.at_mean_flows(game, load)[1]


def _slope(game: RoadData, load: Array) -> Array:
    """[E] h' at loads [E] of agents."""
    return evaluation.at_mean_flows(game, load)[1] + evaluation.marginal_tolls(game, load)
