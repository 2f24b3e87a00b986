"""Maximum welfare against brute force in fractions; prices against closed forms; what is left out
is said."""

from __future__ import annotations

import dataclasses
import itertools
import re
from fractions import Fraction

import numpy as np
import pytest

import potentia as pt
from potentia import welfare
from potentia.console.bounds import above, below
from potentia.errors import InputError
from slow_markov import SlowGame, random_arrays, random_profile
from small_games import DILEMMA, FAR, PENNIES, static


def routing(strategies: list[list[list[str]]], cost) -> pt.MarkovGame:
    """Atomic routing once: each agent takes one of its sets of roads, at cost(road, load) each;
    costs are negative."""
    rewards = np.zeros((len(strategies), *map(len, strategies)))
    for choice in itertools.product(*[range(len(own)) for own in strategies]):
        taken = [strategies[i][k] for i, k in enumerate(choice)]
        for agent, roads in enumerate(taken):
            rewards[(agent, *choice)] = -sum(cost(road, sum(road in other for other in taken))
                                             for road in roads)
    return static(rewards)


def pigou(n_agents: int) -> pt.MarkovGame:
    """A road of constant cost 1 beside one that costs the share of agents on it."""
    return routing([[["wide"], ["narrow"]]] * n_agents,
                   lambda road, load: 1 if road == "wide" else Fraction(load, n_agents))


@pytest.mark.parametrize("n_agents", [2, 4, 6])
def test_pigou_costs_a_third_more(n_agents):
    """All on the narrow road: cost n against 3n/4. One on the wide road is an equilibrium by a tie:
    n - 1 + 1/n."""
    cost = welfare.report(pigou(n_agents), starts=0)
    assert cost.maximum_welfare == pytest.approx(-3 * n_agents / 4, rel=1e-14)
    assert cost.price_of_anarchy == pytest.approx(4 / 3, rel=1e-14)
    assert cost.price_of_stability == pytest.approx((n_agents - 1 + 1 / n_agents)
                                                    / (3 * n_agents / 4), rel=1e-14)
    assert cost.n_pure == 1 + n_agents
    assert sorted(cost.optimal_policy[0].tolist()) == [0] * (n_agents // 2) + [1] * (n_agents // 2)


def test_linear_congestion_can_cost_two_and_a_half_times_as_much():
    """Christodoulou and Koutsoupias, The price of anarchy of finite congestion games (STOC 2005),
    Theorem 1."""
    game = routing([[[f"g{i}", f"h{i}"], [f"g{(i + 1) % 3}", f"h{(i + 1) % 3}", f"h{(i + 2) % 3}"]]
                    for i in range(3)], lambda _, load: load)
    cost = welfare.report(game, starts=0)
    assert (cost.best_pure, cost.worst_pure) == (-6.0, -15.0)
    assert cost.price_of_anarchy == pytest.approx(5 / 2, rel=1e-14)
    assert cost.price_of_stability == pytest.approx(1, rel=1e-14)


def braess(bridge: bool) -> pt.MarkovGame:
    """Four agents from s to t; half of the roads cost 1 an agent, the other half 4.5; the bridge
    costs nothing."""
    roads = [["sa", "at"], ["sb", "bt"], *([["sa", "ab", "bt"]] if bridge else [])]
    cost = {"sa": lambda k: k, "bt": lambda k: k, "at": lambda _: 4.5, "sb": lambda _: 4.5,
            "ab": lambda _: 0}
    return routing([roads] * 4, lambda road, load: cost[road](load))


def test_braess_bridge_makes_everybody_worse_off():
    """Without it 2 + 4.5 each. With it all cross it at 4 + 4 each; the best play leaves it
    alone."""
    without, having = welfare.report(braess(False),
                                     starts=0), welfare.report(braess(True), starts=0)
    assert (without.worst_pure, without.price_of_anarchy) == (-26.0, 1.0)
    assert having.worst_pure == -32.0
    assert having.maximum_welfare == pytest.approx(-26.0, rel=1e-14)
    assert having.price_of_anarchy == pytest.approx(32 / 26, rel=1e-14)


def test_the_dilemma_costs_two_thirds_of_the_welfare():
    """Both cooperate at 3 for ever, both defect at 1: 60 against 20 at discount .9."""
    cost = welfare.report(DILEMMA, np.array([[[1.0, 0.0]], [[0.0, 1.0]]]), starts=3)
    assert cost.maximum_welfare <= 60 <= cost.maximum_welfare_upper
    assert cost.maximum_welfare_upper - cost.maximum_welfare <= 1e-10
    np.testing.assert_array_equal(cost.optimal_policy, [[0, 0]])
    assert cost.welfare == pytest.approx(50)
    assert cost.efficiency == pytest.approx(5 / 6)
    assert (cost.n_pure, cost.anarchy_note) == (1, "of the worst of all pure equilibria")
    assert cost.price_of_anarchy == cost.price_of_stability == pytest.approx(3)
    np.testing.assert_allclose(cost.reached, 20, atol=1e-3)
    assert (cost.reached_gap <= 1e-4).all()


def test_one_sign_convention():
    """The dilemma with 6 less a step is in costs: 60 - 120 against 20 - 120. With 2.5 less the sign
    changes."""
    costs, mixed, never = (welfare.report(dataclasses.replace(
        DILEMMA, rewards=np.asarray(DILEMMA.rewards) - less),
                                          random_profile(0, np.asarray(DILEMMA.mask)), starts=0)
                           for less in (6.0, 2.5, 3.0))
    assert costs.price_of_anarchy == pytest.approx(100 / 60)
    assert 0.6 < costs.efficiency < 1
    for undefined in (mixed, never):  # 10 against -30, 0 against -40
        assert undefined.price_of_anarchy is None
        assert undefined.price_of_stability is None
        assert (undefined.anarchy_note == undefined.stability_note
                == "undefined: welfare changes sign or is 0")
        page = str(undefined).splitlines()
        assert f"{'price of anarchy:':<40}undefined: welfare changes sign or is 0" in page
        assert f"{'price of stability:':<40}undefined: welfare changes sign or is 0" in page
    assert never.efficiency is None


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("discount", [0.0, 0.9])
def test_maximum_welfare_is_that_of_brute_force(seed, discount):
    """Over all deterministic joint policies, in fractions; the bounds hold without any
    tolerance."""
    arrays = random_arrays(seed, (2, 2), 2, discount, masked=seed % 2 == 1)
    game, slow = pt.MarkovGame.from_arrays(**arrays), SlowGame.of(arrays)
    joint = list(itertools.product(slow.joint_actions(0), slow.joint_actions(1)))

    def worth(actions: object) -> Fraction:
        policies = slow.policies(np.eye(2)[np.transpose(actions)])
        return (slow.values(*slow.average(policies)) @ slow.initial).sum()
    truth = max(map(worth, joint))
    cost = welfare.report(game, starts=0)
    assert cost.maximum_welfare <= truth <= cost.maximum_welfare_upper
    assert cost.maximum_welfare_upper - cost.maximum_welfare <= 1e-11
    assert worth(cost.optimal_policy) == pytest.approx(truth, rel=1e-14)


@pytest.mark.parametrize("seed", range(3))
def test_with_common_rewards_stability_is_free(seed):
    arrays = random_arrays(seed, (2, 3), 2, 0.9)
    arrays["rewards"] = np.repeat(np.abs(arrays["rewards"][:1]), 2, axis=0)
    cost = welfare.report(pt.MarkovGame.from_arrays(**arrays), starts=0)
    assert cost.price_of_stability == pytest.approx(1, rel=1e-12)
    assert cost.best_pure == pytest.approx(cost.maximum_welfare, rel=1e-12)
    assert cost.price_of_anarchy >= cost.price_of_stability >= 1


def test_relabelling_changes_nothing():
    """Agents, states and the second agent's actions in reverse order."""
    arrays = random_arrays(2, (2, 3), 2, 0.9)
    arrays["rewards"] = np.abs(arrays["rewards"])
    swapped = {"discount": 0.9, "rewards": arrays["rewards"][::-1, ::-1].swapaxes(2, 3)[:, :, ::-1],
               "transitions": arrays["transitions"][::-1, ..., ::-1].swapaxes(1, 2)[:, ::-1],
               "initial": arrays["initial"][::-1]}
    ours, theirs = (welfare.report(pt.MarkovGame.from_arrays(**each), starts=0)
                    for each in (arrays, swapped))
    assert ours.n_pure > 0
    for name in ("maximum_welfare", "worst_pure", "best_pure", "n_pure", "price_of_anarchy"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-12)
    relabelled = theirs.optimal_policy[::-1, ::-1].copy()
    relabelled[:, 1] = 2 - relabelled[:, 1]
    np.testing.assert_array_equal(relabelled, ours.optimal_policy)


def test_the_planner_of_four_agents_on_the_papers_network():
    """Two on each edge, then one, then two: 4 (1/2 + .99 + .9801/2) = 7.9202."""
    game = pt.games.make("stochastic-congestion", n_agents=4)
    cost = welfare.report(game, game.initial_profile("uniform", None), starts=0)
    assert cost.maximum_welfare == pytest.approx(7.9202, abs=1e-12)
    assert cost.welfare == pytest.approx(float(game.welfare(game.initial_profile("uniform", None))),
                                         rel=1e-13)
    assert cost.n_pure is None
    assert cost.pure_note == "not counted: about 10^20 pure profiles, but the limit is 262,144"


def test_agents_that_see_less_are_measured_by_a_planner_that_sees_all():
    game = pt.games.make("stochastic-congestion", n_agents=3, observe="own")
    cost = welfare.report(game, starts=0)
    assert "a planner that sees the state: an upper bound" in cost.maximum_note
    assert cost.maximum_welfare_upper >= cost.best_pure >= cost.worst_pure
    assert welfare.report(DILEMMA, starts=0).maximum_note == "over all joint policies"


def test_a_large_game_is_planned_and_the_rest_is_said_to_be_missing():
    game = pt.games.make("distancing", n_agents=8)
    cost = welfare.report(game, starts=200)
    assert cost.maximum_welfare == pytest.approx(cost.maximum_welfare_upper, rel=1e-9)
    assert cost.pure_note == "not counted: 4,294,967,296 pure profiles, but the limit is 262,144"
    assert cost.reached_note == ("left out: 200 runs of 50 iterations would read 1e+10 table "
                                 "entries, but the limit is 5e+09")
    assert cost.price_of_anarchy is None
    assert cost.anarchy_note == cost.stability_note == ("unknown: pure equilibria were not "
                                                        "counted; without runs there is nothing to "
                                                        "climb from")


def test_how_many_pure_profiles_are_tried_can_be_asked_for():
    game = static(np.random.default_rng(0).integers(1, 9, (2, 3, 3)))
    assert welfare.report(game, starts=0, limit=9).n_pure is not None
    assert welfare.report(game, starts=0,
                          limit=8).pure_note == "not counted: 9 pure profiles, but the limit is 8"
    with pytest.raises(InputError, match="limit is 0, but it must be at least 1"):
        welfare.report(game, starts=0, limit=0)


def test_equilibria_that_were_reached_bound_the_price_from_below(monkeypatch):
    """A coordination game with two pure equilibria, worth 2 and 6: both are reached, and none is
    counted."""
    game = static([[[1, 0], [0, 3]]] * 2)
    counted = welfare.report(game, starts=0)
    monkeypatch.setattr("potentia.welfare.costs.MOST_PROFILES", 3)
    cost = welfare.report(game, starts=12, seed=1)
    assert cost.n_pure is cost.worst_pure is cost.best_pure is None
    assert counted.price_of_anarchy == pytest.approx(3)
    assert cost.price_of_anarchy == pytest.approx(3, rel=1e-14)
    how = "best-response ascent from the 4 runs of least welfare, of at most 1,000 moves, found 4"
    page = str(cost).splitlines()
    anarchy = page.index(f"{'price of anarchy:':<40}at least {below(cost.price_of_anarchy)}")
    assert page[anarchy + 1:anarchy + 4] == [
        f"{'':<40}pure equilibria were not counted; a lower bound over them by the worst known: "
        f"{how}",
        f"{'price of stability:':<40}at most {above(cost.price_of_stability)}",
        f"{'':<40}pure equilibria were not counted; an upper bound over them by the best known"]
    assert f"{'pure equilibria:':<40}not counted: 4 pure profiles, but the limit is 3" in page
    assert set(np.round(cost.reached, 3)) == {2.0, 6.0}
    counts, edges = cost.histogram(bins=4)
    assert counts.sum() == 12
    assert counts[1:3].sum() == 0
    assert edges[[0, -1]] == pytest.approx([2, 6], rel=1e-3)
    again = welfare.report(game, starts=12, seed=1)
    np.testing.assert_array_equal(cost.reached, again.reached)


@pytest.mark.parametrize(("action", "price"), [(0, 3), (1, 1)])
@pytest.mark.parametrize("mixed", [0.0, 1e-9])
def test_a_given_equilibrium_bounds_the_prices(monkeypatch, action, price, mixed):
    """The same game, given one of its equilibria, exactly or as learning ends near it."""
    monkeypatch.setattr("potentia.welfare.costs.MOST_PROFILES", 3)
    profile = np.full((2, 1, 2), mixed)
    profile[:, :, action] = 1 - mixed
    cost = welfare.report(static([[[1, 0], [0, 3]]] * 2), profile, starts=0)
    assert (cost.price_of_anarchy, cost.price_of_stability) == pytest.approx((price, price))
    assert "ascent from the profile given, of at most 1,000 moves, found 1" in cost.anarchy_note
    told = above(cost.price_of_stability)
    assert f"{'price of stability:':<40}at most {told}" in str(cost).splitlines()


def test_what_a_better_equilibrium_would_cost_is_unknown_where_the_known_one_is_worth_nothing(
        monkeypatch):
    monkeypatch.setattr("potentia.welfare.costs.MOST_PROFILES", 3)
    cost = welfare.report(static([[[-1, -2], [-2, 3]]] * 2), np.eye(2)[[[0], [0]]], starts=0)
    assert cost.anarchy_note == "undefined: welfare changes sign or is 0"
    assert cost.stability_note == "unknown: that of the best pure equilibrium known is undefined"


def test_a_run_that_goes_in_cycles_is_no_equilibrium():
    game = dataclasses.replace(PENNIES, rewards=np.asarray(PENNIES.rewards) + np.array([3.0, 2.0]))
    cost = welfare.report(game, starts=1)
    assert cost.reached.shape == cost.reached_gap.shape == (1,)
    assert cost.reached_gap[0] > 0.1
    assert (cost.n_pure, cost.price_of_anarchy) == (0, None)
    assert cost.pure_note == "all 4 pure profiles tried; in each somebody gains"
    assert (cost.stability_note
            == "undefined: there is no pure equilibrium (any equilibrium is mixed)")
    page = str(cost).splitlines()
    assert f"{'price of stability:':<40}{cost.stability_note}" in page
    assert [line.endswith("(largest); any equilibrium is mixed") for line in page
            if "certified Nash gaps" in line] == \
        [True]
    assert cost.anarchy_note == (f"{cost.stability_note}; the worst run ended at welfare "
                                 f"{cost.reached[0]:.6g} with a certified Nash gap of at most "
                                 f"{above(cost.reached_gap[0], '.3g')}, which bounds no price")


def far_off() -> pt.MarkovGame:
    """Matching pennies with 10 for the other's first action: all Nash profiles are worth 11, the
    price is 21 / 11."""
    first, second = np.full((3, 3), -1.0), np.full((3, 3), -1.0)
    first[:2, :2] = np.eye(2) + 10 * np.array([[1, 0], [1, 0]])
    second[:2, :2] = 1 - np.eye(2) + 10 * np.array([[1, 1], [0, 0]])
    first[2, 2] = second[2, 2] = -1e4                              # it makes any gap look small
    return static([first, second])


@pytest.mark.parametrize("counted", [True, False])
def test_profiles_that_are_nearly_nash_bound_no_price(monkeypatch, counted):
    if not counted:
        monkeypatch.setattr("potentia.welfare.costs.MOST_PROFILES", 1)
    cost = welfare.report(far_off())
    assert (cost.reached < 11 - 0.5).any()
    assert (cost.reached_gap <= 1e-4 * 1e4).all()
    assert cost.price_of_anarchy is None
    assert cost.anarchy_note.endswith("which bounds no price")
    assert f"{'price of anarchy:':<40}{cost.anarchy_note}" in str(cost).splitlines()
    assert cost.anarchy_note.startswith(
        "undefined: there is no pure equilibrium (any equilibrium is mixed); the worst run"
        if counted else
        "unknown: pure equilibria were not counted; best-response ascent from the 4 runs of least "
        "welfare, of at most 1,000 moves, found none; the worst run")


def test_a_game_too_large_to_climb_says_so(monkeypatch):
    monkeypatch.setattr("potentia.welfare.costs.MOST_PROFILES", 1)
    monkeypatch.setattr("potentia.welfare.climbing.BUDGET", 20)
    cost = welfare.report(DILEMMA, starts=2)
    assert cost.price_of_anarchy is None
    assert "the game is too large to look for some by best-response ascent" in cost.anarchy_note
    for action, price, found in ((0, None, "none"), (1, 3, "one")):
        cost = welfare.report(DILEMMA, np.eye(2)[[[action]] * 2], starts=0)
        assert cost.price_of_anarchy == cost.price_of_stability == (price and pytest.approx(price))
        assert f"by best-response ascent; the profile given is {found}" in cost.anarchy_note


def test_a_reward_that_is_never_paid_adds_no_equilibrium():
    cost = welfare.report(static([FAR, FAR]), starts=0)
    assert (cost.n_pure, cost.worst_pure) == (1, 0.12)
    assert re.fullmatch(r"all 9 pure profiles tried; nobody gains more than \d(\.\d)?e-1\d by one "
                        r"action in any state "
                        r"that play can reach", cost.pure_note)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(("discount", "starts"), [(0.0, 0), (0.0, 2), (0.9, 0)])
def test_welfare_that_overflows_is_refused_without_a_warning(sign, discount, starts):
    table = sign * np.random.default_rng(0).uniform(0.9, 1, size=(2, 2, 2)) * 1.7e308
    with pytest.raises(InputError,
                       match=r"^the maximum welfare overflows float64: the sum of the agents' "
                             r"rewards is"):
        welfare.report(static(table, discount), starts=starts)


def test_bounds_that_overflow_are_refused_without_a_warning():
    with pytest.raises(InputError, match="overflow"):
        welfare.report(static(np.full((2, 2, 2), 8e307), 0.9), starts=0)


def shown(reached: object) -> welfare.WelfareReport:
    cost = welfare.report(DILEMMA, starts=0)
    found = np.asarray(reached, float)
    return dataclasses.replace(cost, reached=found, reached_gap=np.zeros(found.size),
                               reached_note="by hand")


@pytest.mark.parametrize("reached", [[], [0.0], [5.0] * 7, [1.0, np.nextafter(1.0, 2)], [0, 5e-324],
                                     [-1e9, -1e9 - 1e-6], [1.0, 2.0, 4.0]])
def test_a_histogram_holds_every_run(reached):
    counts, edges = shown(reached).histogram()
    assert counts.sum() == len(reached)
    assert edges.size == counts.size + 1
    assert (np.diff(edges) > 0).all()


def test_prints_aligned_lines():
    text = str(shown([20.0, 20.0, 50.0])).splitlines()
    assert text[0] == f"{'maximum welfare:':<40}60 (welfare: the sum of the agents' values)"
    assert f"{'price of anarchy:':<40}3" in text
    assert f"{'welfare reached by learning:':<40}3 runs: 20 to 50, median 20" in text
    assert text[-1] == f"{'':<40}{'47':>12} to {'50':<12} {'#' * 15} 1"
    assert not any(line.startswith("welfare of the profile") for line in text)
    given = str(welfare.report(DILEMMA, np.full((2, 1, 2), 0.5), starts=0))
    assert f"{'welfare of the profile:':<40}45 (efficiency 0.75)" in given
    assert f"{'pure equilibria:':<40}1, of welfare 20" in given
    assert given.endswith("left out")
    for alike in ([20.0, 20.0], [0.0]):
        assert "#" not in str(shown(alike))
    assert f"{'welfare reached by learning:':<40}2 runs: 20" in str(
        shown([20.0, 20.0])).splitlines()
    assert f"{'welfare reached by learning:':<40}1 run: 0" in str(shown([0.0])).splitlines()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: welfare.report("distancing"),
     "game is a str, but a welfare report needs a tabular game"),
    (lambda: welfare.report(DILEMMA, np.full((2, 1, 2), 0.6)),
     r"profile\[agent=0, information state=0\] sums to 1\.2"),
    (lambda: welfare.report(DILEMMA, starts=-1), "starts is -1, but it must be at least 0"),
    (lambda: welfare.report(DILEMMA, seed="a"), "seed is 'a', not a whole number"),
    (lambda: welfare.report(DILEMMA, starts=10**400),
     "starts is 10+[.]{3}, but it must be at most 1,000,000"),
    (lambda: welfare.report(DILEMMA, starts=10**5000),
     "starts is a int, but it must be at most 1,000,000"),
    (lambda: shown([1.0]).histogram(2**63),
     "bins is 9223372036854775808, but it must be at most 1,000,000"),
    (lambda: shown([1.0]).histogram(2**64),
     "bins is 18446744073709551616, but it must be at most 1,000,000"),
    (lambda: shown([1.0]).histogram(0), "bins is 0, but it must be at least 1"),
])
def test_refuses_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
