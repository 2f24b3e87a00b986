"""What is priced apart from an iteration, at 8 agents: the exact Nash gap of the loop, and a
certificate."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np

from potentia import games
from potentia.bench.harness import Asked, Figure, learning, least
from potentia.bench.product import GAME
from potentia.certificates.equilibrium import certify
from potentia.game import Game


def measure(asked: Asked, n_agents: int = 8, repeats: int = 5) -> list[Figure]:
    """Each to an iteration of the same representation."""
    tabular = games.make(GAME, n_agents=n_agents, representation="tabular")
    profile = np.asarray(tabular.initial_profile("random", jax.random.key(0)))
    congestion = games.make(GAME, n_agents=n_agents, representation="congestion")
    certificate = {f"certificate at n = {n_agents}": lambda: certify(tabular, profile)}
    return [*_figures("congestion", congestion, _gap(congestion, profile, n_agents), repeats),
            *_figures("tabular", tabular, _gap(tabular, profile, n_agents) | certificate, repeats)]


def _gap(game: Game, profile: np.ndarray, n_agents: int) -> dict[str, Callable[[], object]]:
    on_device = jax.device_put(game)
    gap = jax.jit(lambda game, profile: game.best_response(profile).gain)
    return {f"exact Nash gap at n = {n_agents}": lambda: gap(on_device, profile)}


def _figures(representation: str, game: Game, works: dict[str, Callable[[], object]],
             repeats: int) -> list[Figure]:
    ours = learning(game)
    taken = least({"iterations": ours.run, **works}, repeats)
    one = taken.pop("iterations") / ours.count
    return [Figure(f"{what}, {representation}, to an iteration without it", took / one,
                   seconds={"an iteration": one, "the other": took})
            for what, took in taken.items()]
