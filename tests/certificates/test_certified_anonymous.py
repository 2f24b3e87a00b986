"""Certificates of games of identical agents: lower <= truth <= upper, the truth in fractions over
joint actions."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.games.graphs import layered
from potentia.games.symmetric.game import SymmetricCongestionGame
from slow_markov import SlowGame, random_profile


def random_game(seed: int, n_agents: int, layers: int, width: int, discount: float,
                loops: bool) -> SymmetricCongestionGame:
    rng = np.random.default_rng(seed)
    return SymmetricCongestionGame.from_layers(rng.normal(size=(1 + layers * width, width,
                                                                n_agents)),
                                               n_agents=n_agents,
                                     layers=layers, width=width, discount=discount,
                                     loop_reward=float(rng.normal()) if loops else None)


def table(game: SymmetricCongestionGame) -> tuple[pt.MarkovGame, np.ndarray]:
    """The table of the same game, and what each agent sees in each of its states [N, S]."""
    network, ending = layered(game.layers, game.width), {"ending": "loop" if game.loops
                                                         else "absorbing"}
    by_edge = {(network.nodes[node], network.nodes[following]): list(game.pay[node, move, 1:])
               for node, row in enumerate(network.successors) for move, following in enumerate(row)
               if following >= 0}
    size = {"n_agents": game.n_agents, "layers": game.layers, "width": game.width, **ending}
    built = pt.games.make("stochastic-congestion", **size, loop_reward=float(game.loop_reward),
                          reward=by_edge,
                          discount=float(game.discount), representation="tabular")
    place = {tuple(row): index for index, row in enumerate(game.information_states().tolist())}
    seen = []
    for names in pt.games.module("stochastic-congestion").configurations(**size):
        nodes = [network.nodes.index(name) for name in names]
        step = 0 if nodes[0] == 0 else (nodes[0] - 1) // game.width + 1
        own = [0 if step in (0, game.layers + 1) else (node - 1) % game.width for node in nodes]
        seen.append([place[(step, v,
                            *np.bincount(np.delete(own, i), minlength=game.width).tolist())]
                     for i, v in enumerate(own)])
    return built, np.array(seen).T


@pytest.mark.parametrize(("discount", "loops"), [(1.0, False), (0.9, False), (0.9, True)])
@pytest.mark.parametrize("pure", [False, True])
def test_bounds_hold_and_are_tight(discount: float, loops: bool, pure: bool) -> None:
    game = random_game(1, 2, 2, 2, discount, loops)
    profile = random_profile(2, game.mask, pure)
    tabular, seen = table(game)
    shape = (tabular.n_states, *tabular.action_counts)
    slow = SlowGame.of({"rewards": np.moveaxis(tabular.rewards, -1, 0).reshape(2, *shape),
                        "transitions": tabular.transitions.csr().toarray().reshape(*shape, -1),
                        "discount": discount,
                        "initial": tabular.initial, "mask": tabular.mask})
    policies = slow.policies(profile[0][seen])
    current = slow.values(*slow.average(policies))
    gains = slow.best_values(policies, 0) - current[0]
    certificate = pt.certify(game, profile)
    assert certificate.per_agent.shape == (1,)
    assert certificate.nash_gap_lower <= gains @ slow.initial <= certificate.nash_gap
    assert certificate.worst_state_gap_lower <= gains.max() <= certificate.worst_state_gap
    assert certificate.nash_gap - certificate.nash_gap_lower <= 1e-12 * (
        1 + float(abs(current).max())) * game.scale
    assert certificate.values[0] == pytest.approx(float(current[0] @ slow.initial), rel=1e-13)


@pytest.mark.parametrize(("n_agents", "layers", "width", "loops"), [
    (1, 2, 2, False), (4, 2, 2, True), (3, 3, 2, False), (3, 2, 3, False), (3, 1, 1, True)])
def test_agrees_with_the_tables_certificate(n_agents: int, layers: int, width: int,
                                            loops: bool) -> None:
    game = random_game(5, n_agents, layers, width, 0.95, loops)
    profile = random_profile(6, game.mask)
    tabular, seen = table(game)
    ours, theirs = pt.certify(game, profile), pt.certify(
        tabular, profile[0][seen][..., :tabular.mask.shape[2]])
    assert max(ours.nash_gap_lower, theirs.nash_gap_lower) <= min(ours.nash_gap, theirs.nash_gap)
    worst = [(one.worst_state_gap_lower, one.worst_state_gap) for one in (ours, theirs)]
    assert max(low for low, _ in worst) <= min(high for _, high in worst)
    np.testing.assert_allclose(theirs.values, np.repeat(ours.values, n_agents), rtol=1e-12)


def test_calls_nothing_that_the_game_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    game = random_game(0, 4, 2, 2, 0.9, False)
    profile = random_profile(0, game.mask)
    expected = pt.certify(game, profile)
    for name in ("evaluate", "best_response", "start_values", "welfare", "_moves", "_swept",
                 "_visitation"):
        monkeypatch.setattr(SymmetricCongestionGame, name, None)
    for name in ("moves_of", "swept", "visits"):
        monkeypatch.setattr(f"potentia.games.symmetric.evaluation.{name}", None)
    assert pt.certify(game, profile).nash_gap == expected.nash_gap


def test_a_hundred_agents_against_the_games_own_answer() -> None:
    """More than 256 states, and play leads forward: solved without reordering."""
    game = random_game(2, 100, 2, 2, 0.9, True)
    profile = random_profile(0, game.mask)
    certificate, own = pt.certify(game, profile), game.best_response(profile)
    assert certificate.nash_gap_lower - own.error[0] <= own.gain[
        0] <= certificate.nash_gap + own.error[0]
    assert certificate.values[0] == pytest.approx(own.current[0, 0], rel=1e-12)
    assert certificate.nash_gap - certificate.nash_gap_lower < 1e-9
