"""Certificates of load-driven games: lower <= truth <= upper, the truth in exact fractions over
joint actions."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.games.counts import count_vectors
from potentia.games.load_driven.game import LoadGame
from slow_markov import SlowGame, random_profile

# agents, states, facilities, rewards for each agent, common rewards
SHAPES = [(1, 2, 3, False, True), (2, 3, 2, True, False), (3, 2, 2, False, True),
          (3, 1, 3, True, True),
          (4, 2, 2, False, False)]


def random_game(seed: int, shape: tuple[int, int, int, bool, bool], discount: float) -> LoadGame:
    n_agents, n_states, n_facilities, by_agent, has_common = shape
    rng = np.random.default_rng(seed)
    table = (n_states, len(count_vectors(n_agents, n_facilities)))
    mask = rng.random((n_agents, n_states, n_facilities)) < 0.7
    mask[..., -1] |= ~mask.any(axis=-1)
    rewards = rng.normal(size=((n_agents,) if by_agent else ())
                         + (n_states, n_facilities, n_agents))
    return LoadGame.from_loads(rewards, rng.dirichlet(np.ones(n_states), size=table),
                               discount=discount,
                               n_agents=n_agents, initial=rng.dirichlet(
                                   np.ones(n_states)), mask=mask,
                               common=rng.normal(size=table) if has_common else None)


def enumerated(game: LoadGame) -> dict[str, Any]:
    """Its stored numbers by joint action, for `SlowGame.of`."""
    n_agents, n_states, n_facilities = game.mask.shape
    place = {tuple(vector): index for index, vector in enumerate(game.counts.vectors.tolist())}
    joint = (n_states, *[n_facilities] * n_agents)
    rewards, transitions = np.zeros((n_agents, *joint)), np.zeros((*joint, n_states))
    for state, *choices in itertools.product(*map(range, joint)):
        held = [choices.count(k) for k in range(n_facilities)]
        index = place[tuple(held)]
        for agent, k in enumerate(choices):
            common = 0.0 if game.common is None else game.common[state, index]
            rewards[(agent, state, *choices)] = (game.pay[agent % len(game.pay), state, k, held[k]]
                                                 + common)
        transitions[(state, *choices)] = game.following[state, index]
    return {"rewards": rewards, "transitions": transitions, "discount": float(game.discount),
            "initial": game.initial,
            "mask": game.mask}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("discount", "pure"), [(0.0, False), (0.9, False), (0.9, True)])
def test_bounds_hold_and_are_tight(shape: tuple, discount: float, pure: bool) -> None:
    for seed in range(3):
        game = random_game(seed, shape, discount)
        profile = random_profile(seed, game.mask, pure)
        slow = SlowGame.of(enumerated(game))
        policies = slow.policies(profile)
        current = slow.values(*slow.average(policies))
        gains = np.array([slow.best_values(policies, i) - current[i] for i in range(game.n_agents)])
        certificate = pt.certify(game, profile)
        bounds = zip(certificate.per_agent_lower, gains @ slow.initial, certificate.per_agent,
                     strict=True)
        assert all(low <= truth <= high for low, truth, high in bounds)
        assert certificate.worst_state_gap_lower <= gains.max() <= certificate.worst_state_gap
        tight = 1e-12 * game.scale * (1 + float(abs(current).max()) + float(gains.max()))
        assert (certificate.per_agent - certificate.per_agent_lower <= tight).all()
        values = np.asarray(current @ slow.initial, float)
        np.testing.assert_allclose(certificate.values, values, rtol=1e-12, atol=1e-13)


def test_the_witness_gains_what_it_says() -> None:
    game = random_game(3, SHAPES[4], 0.9)
    profile = random_profile(3, game.mask)
    certificate = pt.certify(game, profile)
    deviation = profile.copy()
    deviation[certificate.witness_agent] = certificate.witness
    before, after = (pt.certify(game, p).values[certificate.witness_agent]
                     for p in (profile, deviation))
    assert after - before >= certificate.nash_gap_lower - 1e-12 * game.scale


def test_calls_nothing_that_the_game_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    game = random_game(0, SHAPES[2], 0.9)
    profile = random_profile(0, game.mask)
    expected = pt.certify(game, profile)
    for name, method in vars(LoadGame).items():
        if callable(method) and not name.startswith("__"):
            monkeypatch.setattr(LoadGame, name, None)
    for name in ("leave_one_out", "distribution", "rank"):
        monkeypatch.setattr(f"potentia.games.counts.{name}", None)
    assert pt.certify(game, profile).nash_gap == expected.nash_gap


def test_agrees_with_the_tables_certificate_and_goes_beyond() -> None:
    loads, table = (pt.games.make("distancing", n_agents=6, representation=kind)
                    for kind in ("loads", "tabular"))
    profile = random_profile(0, loads.mask)
    ours, theirs = pt.certify(loads, profile), pt.certify(table, profile)
    assert max(ours.nash_gap_lower, theirs.nash_gap_lower) <= min(ours.nash_gap, theirs.nash_gap)
    np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-11)
    large = pt.games.make("distancing", n_agents=15)
    certificate = pt.certify(large, random_profile(0, large.mask))
    assert certificate.nash_gap - certificate.nash_gap_lower < 1e-9 * certificate.nash_gap
