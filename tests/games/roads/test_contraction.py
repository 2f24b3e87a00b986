"""Road games reduced to the choices on their bush: whoever is left in them is told what the whole
game tells, to rounding, and loads are the same."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.game import Evaluation
from potentia.games.roads import bushes, compiled, contraction, evaluation, rows
from roads import Roads, acyclic_profile

AGENTS = (3, 4, 2, 5, 1, 3)
ALIKE = {"a": pt.TrafficClass(), "b": pt.TrafficClass(value_of_time=3.0)}
UNLIKE = {"a": pt.TrafficClass(weight=0.5), "b": pt.TrafficClass(weight=2.5, value_of_time=3.0)}
WISH = pt.Departures(latest=2, arrival=4, early=0.5, late=2.0)
NETWORK: dict[str, Any] = {"power laws": {"costs": "rough"}, "BPR": {"costs": "bpr"},
                           "steps": {"horizon": 5}, "departures": {"horizon": 7}}
OPTIONS: dict[str, Any] = {"values of time": {"classes": ALIKE}, "weights": {"classes": UNLIKE},
                           "staying at home": {"at_home": 3.0}, "departures": {"departures": WISH}}
KINDS = ("polynomials", "BPR", "power laws", "values of time", "weights", "staying at home",
         "steps", "departures")


@pytest.fixture(autouse=True)
def of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small games are contracted as large ones are, however little that leaves out."""
    monkeypatch.setattr(contraction, "FEWEST", 0)
    monkeypatch.setattr(contraction, "ROWS", 2.0)
    monkeypatch.setattr(contraction, "ENTRIES", 8.0)


def drawn(kind: str, seed: int, **other: Any) -> pt.RoutingGame:
    roads = Roads(seed, 9, AGENTS, policies="destination", extra=14, **NETWORK.get(kind, {}))
    options = {**OPTIONS.get(kind, {}), **other}
    if "classes" in options:
        options["demand"] = [(*trip, "ab"[k % 2]) for k, trip in enumerate(roads.demand)]
    return roads.game(seed, tolls=0.3 * np.arange(len(roads.links)), **options)


def on_a_random_bush(game: pt.RoutingGame, seed: int) -> tuple[pt.RoutingGame, np.ndarray]:
    """The game on a bush at random, with the shares at a profile [R, 1, A] there."""
    profile = acyclic_profile(game, seed)
    game = game.holding(profile)
    shares = np.asarray(compiled.shares(game, profile))
    loads = np.asarray(compiled.surveyed(game, profile)[1])
    return game.oriented((game.bush, shares, loads)), profile


def parts(game: pt.RoutingGame) -> tuple[pt.RoutingGame, np.ndarray]:
    found = game.contracted()
    assert found is not None
    return found


def taken_over(small: pt.RoutingGame, agents: np.ndarray, profile: np.ndarray) -> np.ndarray:
    """[C, 1, A] the profile of the smaller game in which its agents do as in the whole one."""
    mask = np.asarray(small.mask)
    known = agents < len(profile)
    only = mask / mask.sum(axis=2, keepdims=True)
    return np.where(known[:, None, None], profile[np.where(known, agents, 0)], only)


@jax.jit
def told(game: pt.RoutingGame, profile: Any) -> tuple[Evaluation, Any]:
    """What agents are told, as in a solve, and expected loads [E]."""
    return game.evaluate(profile), evaluation.taken(game, profile[:, 0], exact=False)[1].mean


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", KINDS)
def test_those_with_a_choice_are_told_what_the_whole_game_tells(kind: str, seed: int,
                                                                x64: None) -> None:
    game = drawn(kind, seed)
    assert (game.order > 0) == (kind == "power laws")
    for bush in range(2):
        game, profile = on_a_random_bush(game, bush)
        small, agents = parts(game)
        found, loads = told(small, taken_over(small, agents, profile))
        whole, expected = told(game, profile)
        known = agents < len(profile)
        for name in ("q", "v", "visitation", "slope"):
            wanted = np.asarray(getattr(whole, name))
            np.testing.assert_allclose(
                np.asarray(getattr(found, name))[known], wanted[agents[known]], rtol=1e-12,
                atol=1e-13 * np.abs(wanted).max(), err_msg=name)
        np.testing.assert_allclose(loads, expected, rtol=1e-12, atol=1e-13)
        np.testing.assert_array_equal(np.asarray(small.mask)[known],
                                      np.asarray(game.mask)[agents[known]])


@pytest.mark.parametrize("kind", KINDS)
def test_all_whom_a_trip_passes_and_who_have_a_choice_are_left_and_nobody_else(
        kind: str, x64: None) -> None:
    game, _ = on_a_random_bush(drawn(kind, 1), 3)
    _, agents = parts(game)
    profile = np.asarray(game.initial_profile("uniform", 0))
    passed = np.asarray(game.evaluate(profile).visitation)[:, 0] > 0
    several = np.asarray(game.bush.mask).sum(axis=1) > 1
    assert (passed & ~several).any()
    np.testing.assert_array_equal(agents[agents < len(profile)], np.flatnonzero(passed & several))
    n_classes = 1 if game.classes is None else len(game.classes.names)
    assert np.sum(agents == len(profile)) >= n_classes


def test_where_nobody_has_a_choice_loads_are_those_of_the_whole_game(x64: None) -> None:
    game = pt.RoutingGame.from_links([(1, 2), (2, 3)], pt.link_costs.polynomial([[1, 2], [0, 1]]),
                                     [(1, 3, 5), (2, 3, 2)], policies="destination", weight=0.5)
    small, agents = parts(game)
    assert (agents == len(game.rows.node)).all()
    profile = np.asarray(game.initial_profile("uniform", 0))
    _, loads = told(small, taken_over(small, agents, profile))
    np.testing.assert_allclose(loads, [5, 7], rtol=1e-15)


def test_games_of_types_and_agents_and_of_costs_by_table_stay_whole(
        monkeypatch: pytest.MonkeyPatch) -> None:
    roads = Roads(1, 9, AGENTS, extra=14)
    for policies in ("type", "agent"):
        assert roads.game(1, policies=policies).contracted() is None
    links = len(roads.links)
    table = pt.link_costs.tabulated(np.ones((links, 1)) * np.arange(200.0))
    assert roads.game(1, costs=table, weight=1.0).contracted() is None
    by_polynomials = roads.game(1, policies="destination")
    assert by_polynomials.contracted() is not None
    monkeypatch.setattr(contraction, "ROWS", 1 / len(by_polynomials.rows.node))
    assert by_polynomials.contracted() is None, "too little is left out"


def test_games_of_many_rows_are_contracted(monkeypatch: pytest.MonkeyPatch) -> None:
    game = drawn("polynomials", 1)
    for fewest, many in ((len(game.rows.node), True), (len(game.rows.node) + 1, False)):
        monkeypatch.setattr(contraction, "FEWEST", fewest)
        assert (game.contracted() is not None) == many


def test_programs_of_small_policies_and_of_whole_games_are_compiled_soon(
        monkeypatch: pytest.MonkeyPatch) -> None:
    game = drawn("polynomials", 1)
    part, _ = game.contracted()
    for limit in (part.rows.usable.size, part.rows.usable.size + 1):
        monkeypatch.setattr(rows, "LARGE", limit)
        # In the whole game few iterations are made, if it is large.
        assert game.small
        assert part.small == (part.rows.usable.size < limit)


def test_parts_of_small_games_have_two_sizes_and_of_large_ones_three(
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs are compiled for each; of a small game they take longer than what they save."""
    monkeypatch.setattr(contraction, "ROWS", 1.0)
    monkeypatch.setattr(contraction, "ENTRIES", 1.0)
    whole = drawn("polynomials", 1).rows
    n_rows, n_entries = len(whole.node), whole.usable.size
    for limit, least in ((0, 4), (2**40, 2)):
        monkeypatch.setattr(rows, "LARGE", limit)
        assert contraction._room(whole, 1, 1) == (n_rows // least, n_entries // least)
        assert contraction._room(whole, n_rows, 1) == (n_rows, n_entries)
        assert contraction._room(whole, n_rows + 1, 1) is None


@pytest.mark.parametrize("kind", ["polynomials", "weights"])
def test_bushes_of_large_games_keep_what_is_used_or_nearly_as_good(
        kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is better than what is used is on the bush, whatever the size of the game."""
    game = drawn(kind, 2, reorient_every=5)
    game, profile = on_a_random_bush(game, 4)
    # Whoever takes one link of several for sure leaves the others unused.
    sure = np.where(profile == profile.max(axis=2, keepdims=True), 1.0, 0.0)
    with np.errstate(divide="ignore"):
        log_profile = np.log(sure)
    near = np.asarray(game.reoriented(log_profile)[0].bush.mask)
    monkeypatch.setattr(contraction, "FEWEST", 2**40)
    every = np.asarray(game.reoriented(log_profile)[0].bush.mask)
    assert not (near & ~every).any()
    assert near.sum() < every.sum()
    passed = np.asarray(game.evaluate(sure).visitation) > 0
    assert near[passed & (sure[:, 0] > 0)].all()
    monkeypatch.setattr(contraction, "FEWEST", 0)
    monkeypatch.setattr(contraction, "NEAR", np.inf)
    np.testing.assert_array_equal(np.asarray(game.reoriented(log_profile)[0].bush.mask), every)


def test_entries_that_stand_for_nothing_change_nothing(x64: None) -> None:
    game, profile = on_a_random_bush(drawn("polynomials", 1), 0)
    small, agents = parts(game)
    policy = taken_over(small, agents, profile)
    held = small.rows
    assert isinstance(held, contraction.ContractedRows)
    action, link, times = (np.append(np.asarray(kind), more) for kind, more in zip(
        (held.entry_action, held.entry_link, held.entry_times),
        (held.usable.size, held.n_links, 7.0), strict=True))
    further = dataclasses.replace(small, rows=dataclasses.replace(
        held, entry_action=action, entry_link=link, entry_times=times))
    for found, expected in zip(jax.tree.leaves(told(further, policy)),
                               jax.tree.leaves(told(small, policy)), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_where_nobody_goes_what_is_nearly_cheapest_is_kept_alone(
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody learns there, so that a policy says nothing of what is good. Loads do not matter, and
    all trips take their best path."""
    monkeypatch.setattr(contraction, "NEAR", 0.0)
    roads = Roads(2, 9, AGENTS, policies="destination", extra=14)
    times = np.random.default_rng(0).uniform(0.5, 1.5, len(roads.links))
    game = roads.game(1, costs=pt.link_costs.polynomial(np.column_stack([times, 0 * times])))
    cost = np.append(times, np.inf)[game.rows.link]
    best = (cost + bushes.cheapest(game.rows, np.where(game.rows.usable, cost, 0.0))[
        game.rows.following]).argmin(axis=1)
    profile = np.asarray(game.initial_profile("uniform", 0)).copy()
    sure = np.eye(profile.shape[2])[best, None]
    passed = bushes.passed(game.rows, sure[:, 0] > 0, np.asarray(game.trips.start) > 0)
    profile[passed] = sure[passed]
    left_out = ~passed & (np.asarray(game.bush.mask).sum(axis=1) > 1)
    assert left_out.any()
    with np.errstate(divide="ignore"):
        found, log_profile = game.reoriented(np.log(profile))
    mask = np.asarray(found.bush.mask)
    assert (mask[left_out].sum(axis=1) == 1).all()
    assert (mask[passed] | (profile[passed, 0] == 0)).all()
    np.testing.assert_allclose(np.exp(log_profile).sum(axis=2), 1.0, rtol=1e-12)


@pytest.mark.parametrize(("better", "kept"), [(0.9995, {0, 1, 3, 4}), (0.5, {0, 1, 2, 3, 4})])
def test_a_bush_holds_unused_links_that_are_nearly_as_good(better: float, kept: set[int]) -> None:
    """Of four roads next to each other, all on the first; or by more where they could do better by
    more."""
    costs = [[1.0, 0.0], [1.0005, 0.0], [1.01, 0.0], [better, 0.0], [0.0, 0.0]]
    links = [(1, 2)] * 4 + [(2, 3)]
    game = pt.RoutingGame.from_links(links, pt.link_costs.polynomial(costs), [(1, 3, 4)],
                                     policies="destination")
    profile = np.isin(game.rows.link, (0, 4)).astype(float)[:, None]
    with np.errstate(divide="ignore"):
        found, _ = game.holding(profile).reoriented(np.log(profile))
    assert {int(link) for link in game.rows.link[np.asarray(found.bush.mask)]} == kept


def test_a_game_whose_entries_would_be_more_than_it_has_stays_whole(
        monkeypatch: pytest.MonkeyPatch) -> None:
    """A long road with a choice of two at each of its ramps, all of whose ways share it."""
    length, ramps = 60, 20
    road = [(k, k + 1) for k in range(1, length)]
    ways = [(length + ramp, 1) for ramp in range(1, ramps + 1) for _ in range(2)]
    links = [*road, *ways]
    costs = pt.link_costs.polynomial(np.ones((len(links), 2)))
    game = pt.RoutingGame.from_links(links, costs, [(length + ramp, length, 3) for ramp in
                                                    range(1, ramps + 1)], policies="destination")
    entries = 2 * ramps * length
    for share, contracted in ((entries / game.rows.usable.size, True), (1.0, False)):
        monkeypatch.setattr(contraction, "ENTRIES", 1.5 * share)
        assert (game.contracted() is not None) == contracted
