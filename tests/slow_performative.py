"""What a profile induces, enumerated plainly in exact fractions, and random performative games."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np

import potentia as pt
from slow_markov import SlowGame, exact


def random_arguments(seed: int, n_agents: int, n_places: int, n_actions: int = 2,
                     discount: float = 0.9, strength: float = 0.9) -> dict[str, Any]:
    """Arguments of `PerformativeGame.from_moves`, with all joint places as states, about a third of
    the moves and of the support 0, and `strength` of the `lead` that would leave no next place."""
    rng = np.random.default_rng(seed)
    places = np.indices((n_places,) * n_agents).reshape(n_agents, -1)
    n_states = places.shape[1]
    shape = (n_places, n_actions, n_places)
    moves = rng.exponential(size=shape) * (rng.random(shape) < 0.65)
    moves[..., 0] += ~moves.any(axis=2)
    moves /= moves.sum(axis=2, keepdims=True)
    support = rng.random(shape) * (rng.random(shape) < 0.65)
    # A response leads from everywhere to everywhere, so that every joint place is a state.
    support[:, 0] += 0.1
    with np.errstate(divide="ignore", invalid="ignore"):
        most = (n_actions * np.where(moves > 0, moves / support, 0.0).max(axis=2)).min()
    return {"rewards": rng.normal(size=(n_agents, n_states, *(n_actions,) * n_agents)),
            "places": places, "moves": moves, "support": support, "pay": 1.5,
            "lead": strength * most, "discount": discount,
            "initial": rng.dirichlet(np.ones(n_states))}


def enumerated(game: pt.PerformativeGame, profile: np.ndarray) -> SlowGame:
    """The game that `profile` [N, S, A] induces, of fractions, by loops over joint actions."""
    n_agents, n_states, n_actions = profile.shape
    joint = (n_states, *(n_actions,) * n_agents)
    rewards = exact(np.moveaxis(game.rewards, -1, 0)).reshape(n_agents, *joint)
    moves, support = exact(game.moves), exact(game.support)
    pay, lead, deployed = Fraction(float(game.pay)), Fraction(float(game.lead)), exact(profile)
    transitions = exact(np.zeros((*joint, n_states)))
    for state, *actions in itertools.product(*map(range, joint)):
        next_places = []
        for agent, action in enumerate(actions):
            share = deployed[agent, state, action] - Fraction(1, n_actions)
            rewards[(agent, state, *actions)] += pay * share
            at = game.places[agent, state]
            row = [max(move + lead * led * share, Fraction(0)) for move, led
                   in zip(moves[at, action], support[at, action], strict=True)]
            next_places.append([probability / sum(row) for probability in row])
        for following in range(n_states):
            transitions[(state, *actions, following)] = np.prod(
                [row[game.places[agent, following]] for agent, row in enumerate(next_places)])
    return SlowGame(rewards, transitions, Fraction(float(game.discount)), exact(game.initial),
                    np.ones(profile.shape, bool), np.tile(np.arange(n_states), (n_agents, 1)),
                    np.zeros(n_states, bool))
