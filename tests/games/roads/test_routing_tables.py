"""Routing games against their own tables: the same values, potentials, best responses and gains."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games import limits
from potentia.games.roads import link_costs, normal_form
from potentia.games.roads import table as position_table
from potentia.games.roads.normal_form import over_paths
from potentia.games.roads.table import by_position
from roads import Roads, acyclic_profile, changed, path_links, simple_paths

DRAWS = 8
STATIC = {
    "types of their own, in cycles": Roads(2, 5, (1, 1, 2), costs="bpr"),
    "four alike without cycles": Roads(3, 6, (4,), cycles=False, costs="rough", extra=5),
    "agents apart without cycles": Roads(5, 6, (3, 1), policies="agent", cycles=False, costs=1),
    "agents apart, high powers": Roads(6, 4, (2, 1), policies="agent", costs=8, extra=6),
    "destinations": Roads(7, 5, (1, 2, 1), policies="destination", costs="bpr"),
}
STEPS = {
    "agents apart by step": Roads(13, 4, (2, 1), policies="agent", horizon=4),
    "without cycles by step": Roads(14, 5, (1, 2), cycles=False, horizon=5, costs="bpr"),
    "destinations by step": Roads(15, 4, (1, 1), policies="destination", horizon=4, costs=2),
}


def close(found: object, truth: object, size: float, within: float = 1e-10) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(truth, float), rtol=0,
                               atol=within * size)


def of_agents(game: pt.RoutingGame, by_type: np.ndarray) -> np.ndarray:
    return np.repeat(by_type, game.trips.count, axis=0)


def totals_agree(game: pt.RoutingGame, table: pt.MarkovGame, profile: np.ndarray,
                 played: np.ndarray,
                 size: float) -> None:
    """Values, welfare, potential and best responses; by destination the last are bounds."""
    response, best = game.best_response(profile), table.best_response(played)
    values = best.current[:, 0]                     # play starts in the first state
    close(game.welfare(profile), values.sum(), size)
    close(game.potential(profile), table.potential(played), size)
    assert (best.gain <= of_agents(game, response.gain + response.error) + best.error).all()
    if game.shared is not None:
        assert (values >= of_agents(game, response.current[:, 0]) - 1e-12 * size).all()
        return
    close(of_agents(game, game.start_values(profile)), values, size)
    close(of_agents(game, response.gain), best.gain, size)
    close(of_agents(game, response.value[:, 0]), values + best.gain, size)
    assert (np.abs(of_agents(game, response.gain) - best.gain) <= of_agents(game, response.error)
            + best.error).all()
    close(game.relative_gap(profile), best.gain.sum() / -values.sum(), size / -values.sum())


def potential_is_exact(game: pt.RoutingGame, profile: np.ndarray, other: np.ndarray,
                       size: float) -> None:
    """Whoever changes alone changes the potential as much as its own value."""
    for of_type in np.flatnonzero(game.trips.count == 1):
        after = changed(game, profile, other, of_type)
        own = (game.start_values(after) - game.start_values(profile))[of_type]
        close(game.potential(after) - game.potential(profile), own, size)


@pytest.mark.parametrize("name", STATIC)
def test_loads_of_whole_trips_agree_with_the_normal_form(name):
    roads = STATIC[name]
    for seed in range(DRAWS):
        game = roads.game(seed)
        table, paths = game.normal_form()
        profile, other = acyclic_profile(game, seed,
                                         pure=seed == 1), acyclic_profile(game, seed + 100)
        played = over_paths(game, profile)
        size = float(np.abs(table.rewards).max())
        close(played.sum(axis=-1), 1, 1.0, 1e-14)
        totals_agree(game, table, profile, played, size)
        if game.shared is not None:
            continue
        evaluation, truth = game.evaluate(profile), table.evaluate(played)
        by_type = np.cumsum(game.trips.count) - 1
        paid = evaluation.q[:, 0] - np.append(evaluation.v[:, 0], 0.0)[game.rows.following]
        held = np.asarray(game.holding(profile).bush.mask)
        for of_type, (agent, listed) in enumerate(zip(by_type, paths, strict=True)):
            probability = played[agent, 0]
            for number, path in enumerate(listed):
                if all(held[step] for step in path):
                    close(sum(paid[step] for step in path), truth.q[agent, 0, number], size)
            for row in np.flatnonzero(np.asarray(game.rows.group) == of_type):
                passing = [row in dict(path) for path in listed]
                close(evaluation.visitation[row, 0], probability[:len(listed)][passing].sum(), 1.0,
                      1e-13)
        potential_is_exact(game, profile, other, size)


@pytest.mark.parametrize("name", STEPS)
def test_loads_by_step_agree_with_the_game_of_time_and_positions(name):
    roads = STEPS[name]
    for seed in range(DRAWS):
        game = roads.game(seed)
        table = game.tabular()
        assert table.separable  # so that its best responses by time and node are exact
        profile, other = acyclic_profile(game, seed,
                                         pure=seed == 1), acyclic_profile(game, seed + 100)
        played = by_position(game, profile)
        size = float(np.abs(table.rewards).max()) * roads.horizon
        totals_agree(game, table, profile, played, size)
        if game.shared is not None:
            continue
        evaluation, truth, at = game.evaluate(profile), table.evaluate(
            played), position_table._positions(game)
        for agent in range(game.n_agents):
            _, first = np.unique(at.seen[agent], return_index=True)
            row = at.row[first, agent]
            known = (truth.visitation[agent, :len(row)] > 0) & (row < len(game.rows.node))
            row, h = row[known], np.flatnonzero(known)
            close(evaluation.visitation[row, 0], truth.visitation[agent, h], 1.0, 1e-13)
            close(evaluation.v[row, 0], truth.v[agent, h], size)
            exists = np.asarray(game.holding(profile).bush.mask)[row]
            close(np.where(exists, evaluation.q[row, 0], 0), np.where(exists, truth.q[agent, h], 0),
                  size)
        potential_is_exact(game, profile, other, size)


def test_a_normal_form_of_whole_walks_agrees_with_loads_by_step():
    game = STEPS["without cycles by step"].game(0)
    table, _ = game.normal_form()
    profile = acyclic_profile(game, 0)
    totals_agree(game, table, profile, over_paths(game, profile),
                 float(np.abs(table.rewards).max()))


def test_best_responses_by_step_are_the_best_of_all_pure_policies_by_node_and_time():
    game = STEPS["agents apart by step"].game(5)
    table, profile = game.tabular(), acyclic_profile(game, 5)
    response = game.best_response(profile)
    for of_type in range(len(game.trips.count)):
        # Where an agent has no choice, or does not come at all, there is nothing to try.
        rows = np.flatnonzero((np.asarray(game.rows.group) == of_type)
                              & (game.rows.usable.sum(axis=1) > 1))
        values = []
        for actions in itertools.product(*[np.flatnonzero(game.rows.usable[row]) for row in rows]):
            other = profile.copy()
            other[rows, 0] = np.eye(profile.shape[2])[list(actions)]
            values.append(table.start_values(by_position(game, other))[of_type])
        assert 2 <= len(values) <= 4096
        close(response.value[of_type, 0], max(values), np.abs(table.rewards).max())


@pytest.mark.parametrize("name", ["types of their own, in cycles", "destinations"])
def test_a_normal_form_has_all_simple_paths_and_pays_what_their_links_cost(name):
    roads = STATIC[name]
    game = roads.game(0)
    table, paths = game.normal_form()
    demand = zip(game.trips.origin, game.trips.destination, game.trips.count, strict=True)
    listed = [[path_links(game, path) for path in of_type] for of_type in paths]
    agents = []
    for (origin, destination, count), found in zip(demand, listed, strict=True):
        assert {tuple(path) for path in found} == simple_paths(roads.links, origin, destination)
        assert len(found) == len({tuple(path) for path in found})
        agents += [found] * count
    coefficients = np.asarray(game.costs.coefficients)
    for joint, choice in enumerate(itertools.product(*agents)):
        load = np.zeros(len(roads.links))
        for path in choice:
            load[path] += game.weight
        cost = sum(column * load**power for power, column in enumerate(coefficients.T))
        close(table.rewards[0, joint], [-cost[path].sum() for path in choice],
              np.abs(table.rewards).max(), 1e-13)


def test_two_agents_who_meet_at_a_step_pay_for_each_other_then_and_only_then():
    """1-2-3, and 1-3 at once: agents from 1 and 2 may be on 2-3 at the same step, or one after the
    other."""
    game = pt.RoutingGame.from_links([(1, 2), (2, 3), (1, 3)],
                                     link_costs.polynomial([[1, 0], [0, 1], [5, 0]]),
                                     [(1, 3, 1), (2, 3, 1), (1, 2, 1)], horizon=2)
    table = game.tabular()
    # The start; the first agent on its way, the others there; the end.
    assert table.n_states == 3
    assert table.action_counts == (2, 2, 2)
    np.testing.assert_array_equal(table.information, [[0, 1, 2], [0, 1, 2], [0, 1, 2]])
    np.testing.assert_array_equal(table.mask.sum(axis=-1), [[2, 1, 1], [1, 1, 1], [1, 1, 1]])
    profile = np.where(np.asarray(game.usable), 1.0, 0.0)
    profile /= profile.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(table.start_values(by_position(game, profile)),
                               [-(0.5 * 2 + 0.5 * 5), -1, -1],
                               rtol=1e-15)


def test_functions_and_tables_of_costs_convert_too():
    table = np.array([[1.0, 4.0], [2.0, 3.0]])
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], link_costs.tabulated(table), [(1, 2, 2)],
                                     weight=0.3)
    np.testing.assert_array_equal(game.normal_form()[0].rewards[0],
                                  [[-4, -4], [-1, -2], [-2, -1], [-3, -3]])


def test_a_profile_that_has_a_cycle_has_no_path_profile():
    game = pt.RoutingGame.from_links([(1, 2), (2, 1), (1, 3), (2, 3)],
                                     link_costs.polynomial([[1.0, 1.0]] * 4),
                                     [(1, 3, 2)])
    everything = np.asarray(game.usable) / np.asarray(game.usable).sum(axis=-1, keepdims=True)
    with pytest.raises(InputError, match=r"^profile uses links that form a cycle"):
        over_paths(game, everything)


def wide(count: int, agents: int, **other) -> pt.RoutingGame:
    """So many links from 1 to 2, and from 2 to 3."""
    links = [(1, 2)] * count + [(2, 3)] * count
    return pt.RoutingGame.from_links(links, link_costs.polynomial([[1.0, 1.0]] * len(links)),
                                     [(1, 3, agents)], **other)


REFUSED = {
    "many agents": (lambda: wide(1, 63).normal_form(),
                    r"^n_agents is 63, but a table of joint actions takes at most 62; the routing "
                    r"game itself needs"),
    "many agents by step": (lambda: wide(1, 63, horizon=2).tabular(),
                            r"^n_agents is 63, but a table"),
    "many paths": (lambda: wide(10, 4).normal_form(),
                   r"^n_agents=4 needs a table of at least 1 states x [\d,]+ joint actions, "
                   r"2,0\d\d MB, but the limit "
                   r"is 2,000 MB; the routing game itself needs no table$"),
    "many joint actions": (lambda: wide(10, 8, horizon=2).tabular(),
                           r"^n_agents=8 needs a table of at least 2 states x 100,000,000 joint "
                           r"actions, 16,000 MB"),
    "no horizon": (lambda: wide(2, 2).tabular(),
                   r"^game has no horizon: its loads are of all trips.*normal_form\(\)"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_table_is_refused_with_the_numbers(case):
    build, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)


def test_states_are_counted_as_they_are_found(monkeypatch):
    assert wide(2, 2, horizon=2).tabular().n_states == 3
    # two states of four joint actions have 256 bytes, three 384
    monkeypatch.setattr(limits, "LIMIT_GB", 3e-7)
    with pytest.raises(InputError,
                       match=r"^n_agents=2 needs a table of at least 3 states x 4 joint actions"):
        wide(2, 2, horizon=2).tabular()


def test_more_paths_of_one_agent_than_can_be_listed_are_refused(monkeypatch):
    monkeypatch.setattr(normal_form, "MOST_PATHS", 8)
    assert len(wide(2, 1).normal_form()[1][0]) == 4
    with pytest.raises(InputError,
                       match=r"^from 1 to 3 there are more than 8 paths, the limit of a table; the "
                             r"rout"):
        wide(3, 1).normal_form()
