"""Solves of large road games on the choices that their bush leaves: the same equilibria, the same
bits however a solve is cut, and records of the whole profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from interrupted import stop_at
from potentia.games.roads import contraction
from potentia.learning import batch, clock, contracted
from potentia.learning.chunk_size import ChunkSize
from potentia.learning.device import RunState
from roads import Roads

NETWORK = Roads(5, 12, (30, 40, 20, 50, 10, 30), policies="destination", costs=1, extra=26)
GAME = NETWORK.game(1)
NEWTON, EVERY = pt.rules.ProjectedNewton(), GAME.reorient_every
ASKED: dict[str, Any] = {"initial": "uniform", "tolerance": None, "progress": False}


class Watched:
    """How many chunks went on choices alone; `large` says whether the games of a test may."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch, self.chunks, entered = monkeypatch, 0, contracted.entered

        def counted(*arguments: Any) -> Any:
            self.chunks += 1
            return entered(*arguments)

        monkeypatch.setattr(contracted, "entered", counted)
        monkeypatch.setattr(contraction, "ROWS", 1.5)
        monkeypatch.setattr(contraction, "ENTRIES", 8.0)
        self.large(True)

    def large(self, whether: bool) -> None:
        self.monkeypatch.setattr(contraction, "FEWEST", 0 if whether else 2**40)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def solved(rule: Any = NEWTON, updates: int = 60, **asked: Any) -> pt.Result:
    game = asked.pop("game", GAME)
    return pt.solve(game, rule, max_iterations=updates, **(ASKED | asked))


def assert_same(found: pt.Result, expected: pt.Result) -> None:
    """The same bits, all of them."""
    assert found.status == expected.status
    assert found.final is not None
    assert expected.final is not None
    for one, other in zip(jax.tree.leaves((found.profile, found.history, found.final.arrays)),
                          jax.tree.leaves((expected.profile, expected.history,
                                           expected.final.arrays)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert (found.snapshots is None) == (expected.snapshots is None)
    if found.snapshots is not None and expected.snapshots is not None:
        np.testing.assert_array_equal(found.snapshots.profile, expected.snapshots.profile)


OPTIONS: dict[str, Any] = {
    "polynomials": {}, "staying at home": {"at_home": 200.0},
    "weights": {"classes": {"a": pt.TrafficClass(weight=0.5), "b": pt.TrafficClass(weight=2.0)},
                "demand": [(*trip, "ab"[k % 2]) for k, trip in enumerate(NETWORK.demand)]}}


@pytest.mark.parametrize("kind", OPTIONS)
def test_a_solve_comes_to_the_same_equilibrium_contracted_and_not(kind: str,
                                                                  watched: Watched) -> None:
    game, found = NETWORK.game(1, **OPTIONS[kind]), []
    for large in (False, True):
        watched.large(large)
        result = solved(game=game, updates=1000, relative_tolerance=2e-8)
        assert (watched.chunks > 0) == large
        # As far as agents can see who share policies.
        assert result.status == pt.Status.UNVERIFIED
        assert result.history["relative_gap"][-1] <= 1e-8
        found.append(np.asarray(game.link_flows(result.profile)))
    np.testing.assert_allclose(found[1], found[0], atol=1e-4 * found[0].max())


@pytest.mark.parametrize("rule", [
    NEWTON, pt.rules.INPG(step_size=1e-3), pt.rules.AdaptiveINPG(), pt.rules.IPG(step_size=1e-4),
], ids=lambda rule: type(rule).__name__)
def test_on_one_bush_choices_are_learnt_as_in_the_whole_game(rule: Any, watched: Watched) -> None:
    """What lies outside has no part in it: profiles on the rows that trips pass, and all that is
    checked, but for rounding that steps may double."""
    game = NETWORK.game(1, reorient_every=1000)
    whole, part = [], []
    for large, results in ((False, whole), (True, part)):
        watched.large(large)
        results.append(solved(rule, 12, game=game, check_every=3))
    assert watched.chunks
    passed = np.asarray(game.evaluate(whole[0].profile).visitation)[:, 0] > 1e-9
    assert passed.sum() > 10
    np.testing.assert_allclose(part[0].profile[passed], whole[0].profile[passed], atol=1e-7)
    for name in ("nash_gap", "relative_gap", "welfare", "potential"):
        np.testing.assert_allclose(part[0].history[name], whole[0].history[name], rtol=1e-7)
    assert abs(part[0].profile - np.asarray(game.initial_profile("uniform", 0))).max() > 1e-4


@pytest.mark.parametrize("limit", [1, 7, 256])
def test_no_bit_depends_on_the_length_of_the_chunks(limit: int, watched: Watched,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    expected = solved(l1_accuracy=True, snapshots=13)
    monkeypatch.setattr(ChunkSize, "limit", property(lambda size: limit,
                                                          lambda size, value: None), raising=False)
    assert_same(solved(l1_accuracy=True, snapshots=13), expected)
    assert watched.chunks


def test_a_solve_that_is_interrupted_goes_on_to_the_same_bits(tmp_path: Path,
                                                              watched: Watched) -> None:
    asked: dict[str, Any] = {"check_every": 9, "snapshots": 5}
    whole = solved(l1_accuracy=True, **asked)
    for iteration in (9, 27, 45):
        part = solved(checkpoint=tmp_path, resume=True, progress=stop_at(iteration), **asked)
        assert part.status == pt.Status.INTERRUPTED
    watched.chunks = 0
    assert_same(solved(checkpoint=tmp_path, resume=True, l1_accuracy=True, **asked), whole)
    assert watched.chunks


def test_two_solves_give_the_bits_of_one(watched: Watched) -> None:
    whole = solved(updates=50)
    found = solved(updates=27, initial=solved(updates=23))
    np.testing.assert_array_equal(found.profile, whole.profile)
    np.testing.assert_array_equal(found.history["policy_step"], whole.history["policy_step"])


def test_records_are_of_the_whole_profile(watched: Watched) -> None:
    """But for the iterations in which a policy is carried to another bush first."""
    result = solved(l1_accuracy=True, snapshots=1)
    assert watched.chunks
    assert result.snapshots is not None
    at, profiles = result.snapshots.iteration, result.snapshots.profile
    np.testing.assert_array_equal(at, np.arange(61))
    assert EVERY is not None
    stays = ~clock.due(at, EVERY)[:-1]
    step = np.abs(np.diff(profiles, axis=0)).sum(axis=(1, 2, 3)) / profiles.shape[1]
    assert (step > 0).all()
    np.testing.assert_allclose(result.history["policy_step"][stays], step[stays], rtol=1e-9)
    apart = np.abs(profiles - result.profile).sum(axis=(1, 2, 3)) / profiles.shape[1]
    found = result.history["l1_accuracy"]
    np.testing.assert_allclose(found[:-1][stays], apart[:-1][stays], rtol=1e-9, atol=1e-15)
    assert found[-1] == 0


def test_a_small_step_is_one_of_the_whole_profile(watched: Watched) -> None:
    steps = solved().history["policy_step"]
    at = int(np.argmin(steps))
    for share, status, iterations in ((1.001, pt.Status.SMALL_STEP, at + 1),
                                      (0.999, pt.Status.MAX_ITERATIONS, 60)):
        result = solved(step_tolerance=share * steps[at])
        assert (result.status, result.iterations) == (status, iterations)


def test_each_of_several_runs_is_what_it_is_alone(watched: Watched) -> None:
    """Runs from policies at random, which leave each another bush and other choices."""
    both = solved(runs=2, initial="random")
    assert watched.chunks
    alone = solved(initial="random")
    np.testing.assert_array_equal(both.profiles[0], alone.profiles[0])
    assert np.abs(both.profiles[1] - both.profiles[0]).max() > 0


def test_rules_side_by_side_learn_as_alone(watched: Watched) -> None:
    rules = [pt.rules.ProjectedNewton(step_size=size) for size in (1.0, 2.0)]
    found = batch.solve_each(GAME, rules, [0, 0], max_iterations=20, **ASKED)
    assert watched.chunks
    for rule, run in zip(rules, found, strict=True):
        np.testing.assert_array_equal(run.profile, solved(rule, 20).profile)


@pytest.mark.parametrize("other", ["schedule", "numbers of each agent", "types"])
def test_others_learn_in_the_whole_game(other: str, watched: Watched) -> None:
    rule: Any = pt.rules.INPG(step_size=1e-3)
    asked: dict[str, Any] = {}
    match other:
        case "schedule":
            asked["schedule"] = pt.schedules.InTurns()
        case "numbers of each agent":
            rule = pt.rules.LogLinearINPG(step_size=1e-3)
        case "types":
            asked["game"] = NETWORK.game(1, policies="type")
    assert solved(rule, 4, **asked).iterations is not None
    assert watched.chunks == 0


def test_nobody_is_left_out_by_an_oracle_that_estimates() -> None:
    """Potentia's own estimate nothing on roads, so that it is asked without one."""
    state = RunState(*[jnp.zeros(1)] * 5)
    assert contracted.serves(pt.Exact(), NEWTON, None, state)
    assert not contracted.serves(pt.Sampled(episodes=2, horizon=12), NEWTON, None, state)


def test_where_nobody_has_a_choice_nothing_moves(watched: Watched) -> None:
    game = pt.RoutingGame.from_links([(1, 2), (2, 3)], pt.link_costs.polynomial([[1, 2], [0, 1]]),
                                     [(1, 3, 5), (2, 3, 2)], policies="destination")
    result = solved(game=game, updates=5)
    assert watched.chunks
    assert (result.history["policy_step"] == 0).all()
    np.testing.assert_array_equal(game.link_flows(result.profile), [5, 7])
